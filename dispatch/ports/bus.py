"""The bus: a tap on the shoulder between processes, saying no more than "hall 7 has 482"."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from typing import Protocol


class Bus(Protocol):
    """Wakes those who tail a log sooner than their own poll would.

    Everything said here is a hint. A lost hint costs a second, a doubled or false one costs a look; the truth is
    always read from the log. So neither method ever raises because the way between the processes is broken.
    """

    def tell(self, hall: str, seq: int) -> None:
        """Say that `hall` has reached `seq`; called after the commit, returns at once, never raises."""

    def listen(self, stop: Event) -> Iterator[set[str] | None]:
        """Yield the halls that moved, or None for "some hall moved"; ends soon after `stop` is set.

        After a break the first thing yielded is None, because hints may have been lost meanwhile.
        """
