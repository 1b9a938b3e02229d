"""The state of all halls since the morning, kept from what happens as it happens; it forgives as a `Day` does."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from dispatch.learning.happenings import Happening, Kind
from dispatch.waits.queue_days import Day, QueueDay

APART_S = 150.0
"""Calls of a queue that lie closer together are one burst: a clerk runs through numbers nobody answers to."""
TELLING = 6
"""So many of the last bursts tell how the queue is called."""


@dataclass(slots=True)
class Bursts:
    """The calls of a queue as bursts: when each began and ended, and of how many calls it was."""

    began: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def call(self, at: float) -> None:
        """Somebody was called."""
        if self.ended and at - self.ended[-1] <= APART_S:
            self.ended[-1] = at
            self.sizes[-1] += 1
        else:
            self.began.append(at)
            self.ended.append(at)
            self.sizes.append(1)


class Watcher:
    """All halls of today."""

    def __init__(self) -> None:
        self.day = Day()
        self._bursts: dict[tuple[str, str], Bursts] = defaultdict(Bursts)
        self._counts: dict[tuple[str, str], list[tuple[float, int]]] = defaultdict(list)
        self._open: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)

    def see(self, happening: Happening) -> None:
        """Be told what happened."""
        at = self.day.not_before(happening.hall, happening.at)
        queue = self.day.queues.get((happening.hall, happening.queue))
        called = len(queue.calls) if queue else 0
        self.day.see(happening)
        if happening.kind in (Kind.OPENED, Kind.CLOSED):
            self._turn(happening, at)
        elif happening.kind is Kind.COUNTED:
            self._count(happening.hall, happening.queue, at, happening.windows)
        elif queue and len(queue.calls) > called:
            self._bursts[happening.hall, happening.queue].call(at)

    def not_before(self, hall: str, at: float) -> float:
        """The moment, or that of the hall's last happening if it is later."""
        return self.day.not_before(hall, at)

    def queue(self, hall: str, name: str) -> QueueDay:
        """A queue since the morning."""
        return self.day.queue(hall, name)

    def one_more(self, hall: str, name: str, at: float) -> AbstractContextManager[None]:
        """For so long, somebody more has just joined a queue."""
        return self.day.queue(hall, name).one_more(self.not_before(hall, at))

    def of_hall(self, hall: str) -> Sequence[QueueDay]:
        """All queues of a hall that something is known of."""
        return self.day.of_hall(hall)

    def bursts(self, hall: str, name: str) -> Bursts:
        """How a queue was called since the morning."""
        return self._bursts[hall, name]

    def counts(self, hall: str, name: str) -> Sequence[tuple[float, int]]:
        """Since when so many windows served a queue, in the order of time."""
        return self._counts[hall, name]

    def _turn(self, happening: Happening, at: float) -> None:
        """A window turned: every queue that it served or serves now is counted anew."""
        windows = self._open[happening.hall]
        touched = {*windows.pop(happening.window, ()), *happening.queues}
        if happening.kind is Kind.OPENED:
            windows[happening.window] = happening.queues
        for name in sorted(touched):
            serving = sum(name in queues for queues in windows.values())
            self._count(happening.hall, name, at, serving)

    def _count(self, hall: str, name: str, at: float, windows: int) -> None:
        serving = max(0, windows)
        self.day.queue(hall, name).windows = serving
        counts = self._counts[hall, name]
        if not counts or counts[-1][1] != serving:
            counts.append((at, serving))
