"""Her visits to machines: where there are any, and which are worth offering before a counter. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence

from dispatch.routing.brief import Brief
from dispatch.routing.counters import CLOSED, FARTHER
from dispatch.routing.searching import Bounded, Search
from dispatch.routing.sites import Site
from dispatch.routing.weighing import Candidate, Weighed
from dispatch.routing.wording import Reason

MOST = 3
AT_FIRST = 6
"""Of machines only whether they work is not known before they are looked at."""
PATIENCE_S = 15 * 60.0
"""A machine may cost her so much longer than a counter, and is still offered before it."""


class Kiosks:
    """The machines of an enquiry."""

    def __init__(self, brief: Brief) -> None:
        self._brief = brief
        self.why: dict[str, Sequence[Reason]] = {}
        self.search = Search(self._groups(), self._candidate, most=MOST, first=AT_FIRST)

    def worth_it(self, counters: Sequence[Weighed]) -> list[Weighed]:
        """Those to offer; why she should not go to the others, where she would be done much later than at a counter."""
        whole = [each.key[4] for each in counters if each.candidate.whole and not each.candidate.later]
        latest = min(whole, default=float("inf")) + PATIENCE_S
        for each in self.search.best:
            if each.key[4] > latest:
                self.why[each.candidate.site.code] = [Reason("counter_sooner")]
        return [each for each in self.search.best if each.key[4] <= latest]

    def against(self, site: Site) -> Sequence[Reason]:
        """Why a hall's machines are none of the options; those that were not weighed cannot be better."""
        return self.why.get(site.code, FARTHER)

    def tally(self, sites: Sequence[Site]) -> Counter[str]:
        """How many halls' machines are none of the options, by the code of why; of most there is nothing to say."""
        others = [site for site in sites if site.code in self.why]
        found = Counter(self.why[site.code][0].code for site in others)
        return found + Counter({FARTHER[0].code: len(sites) - len(others)})

    def _groups(self) -> list[Iterable[Bounded]]:
        found: list[Iterable[Bounded]] = []
        for together in () if self._brief.closed["kiosk"] else self._brief.known.atlas.with_kiosks:
            for places, openings in self._brief.open_together(together, later=False):
                if openings:
                    like = self._candidate(self._brief.everywhere[places[0]])
                    found.append(self._brief.bounded(places, like))
                else:
                    self.why.update((self._brief.everywhere[place].code, CLOSED) for place in places)
        return found

    def _candidate(self, site: Site) -> Candidate:
        """Her visit to a hall's machines."""
        openings = self._brief.known.openings.left(site)
        return Candidate("kiosk", site, openings, {"": self._brief.minutes}, whole=True)
