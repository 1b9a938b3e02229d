"""Her visits to counters: which halls may do what of it for her, and in which stages they are searched. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial

import numpy as np

from dispatch.routing import roles
from dispatch.routing.atlas import Alike
from dispatch.routing.brief import Brief, territory_of
from dispatch.routing.searching import Bounded, Search
from dispatch.routing.sites import EXTRA_DAYS, Site, Taken, slowest
from dispatch.routing.weighing import Candidate, Weighed
from dispatch.routing.wording import Reason

MOST, MOST_OF_A_PART = 5, 2
AT_FIRST = 40
"""How long one waits at a counter is not known before it is looked at."""
CLOSED, FARTHER, MORE_VISITS = [Reason("closed")], [Reason("farther")], [Reason("more_visits")]
NO_COUNTER, NOT_TAKEN, OTHER_HOME = [Reason("no_counter")], [Reason("not_taken")], [Reason("other_home")]


class Counters:
    """The counters of an enquiry; `but` is a hall that is not looked for, since she stands in it."""

    def __init__(self, brief: Brief, but: str | None = None) -> None:
        self._brief, self._but = brief, but
        self._rank = {level: roles.rank(level, company=brief.company) for level in roles.ROLES}
        self._visits: dict[frozenset[str], int] = {}
        self.why: dict[str, Sequence[Reason]] = {}
        self.searches: list[Search] = []

    def stages(self) -> Iterator[list[Search]]:
        """Halls that do all of it today; then those of another day, and of parts; then parts of another day."""
        whole = self._search(whole=True, later=False)
        yield whole
        if any_found(whole):
            return
        second = [*self._search(whole=True, later=True), *self._search(whole=False, later=False)]
        yield second
        if not any_found(second):
            yield self._search(whole=False, later=True)

    @property
    def best(self) -> list[Weighed]:
        """The best of all searches, in order."""
        return sorted((each for search in self.searches for each in search.best), key=lambda each: each.key)

    @cached_property
    def here(self) -> Mapping[str, Sequence[Taken]]:
        """What each hall may do for her of what she wants."""
        return {} if self._brief.closed["counter"] else self._brief.hers

    def against(self, site: Site) -> Sequence[Reason]:
        """Why a hall is none of the options; one that was not weighed does less than others, or cannot be better."""
        said = self.why.get(site.code)
        if said is not None:
            return said
        mine = self.here.get(site.code)
        if mine is None:
            if site.code in self._brief.known.shares.by_hall:
                return OTHER_HOME
            return NO_COUNTER if site.kind == "kiosk_site" else NOT_TAKEN
        return MORE_VISITS if len(mine) < len(self._brief.matters) else FARTHER

    def tally(self, sites: Sequence[Site]) -> Counter[str]:
        """How many halls are none of the options, by the code of why; of most there is nothing to say."""
        whole = len(self._brief.matters)
        plain = {code for code, mine in self.here.items() if len(mine) == whole} - self.why.keys()
        others = [site for site in sites if site.code not in plain]
        found = Counter(self.against(site)[0].code for site in others)
        return found + Counter({FARTHER[0].code: len(sites) - len(others)})

    def reasons(self, candidate: Candidate) -> list[Reason]:
        """What is to be said of a hall that is advised, before how it would go there."""
        mine = self.here[candidate.site.code]
        items = {row.item for row in mine}
        matters = [matter for matter in self._brief.matters if matter.item.code in items]
        found = []
        if self._brief.abilities.served_by_people:
            found.append(Reason("help_here"))
        if not candidate.whole:
            told = {"items": [matter.item for matter in matters], "visits": candidate.visits}
            found.append(Reason("part_only", told))
        elif len(self._brief.matters) > 1:
            found.append(Reason("all_in_one_visit"))
        if candidate.extra_days:
            code = "receives" if slowest(mine) == "receive" else "agent"
            found.append(Reason(code, {"days": candidate.extra_days}))
        if self._brief.ask.home is None and any(territory_of(each.item) != "any" for each in matters):
            found.append(Reason("home_only"))
        if any(matter.item.details.get("online_first") for matter in matters):
            found.append(Reason("online_first"))
        return found

    def _search(self, *, whole: bool, later: bool) -> list[Search]:
        """One search for halls that do all of it, or one for each part of it that some halls do."""
        make = partial(self._candidate, whole=whole, later=later)
        groups: defaultdict[tuple[str, ...], list[Iterable[Bounded]]] = defaultdict(list)
        for alike in self._alike():
            if (len(alike.items) == len(self._brief.matters)) is not whole:
                continue
            for places, openings in self._brief.open_together(alike.places, later=later):
                sites = self._brief.everywhere
                if openings:
                    like = make(sites[places[0]])
                    groups[() if whole else alike.items].append(self._brief.bounded(places, like))
                else:
                    self.why.update((sites[place].code, CLOSED) for place in places)
        most = MOST if whole else MOST_OF_A_PART
        found = [Search(part, make, most=most, first=AT_FIRST) for part in groups.values()]
        self.searches += found
        return found

    def _alike(self) -> Iterator[Alike]:
        """Halls that are alike for her."""
        if self._brief.closed["counter"]:
            return
        for alike in self._brief.known.shares.alike:
            yield from [alike] if self._brief.home is None and self._but is None else self._hers(alike)

    def _hers(self, alike: Alike) -> Iterator[Alike]:
        """Of halls that are alike those that may do something for her, as far as they are still alike."""
        left: defaultdict[tuple[tuple[str, ...], str], list[int]] = defaultdict(list)
        for place in alike.places.tolist():
            site = self._brief.everywhere[place]
            mine = self.here.get(site.code)
            if mine and site.code != self._but:
                left[tuple(row.item for row in mine), slowest(mine)].append(place)
        for (items, _), places in left.items():
            yield Alike(items, np.array(places))

    def _candidate(self, site: Site, *, whole: bool, later: bool) -> Candidate:
        """Her visit to a hall's counters on this day."""
        mine, minutes = self.here[site.code], self._brief.minutes
        lines: dict[str, dict[str, float]] = {}
        for row in mine:
            lines.setdefault(row.queue, {})[row.item] = minutes[row.item]
        openings = self._brief.known.openings
        return Candidate(
            channel="counter",
            site=site,
            openings=(openings.following if later else openings.left)(site),
            lines=lines,
            whole=whole,
            later=later,
            visits=1 if whole else self._visits_with(frozenset(row.item for row in mine)),
            extra_days=EXTRA_DAYS[slowest(mine)],
            rank=self._rank[site.level],
        )

    @cached_property
    def _parts(self) -> list[frozenset[str]]:
        """What halls do of what she wants, each part once."""
        parts = {frozenset(row.item for row in mine) for mine in self.here.values()}
        return sorted(parts, key=sorted)

    def _visits_with(self, here: frozenset[str]) -> int:
        """How often she has to go if she goes to a hall that does these: halls for the rest are taken greedily."""
        if here not in self._visits:
            rest, visits = frozenset(matter.item.code for matter in self._brief.matters) - here, 1
            while best := max((part & rest for part in self._parts), key=len):
                rest, visits = rest - best, visits + 1
            self._visits[here] = visits
        return self._visits[here]


def any_found(searches: Sequence[Search]) -> bool:
    """Whether any of these has found a hall."""
    return any(search.best for search in searches)
