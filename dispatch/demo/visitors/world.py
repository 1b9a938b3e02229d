"""The world of the play: a heap of who acts when, and what all actors know together."""

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from dispatch.demo.visitors import chance
from dispatch.demo.visitors.asking import Asker
from dispatch.demo.visitors.clocks import Clock
from dispatch.demo.visitors.parameters import Parameters
from dispatch.demo.visitors.places import Hall

RETRY_S = 2.0


class Actor(Protocol):
    """Somebody in the play."""

    def act(self, now: datetime) -> datetime | None:
        """Do the next thing, with at most a few requests; when to be woken again, or None."""


class World:
    """The city as its visitors know it.

    However far behind the play is, the heap stays small: each hall has one arrival in it, each window one clerk, and
    whoever waits at most one end of patience.
    """

    def __init__(self, asker: Asker, clock: Clock, seed: int, parameters: Parameters) -> None:
        self.asker, self.clock, self.seed, self.parameters = asker, clock, seed, parameters
        self.figures = asker.figures
        self.halls: dict[str, Hall] = {}
        self.offers: dict[tuple[str, str], list[tuple[str, float]]] = {}
        self.gone: set[str] = set()
        self._heap: list[tuple[datetime, int, Actor]] = []
        self._order = itertools.count()

    def dice(self, *names: str) -> Random:
        """Somebody's own dice."""
        return chance.dice(self.seed, *names)

    def at(self, when: datetime, actor: Actor) -> None:
        """Wake the actor then."""
        heapq.heappush(self._heap, (when, next(self._order), actor))

    def soon(self, now: datetime) -> datetime:
        """When to try again what did not work just now."""
        return now + max(self.clock.real(RETRY_S), timedelta(seconds=RETRY_S))

    def run(
        self, until: datetime | None = None, between: Callable[[datetime], None] = lambda _: None
    ) -> None:
        """Play until that time, or for ever. Everybody acts at the time it is, however late she is."""
        while True:
            now = self.clock.now()
            between(now)
            if until is not None and now >= until:
                return
            if self._heap and self._heap[0][0] <= now:
                _, _, actor = heapq.heappop(self._heap)
                if again := actor.act(now):
                    self.at(again, actor)
            else:
                due = self._heap[0][0] if self._heap else self.soon(now)
                self.clock.wait_until(due if until is None else min(due, until))

    def waiting(self) -> int:
        """How many wait in the city, as far as is known."""
        return sum(hall.total for hall in self.halls.values())
