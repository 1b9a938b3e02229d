"""What a hall says of itself in its log."""

from dataclasses import dataclass
from typing import Any

from dispatch.foundation.log import Event


@dataclass(frozen=True)
class HallConfigured(Event):
    """The hall's queues and windows are now these; whoever shows them fetches anew."""

    queues: list[dict[str, Any]]
    windows: list[dict[str, Any]]


@dataclass(frozen=True)
class WindowOpened(Event):
    """Somebody sits there and may call."""

    window: str
    window_name: str


@dataclass(frozen=True)
class WindowPaused(Event):
    """Nobody is called to it until it opens again."""

    window: str
    window_name: str


@dataclass(frozen=True)
class WindowClosed(Event):
    """Nobody sits there any more."""

    window: str
    window_name: str
