"""The best of many halls without weighing them all: the one that could be best goes first, until none can be better.

What is known of every hall (how far it is at least, when it opens) bounds from below how soon she could be done there.
Halls are weighed by that bound, some at a time; as soon as enough are better than the next one's bound, all others are
worse, whatever their waits. So the answer is the same as if every hall had been weighed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge

from dispatch.routing.sites import Site
from dispatch.routing.weighing import Candidate, Key, Refused, Weighed

TIMES = 2
"""So many times as many are weighed each further time at most, and only those that could still be better."""

Bounded = tuple[Key, Site]


class Search:
    """A search for the `most` best halls; `first` as many are weighed at first.

    Each of `groups` yields halls with their bounds, in the order of these: they are worked out when it is their turn.
    `candidate` makes of a hall what is weighed.
    """

    def __init__(
        self,
        groups: Iterable[Iterable[Bounded]],
        candidate: Callable[[Site], Candidate],
        *,
        most: int,
        first: int,
    ) -> None:
        self._waiting: Iterator[Bounded] = merge(*groups, key=lambda each: each[0])
        self._next = next(self._waiting, None)
        self._candidate, self._most, self._size = candidate, most, first
        self._found: list[Weighed] = []
        self.refused: list[Refused] = []

    def due(self) -> list[Candidate]:
        """Who is to be weighed next; nobody once the best are found."""
        part: list[Site] = []
        while self._next is not None and len(part) < self._size and not self._settled(self._next[0]):
            part.append(self._next[1])
            self._next = next(self._waiting, None)
        self._size *= TIMES
        return [self._candidate(site) for site in part]

    def take(self, weighed: Iterable[Weighed | Refused]) -> None:
        """What came of those who were due."""
        for each in weighed:
            if isinstance(each, Weighed):
                self._found.append(each)
            else:
                self.refused.append(each)
        self._found.sort(key=lambda each: each.key)

    @property
    def best(self) -> Sequence[Weighed]:
        """The best, in order."""
        return self._found[: self._most]

    @property
    def others(self) -> Sequence[Weighed]:
        """Whoever was weighed and is not among the best."""
        return self._found[self._most :]

    def _settled(self, bound: Key) -> bool:
        return len(self._found) >= self._most and self._found[self._most - 1].key <= bound
