"""One day of every queue: who joined and who was called when. Forecasts look at it, and its end judges them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from math import inf
from typing import TypeAlias

from dispatch.learning.happenings import Happening, Kind

Key: TypeAlias = tuple[str, str]
"""A hall and a queue of it."""
NOBODY = ""


@dataclass(slots=True)
class QueueDay:
    """A queue since the morning. Places in `joined`, `called` and `left` are those in which people joined."""

    joined: list[float] = field(default_factory=list)
    called: list[float] = field(default_factory=list)
    """When; inf for who is not called, or not yet."""
    left: list[float] = field(default_factory=list)
    """When she stood in this line no more, called or not; inf for who still does."""
    line: dict[str, int] = field(default_factory=dict)
    """Tickets that wait, first come first, and their places."""
    calls: list[float] = field(default_factory=list)
    """The times of all calls, in their order."""
    waited: list[float] = field(default_factory=list)
    """The wait that each of these calls ended."""
    marks: list[float] = field(default_factory=lambda: [-inf])
    """Whenever the line grew or shrank …"""
    busy: list[float] = field(default_factory=lambda: [0.0])
    """… for how many seconds until then somebody had stood in it."""
    windows: int | None = None
    """How many serve it, where that is told."""
    _latest: list[float] = field(default_factory=list)
    """The latest time in `left` up to each place, so that nobody looks far back over an empty line."""

    def join(self, ticket: str, at: float) -> None:
        """Somebody stands in line, at its end."""
        self._step_out(ticket, at)
        self._mark(at)
        self.line[ticket] = len(self.joined)
        self.joined.append(at)
        self.called.append(inf)
        self.left.append(inf)

    @contextmanager
    def one_more(self, at: float) -> Iterator[None]:
        """For so long, somebody more stands at the line's end; then it is as if she had never come."""
        self.join(NOBODY, at)
        try:
            yield
        finally:
            del self.line[NOBODY]
            for told in (self.joined, self.called, self.left, self.marks, self.busy):
                told.pop()

    def call(self, ticket: str, at: float) -> None:
        """She is called; a second call of the same person ends no wait."""
        if (place := self._step_out(ticket, at)) is not None:
            self.called[place] = at
            self.calls.append(at)
            self.waited.append(at - self.joined[place])

    def leave(self, ticket: str, at: float) -> None:
        """She stands in line no more."""
        self._step_out(ticket, at)

    def since(self, at: float) -> float:
        """When the first one joined; the moment that is asked about where nobody has."""
        return self.joined[0] if self.joined else at

    def ahead(self) -> int:
        """How many wait besides the one who joined last."""
        return max(0, len(self.line) - 1)

    def elapsed(self, at: float) -> float:
        """How long the first in line has waited, if somebody waits besides the one who joined last."""
        return at - self.joined[next(iter(self.line.values()))] if len(self.line) > 1 else 0.0

    def calls_since(self, at: float) -> int:
        """How many were called after this moment."""
        return len(self.calls) - bisect_right(self.calls, at)

    def joined_since(self, at: float) -> int:
        """How many joined after this moment."""
        return len(self.joined) - bisect_right(self.joined, at)

    def busy_until(self, at: float) -> float:
        """Seconds of the day until then in which somebody waited; `at` is not before the last happening's half hour."""
        after = bisect_left(self.marks, at)
        if after == len(self.marks):
            return self.busy[-1] + (at - self.marks[-1] if self.line else 0.0)
        return self.busy[after] - min(self.marks[after] - at, self.busy[after] - self.busy[after - 1])

    def wait(self, place: int) -> float | None:
        """How long she waited who joined as this one; None when she was never called."""
        called = self.called[place]
        return None if called == inf else called - self.joined[place]

    def last_wait_at(self, at: float) -> float | None:
        """The wait of whoever stood last in line at that moment and was called later, 0 when nobody did.

        None when nobody joined any more from then on: the queue had closed. To be asked when the day is over.
        """
        if not self.joined or self.joined[-1] < at:
            return None
        if len(self._latest) < len(self.left):
            self._latest = list(accumulate(self.left, max))
        place = bisect_right(self.joined, at) - 1
        while place >= 0 and self._latest[place] > at:
            if self.left[place] > at and self.called[place] != inf:
                return self.called[place] - self.joined[place]
            place -= 1
        return 0.0

    def _step_out(self, ticket: str, at: float) -> int | None:
        if ticket not in self.line:
            return None
        self._mark(at)
        place = self.line.pop(ticket)
        self.left[place] = at
        return place

    def _mark(self, at: float) -> None:
        self.busy.append(self.busy[-1] + (at - self.marks[-1] if self.line else 0.0))
        self.marks.append(at)


class Day:
    """All queues since the morning.

    It forgives: a moment before the last one of its hall counts as that one, and whoever is called without having been
    seen in line changes nothing.
    """

    def __init__(self) -> None:
        self.queues: dict[Key, QueueDay] = {}
        self._halls: dict[str, list[QueueDay]] = {}
        self._latest: dict[str, float] = {}

    def queue(self, hall: str, name: str) -> QueueDay:
        """One queue; an empty one where nothing happened yet."""
        found = self.queues.get((hall, name))
        if found is None:
            found = self.queues[hall, name] = QueueDay()
            self._halls.setdefault(hall, []).append(found)
        return found

    def of_hall(self, hall: str) -> Sequence[QueueDay]:
        """Its queues that something is known of."""
        return self._halls.get(hall, ())

    def not_before(self, hall: str, at: float) -> float:
        """The moment, or that of the hall's last happening if it is later."""
        return max(at, self._latest.get(hall, at))

    def see(self, happening: Happening) -> None:
        """Be told what happened."""
        kind, at = happening.kind, self.not_before(happening.hall, happening.at)
        self._latest[happening.hall] = at
        if kind is Kind.ISSUED:
            self.queue(happening.hall, happening.queue).join(happening.ticket, at)
        elif kind is Kind.CALLED:
            self.queue(happening.hall, happening.queue).call(happening.ticket, at)
        elif kind is Kind.LEFT:
            self.queue(happening.hall, happening.queue).leave(happening.ticket, at)
        elif kind is Kind.COUNTED:
            self.queue(happening.hall, happening.queue).windows = max(0, happening.windows)
