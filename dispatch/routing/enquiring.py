"""An enquiry under way: which halls to look at next, and in the end what is advised. Pure.

A hall is weighed only if it could be among the best; every other is left out with a reason all the same.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from itertools import chain
from typing import Any

from dispatch.catalogue.models import Bundle, Item
from dispatch.foundation.errors import NotFound
from dispatch.halls.wording import clock_of
from dispatch.ports.maps import Router, Trip
from dispatch.routing import channels, roles, territory
from dispatch.routing.advice import Advice, Excluded, Option
from dispatch.routing.asking import Abilities, Ask
from dispatch.routing.channels import Matter
from dispatch.routing.looking import Seen, Skilled
from dispatch.routing.mixing import mix
from dispatch.routing.searching import Bounded, Search
from dispatch.routing.sites import Openings, Site, Taken
from dispatch.routing.weighing import (
    EXTRA_DAYS,
    Candidate,
    Refused,
    Weighed,
    least_lasts,
    spans_of,
    weigh,
    weigh_kiosk,
)
from dispatch.routing.wording import Reason

MOST_COUNTERS, MOST_KIOSKS, MOST_OF_A_PART = 5, 3, 2
COUNTERS_AT_FIRST, KIOSKS_AT_FIRST = 40, 6
"""What is not known of counters is how long one waits there, of kiosks only whether they work."""
MOST_NAMED = 150
"""So many halls are left out by name, the nearest; the rest of a large city is counted."""
FARTHER, MORE_VISITS = [Reason("farther")], [Reason("more_visits")]
TODAY = {"name": "今天", "name_en": "Today"}
FAR: Mapping[str, str] = {"outage_until": "outage", "others_sooner": "farther"}
"""Of many halls together no figure is told."""
KIOSK_PATIENCE_S = 15 * 60.0
"""A machine may cost her so much longer than a counter, and is still offered before it."""


@dataclass(frozen=True)
class Known:
    """What was read before any hall was looked at: all halls, how far each is at least, what each takes, its hours."""

    everywhere: Sequence[Site]
    metres: Mapping[str, float]
    taken: Mapping[str, Sequence[Taken]]
    openings: Openings
    skilled: Skilled


class Enquiry:
    """A question under way: which halls to look at next, and in the end what is advised."""

    def __init__(
        self,
        *,
        ask: Ask,
        matters: Sequence[Matter],
        bundles: Sequence[Bundle],
        known: Known,
        router: Router,
        now: datetime,
    ) -> None:
        self._ask, self._matters, self._bundles = ask, matters, bundles
        self._everywhere, self._metres, self._openings = known.everywhere, known.metres, known.openings
        self._skilled, self._router, self._now = known.skilled, router, now
        # Who could go straight to a counter still does it otherwise where no counter does it.
        self._abilities = ask.abilities if known.taken else Abilities(company=ask.abilities.company)
        self._closed = {
            channel: channels.against(channel, matters, self._abilities) for channel in channels.IN_ORDER
        }
        self._minutes = {matter.item.code: matter.item.minutes * matter.wanted.count for matter in matters}
        self._why: dict[str, dict[str, list[Reason]]] = {"kiosk": {}, "counter": {}}
        self._here = {} if self._closed["counter"] else self._taken_here(known.taken)
        self._visits: dict[frozenset[str], int] = {}
        self._kiosks = self._kiosk_search()
        self._counters: list[Search] = []
        self._stages = self._stage_by_stage()
        self._active: Sequence[Search] = ()
        self._asked: list[tuple[Search, list[Candidate]]] = []

    def due(self) -> list[Site]:
        """The halls to look at next; none once the advice is certain."""
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
        spans = [
            each for _, candidates in self._asked for candidate in candidates for each in candidate.openings
        ]
        return min(each.start for each in spans), max(each.end for each in spans)

    def weigh(self, seen: Mapping[str, Seen], trips: Mapping[str, Trip], *, real_now: datetime) -> None:
        """How it stands at the halls that were due, and the ways there, by hall."""
        for search, candidates in self._asked:
            search.take(self._weighed(each, seen, trips, real_now) for each in candidates)

    def advice(self, draw: float = 0.0) -> Advice:
        """What is advised; of counters that are near-equal a `draw` from 0 to 1 tells which goes first."""
        kiosks, too_slow = self._kiosks_worth_it()
        best = sorted((each for search in self._counters for each in search.best), key=lambda w: w.key)
        counters = mix(best, self._ask.at, draw)
        self._explain(too_slow)
        options = self._options(kiosks, counters)
        return Advice(
            self._ask,
            self._matters,
            self._bundles,
            options,
            self._excluded(
                {(each.candidate.channel, each.candidate.site.code) for each in (*kiosks, *counters)}
            ),
            self._notes(counters),
        )

    # --- candidates -----------------------------------------------------------------------------------

    def _taken_here(self, taken: Mapping[str, Sequence[Taken]]) -> dict[str, Sequence[Taken]]:
        """What each hall may do for her of what she wants; why the others may do nothing."""
        home = self._home()
        found = dict(taken) if home is None else self._of_home(taken, home)
        nobody, nothing, elsewhere = ([Reason(code)] for code in ("no_counter", "not_taken", "other_home"))
        for site in self._everywhere:
            if site.code not in found:
                none = nobody if site.kind == "kiosk_site" else nothing
                self._why["counter"][site.code] = elsewhere if site.code in taken else none
        return found

    def _of_home(self, taken: Mapping[str, Sequence[Taken]], home: Site) -> dict[str, Sequence[Taken]]:
        """What halls may do for somebody from there."""
        whose = {matter.item.code: _territory(matter.item) for matter in self._matters}
        district = territory.district_of(home, self._everywhere)
        found = {
            site.code: [
                row
                for row in taken.get(site.code, ())
                if territory.may_go(site, whose[row.item], home, district)
            ]
            for site in self._everywhere
        }
        return {code: rows for code, rows in found.items() if rows}

    def _home(self) -> Site | None:
        if self._ask.home is None:
            return None
        found = next((site for site in self._everywhere if site.code == self._ask.home), None)
        if found is None:
            raise NotFound(what=self._ask.home, field="home")
        return found

    def _stage_by_stage(self) -> Iterator[list[Search]]:
        """Halls that do all of it today; then those of another day, and of parts; then parts of another day."""
        whole = self._counter_searches(whole=True, later=False)
        yield [self._kiosks, *whole]
        if _any_found(whole):
            return
        second = [
            *self._counter_searches(whole=True, later=True),
            *self._counter_searches(whole=False, later=False),
        ]
        yield second
        if not _any_found(second):
            yield self._counter_searches(whole=False, later=True)

    def _counter_searches(self, *, whole: bool, later: bool) -> list[Search]:
        """One search for halls that do all of it, or one for each part of it that some halls do."""
        find = self._openings.following if later else self._openings.left
        company = channels.is_company(self._matters, self._abilities)
        role = {level: roles.rank(level, company=company) for level in roles.ROLES}
        closed, every = [Reason("closed")], len(self._matters)
        alike: dict[Any, list[Site]] = {}
        for site in self._everywhere:
            mine = self._here.get(site.code)
            if mine is None or (len(mine) == every) is not whole:
                continue
            openings = find(site)
            if openings:
                part = () if whole else tuple(sorted(row.item for row in mine))
                alike.setdefault((part, id(openings), _extra_days(mine), role[site.level]), []).append(site)
            else:
                self._why["counter"][site.code] = closed
        make = partial(self._counter, role=role, whole=whole, later=later)
        groups: dict[tuple[str, ...], list[Iterator[Bounded]]] = {}
        for (part, *_), places in alike.items():
            groups.setdefault(part, []).append(self._bounded(places, make))
        most = MOST_COUNTERS if whole else MOST_OF_A_PART
        found = [Search(part, make, most=most, first=COUNTERS_AT_FIRST) for part in groups.values()]
        self._counters += found
        return found

    def _bounded(self, places: Sequence[Site], make: Callable[[Site], Candidate]) -> Iterator[Bounded]:
        """Halls that differ only in where they are, the nearest first, each with its bound."""
        nearest_first = sorted(places, key=lambda site: self._metres[site.code])
        like = make(nearest_first[0])
        spans = spans_of(like.openings, self._ask.at)
        for site in nearest_first:
            # Ways are told in whole seconds.
            least_s = math.floor(self._router.least_s(self._metres[site.code], self._ask.mode))
            key = like.key(least_lasts(spans, least_s), least_s)
            yield (*key[:-1], site.code), site

    def _counter(self, site: Site, *, role: Mapping[str, int], whole: bool, later: bool) -> Candidate:
        """Her visit to a hall's counters on this day."""
        mine = self._here[site.code]
        lines: dict[str, dict[str, float]] = {}
        for row in mine:
            lines.setdefault(row.queue, {})[row.item] = self._minutes[row.item]
        visits = 1 if whole else self._visits_with(frozenset(row.item for row in mine))
        return Candidate(
            channel="counter",
            site=site,
            openings=(self._openings.following if later else self._openings.left)(site),
            lines=lines,
            whole=whole,
            later=later,
            visits=visits,
            extra_days=_extra_days(mine),
            rank=role[site.level],
            reasons=self._counter_reasons(mine, whole=whole, visits=visits),
        )

    def _counter_reasons(self, mine: Sequence[Taken], *, whole: bool, visits: int) -> list[Reason]:
        here = {row.item for row in mine}
        matters = [matter for matter in self._matters if matter.item.code in here]
        found = []
        if self._abilities.served_by_people:
            found.append(Reason("help_here"))
        if not whole:
            found.append(
                Reason("part_only", {"items": [matter.item for matter in matters], "visits": visits})
            )
        elif len(self._matters) > 1:
            found.append(Reason("all_in_one_visit"))
        slowest = max((row.mode for row in mine), key=EXTRA_DAYS.__getitem__)
        if EXTRA_DAYS[slowest]:
            code = "receives" if slowest == "receive" else "agent"
            found.append(Reason(code, {"days": EXTRA_DAYS[slowest]}))
        if self._ask.home is None and any(_territory(matter.item) != "any" for matter in matters):
            found.append(Reason("home_only"))
        if any(matter.item.details.get("online_first") for matter in matters):
            found.append(Reason("online_first"))
        return found

    @cached_property
    def _parts(self) -> list[frozenset[str]]:
        """What halls do of what she wants, each part once."""
        parts = {frozenset(row.item for row in mine) for mine in self._here.values()}
        return sorted(parts, key=sorted)

    def _visits_with(self, here: frozenset[str]) -> int:
        """How often she has to go if she goes to a hall that does these: halls for the rest are taken greedily."""
        if here not in self._visits:
            rest, visits = frozenset(matter.item.code for matter in self._matters) - here, 1
            while best := max((part & rest for part in self._parts), key=len):
                rest, visits = rest - best, visits + 1
            self._visits[here] = visits
        return self._visits[here]

    def _kiosk_search(self) -> Search:
        alike: dict[int, list[Site]] = {}
        for site in () if self._closed["kiosk"] else self._everywhere:
            openings = self._openings.left(site) if site.kiosks else ()
            if openings:
                alike.setdefault(id(openings), []).append(site)
            elif site.kiosks:
                self._why["kiosk"][site.code] = [Reason("closed")]
        groups = [self._bounded(places, self._kiosk) for places in alike.values()]
        return Search(groups, self._kiosk, most=MOST_KIOSKS, first=KIOSKS_AT_FIRST)

    def _kiosk(self, site: Site) -> Candidate:
        """Her visit to a hall's machines."""
        return Candidate("kiosk", site, self._openings.left(site), {"": self._minutes}, whole=True)

    def _weighed(
        self, candidate: Candidate, seen: Mapping[str, Seen], trips: Mapping[str, Trip], real_now: datetime
    ) -> Weighed | Refused:
        code = candidate.site.code
        if candidate.channel == "kiosk":
            return weigh_kiosk(candidate, seen[code], trips[code], self._ask.at, self._now, real_now)
        return weigh(candidate, seen[code], self._skilled, trips[code], self._ask.at, self._now)

    # --- the answer -----------------------------------------------------------------------------------

    def _kiosks_worth_it(self) -> tuple[list[Weighed], list[Weighed]]:
        """The kiosks to offer, and those at which she would be done much later than at a counter."""
        counters = [each for search in self._counters for each in search.best if not each.candidate.later]
        whole = [each.key[4] for each in counters if each.candidate.whole]
        latest = min(whole, default=float("inf")) + KIOSK_PATIENCE_S
        found = self._kiosks.best
        return (
            [each for each in found if each.key[4] <= latest],
            [each for each in found if each.key[4] > latest],
        )

    def _options(self, kiosks: Sequence[Weighed], counters: Sequence[Weighed]) -> list[Option]:
        found: list[Option] = []
        codes = [matter.item.code for matter in self._matters]
        for channel in channels.order(self._matters, self._abilities):
            if channel in channels.ONLINE:
                if not self._closed[channel]:
                    found.append(Option(len(found) + 1, channel, codes, self._online_reasons(channel)))
                continue
            here = kiosks if channel == "kiosk" else counters
            for each in here:
                reasons = [*_compared(each, here), *each.reasons]
                if channel == "kiosk":
                    reasons = [Reason("kiosk"), *channels.caveats("kiosk", self._matters), *reasons]
                found.append(Option(len(found) + 1, channel, each.candidate.items, reasons, each))
        return found

    def _online_reasons(self, channel: str) -> list[Reason]:
        better = channels.by_computer(self._matters, self._abilities) if channel == "web" else None
        return [
            Reason("no_visit"),
            *([better] if better else []),
            *channels.caveats(channel, self._matters),
        ]

    def _explain(self, too_slow: Iterable[Weighed]) -> None:
        """Why each hall that was weighed is none of the options."""
        for search in (self._kiosks, *self._counters):
            for refused in search.refused:
                self._say(refused.candidate, *refused.reasons)
            best = search.best[0].finish_at if search.best else None
            for other in search.others:
                late = round((other.finish_at - best).total_seconds() / 60) if best else 0
                sooner = Reason("others_sooner", {"minutes": late})
                self._say(other.candidate, sooner if late >= 1 else Reason("farther"))
        for each in too_slow:
            self._say(each.candidate, Reason("counter_sooner"))

    def _say(self, candidate: Candidate, *reasons: Reason) -> None:
        self._why[candidate.channel][candidate.site.code] = list(reasons)

    def _reasons_of(self, channel: str, site: Site) -> Sequence[Reason]:
        """Why a hall is none of the options; one that was not weighed does less than others, or cannot be better."""
        said = self._why[channel].get(site.code)
        if said is not None:
            return said
        part = channel == "counter" and len(self._here[site.code]) < len(self._matters)
        return MORE_VISITS if part else FARTHER

    def _with_next_opening(self, site: Site, reason: Reason) -> Reason:
        """The same with when it opens next, where that helps."""
        code = {"closed": "opens_later", "too_late": "too_late_today"}.get(reason.code)
        following = self._openings.following(site) if code else ()
        if code is None or not following:
            return reason
        return Reason(code, {"at": clock_of(following[0].start, site.tz, self._now)})

    def _excluded(self, chosen: set[tuple[str, str]]) -> list[Excluded]:
        """Channels first, then halls by their distance; far away, they are counted by what stands against them."""
        found = [Excluded(channel, None, reasons) for channel, reasons in self._closed.items() if reasons]
        if not self._closed["kiosk"] and not any(site.kiosks for site in self._everywhere):
            found.append(Excluded("kiosk", None, [Reason("no_kiosk_working")]))
        left_out = self._left_out(chosen)
        for channel, site in left_out[:MOST_NAMED]:
            reasons = [self._with_next_opening(site, reason) for reason in self._reasons_of(channel, site)]
            found.append(Excluded(channel, site, reasons))
        far = Counter(
            (channel, self._reasons_of(channel, site)[0].code) for channel, site in left_out[MOST_NAMED:]
        )
        for (channel, code), count in far.items():
            found.append(Excluded(channel, None, [Reason(FAR.get(code, code))], count))
        return found

    def _left_out(self, chosen: set[tuple[str, str]]) -> list[tuple[str, Site]]:
        """The halls that are none of the options, the nearest first; where a channel is closed, it stands for all."""
        nearest_first = sorted(self._everywhere, key=lambda site: self._metres[site.code])
        counter, kiosk = not self._closed["counter"], not self._closed["kiosk"]
        found: list[tuple[str, Site]] = []
        for site in nearest_first:
            if counter and ("counter", site.code) not in chosen:
                found.append(("counter", site))
            if kiosk and site.kiosks and ("kiosk", site.code) not in chosen:
                found.append(("kiosk", site))
        return found

    def _day(self, site: Site) -> Mapping[str, str]:
        """The day on which she sets out, as people say it."""
        asked, today = (moment.astimezone(site.zone).date() for moment in (self._ask.at, self._now))
        said = f"{asked:%m-%d}"
        return TODAY if asked == today else {"name": f"{said} ", "name_en": f"On {said}"}

    def _notes(self, counters: Sequence[Weighed]) -> list[Reason]:
        found = []
        done = {item for each in self._here.values() for item in (row.item for row in each)}
        online = [matter.item for matter in self._matters if matter.item.code not in done]
        if self._here and online:
            found.append(Reason("online_only", {"items": online}))
        if any(not each.candidate.later for each in counters):
            return found
        if counters:
            first = min(counters, key=lambda each: each.starts_at)
            site = first.candidate.site
            clock = clock_of(first.starts_at, site.tz, self._now)
            return [*found, Reason("next_chance", {"day": self._day(site), "at": clock, "hall": site})]
        return [*found, Reason("no_chance")]


def _any_found(searches: Sequence[Search]) -> bool:
    return any(search.best for search in searches)


def _compared(one: Weighed, all_of_them: Sequence[Weighed]) -> Iterator[Reason]:
    """What it has before the others."""
    if len(all_of_them) < 2:
        return
    if one.foretold.wait is not None and one.finish_at == min(each.finish_at for each in all_of_them):
        yield Reason("soonest")
    if one.trip.distance_m == min(each.trip.distance_m for each in all_of_them):
        yield Reason("nearest")


def _extra_days(mine: Sequence[Taken]) -> int:
    """By how many working days the result comes later."""
    return max([EXTRA_DAYS[row.mode] for row in mine])


def _territory(item: Item) -> str:
    return str(item.details.get("territory", "any"))
