"""A messenger that sends nothing: it keeps the last few messages, and has trouble when it is told to."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from dispatch.ports.messages import NotSent

KEPT = 20


@dataclass
class PretendMessenger:
    """Remembers what it was given within this process."""

    sent: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=KEPT))
    broken: bool = False

    def send(self, number: str, text: str) -> None:
        """Keep the message; NotSent while broken."""
        if self.broken:
            raise NotSent
        self.sent.append((number, text))
