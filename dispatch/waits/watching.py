"""The state of all halls since the morning, kept from what happens as it happens.

A watcher forgives: a moment before the last one of its hall counts as that one, and whoever is called without having
been seen in line changes nothing.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

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
        self._latest: dict[str, float] = {}

    def see(self, happening: Happening) -> None:
        """Be told what happened."""
        latest = self._latest.get(happening.hall, happening.at)
        if happening.at < latest:
            happening = replace(happening, at=latest)
        self._latest[happening.hall] = happening.at
        if happening.kind in (Kind.OPENED, Kind.CLOSED):
            self._turn(happening)
        elif happening.kind is Kind.COUNTED:
            self._count(happening.hall, happening.queue, happening.at, happening.windows)
        else:
            self._step(happening)

    def not_before(self, hall: str, at: float) -> float:
        """The moment, or that of the hall's last happening if it is later."""
        return max(at, self._latest.get(hall, at))

    def queue(self, hall: str, name: str) -> QueueDay:
        """A queue since the morning."""
        return self.day.queue(hall, name)

    def of_hall(self, hall: str) -> Sequence[QueueDay]:
        """All queues of a hall that something is known of."""
        return self.day.of_hall(hall)

    def bursts(self, hall: str, name: str) -> Bursts:
        """How a queue was called since the morning."""
        return self._bursts[hall, name]

    def counts(self, hall: str, name: str) -> Sequence[tuple[float, int]]:
        """Since when so many windows served a queue, in the order of time."""
        return self._counts[hall, name]

    def _step(self, happening: Happening) -> None:
        queue = self.day.queue(happening.hall, happening.queue)
        called = len(queue.calls)
        self.day.see(happening)
        if len(queue.calls) > called:
            self._bursts[happening.hall, happening.queue].call(happening.at)

    def _turn(self, happening: Happening) -> None:
        """A window turned: every queue that it served or serves now is counted anew."""
        windows = self._open[happening.hall]
        touched = {*windows.pop(happening.window, ()), *happening.queues}
        if happening.kind is Kind.OPENED:
            windows[happening.window] = happening.queues
        for name in sorted(touched):
            serving = sum(name in queues for queues in windows.values())
            self._count(happening.hall, name, happening.at, serving)

    def _count(self, hall: str, name: str, at: float, windows: int) -> None:
        serving = max(0, windows)
        self.day.queue(hall, name).windows = serving
        counts = self._counts[hall, name]
        if not counts or counts[-1][1] != serving:
            counts.append((at, serving))
