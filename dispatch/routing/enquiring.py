"""The course of an enquiry: which halls to look at next, and in the end what is advised. Pure.

    machines                            ┐
    counters that do all of it that day ┘ → counters of another day, and of parts → parts of another day
                                       none                                     none

A hall is weighed only if it could be among the best; every other is left out with a reason all the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain

from dispatch.ports.maps import Trip
from dispatch.routing.advice import Advice
from dispatch.routing.brief import Brief
from dispatch.routing.counters import Counters
from dispatch.routing.kiosks import Kiosks
from dispatch.routing.looking import Seen
from dispatch.routing.mixing import mix
from dispatch.routing.searching import Search
from dispatch.routing.sites import Site
from dispatch.routing.telling import Telling
from dispatch.routing.weighing import Candidate, Refused, Weighed, weigh, weigh_kiosk


class Course:
    """A question under way: `due` and `weigh` in turns, as long as any halls are due."""

    def __init__(self, brief: Brief, stages: Iterator[Sequence[Search]]) -> None:
        self._brief, self._stages = brief, stages
        self._active: Sequence[Search] = ()
        self._asked: list[tuple[Search, list[Candidate]]] = []

    def due(self) -> list[Site]:
        """The halls to look at next; none once the answer is certain."""
        while True:
            self._asked = [(search, found) for search in self._active if (found := search.due())]
            if self._asked:
                wanted = chain.from_iterable(candidates for _, candidates in self._asked)
                return list({each.site.code: each.site for each in wanted}.values())
            stage = next(self._stages, None)
            if stage is None:
                return []
            self._active = stage

    def span(self) -> tuple[datetime, datetime]:
        """From when to when she might be at one of the halls to look at."""
        kept = {each.openings for _, candidates in self._asked for each in candidates}
        spans = list(chain.from_iterable(kept))
        return min(each.start for each in spans), max(each.end for each in spans)

    def weigh(self, seen: Mapping[str, Seen], trips: Mapping[str, Trip], *, real_now: datetime) -> None:
        """How it stands at the halls that were due, and the ways there, by hall."""
        for search, candidates in self._asked:
            search.take(self._weighed(each, seen, trips, real_now) for each in candidates)

    def _weighed(
        self, candidate: Candidate, seen: Mapping[str, Seen], trips: Mapping[str, Trip], real_now: datetime
    ) -> Weighed | Refused:
        code, at, now = candidate.site.code, self._brief.ask.at, self._brief.now
        if candidate.channel == "kiosk":
            return weigh_kiosk(candidate, seen[code], trips[code], at, now, real_now)
        return weigh(candidate, seen[code], self._brief.known.skilled, trips[code], at, now)


class Enquiry(Course):
    """An enquiry into every way to get something done."""

    def __init__(self, brief: Brief) -> None:
        super().__init__(brief, self._in_stages())
        self._counters, self._kiosks = Counters(brief), Kiosks(brief)

    def advice(self, draw: float = 0.0) -> Advice:
        """What is advised; of counters that are near-equal a `draw` from 0 to 1 tells which goes first."""
        counters = mix(self._counters.best, self._brief.ask.at, draw)
        return Telling(self._brief, self._counters, self._kiosks).advice(counters)

    def _in_stages(self) -> Iterator[Sequence[Search]]:
        counters = self._counters.stages()
        yield [self._kiosks.search, *next(counters)]
        yield from counters


class Elsewhere(Course):
    """An enquiry of somebody who stands in a hall: which counters of others do all of it that day."""

    def __init__(self, brief: Brief, here: str) -> None:
        self._counters = Counters(brief, but=here)
        super().__init__(brief, iter([next(self._counters.stages())]))

    @property
    def best(self) -> Sequence[Weighed]:
        """The best, in order."""
        return self._counters.best
