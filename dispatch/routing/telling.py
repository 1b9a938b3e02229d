"""The answer to an enquiry: the options in their order, every other way with why not, and notes on all of it. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from dispatch.catalogue.models import Item
from dispatch.halls.wording import clock_of
from dispatch.routing import channels
from dispatch.routing.advice import Advice, Excluded, Option
from dispatch.routing.brief import Brief
from dispatch.routing.counters import FARTHER, Counters
from dispatch.routing.kiosks import Kiosks
from dispatch.routing.searching import Search
from dispatch.routing.sites import Site, Taken
from dispatch.routing.weighing import Weighed
from dispatch.routing.wording import Reason

MOST_NAMED = 150
"""So many halls are left out by name, the nearest; the rest of a large city is counted."""
TODAY = {"name": "今天", "name_en": "Today"}
FAR: Mapping[str, str] = {"outage_until": "outage", "others_sooner": "farther"}
"""Of many halls together no figure is told."""
WITH_NEXT_OPENING: Mapping[str, str] = {"closed": "opens_later", "too_late": "too_late_today"}


class Telling:
    """What came of an enquiry, in words."""

    def __init__(self, brief: Brief, counters: Counters, kiosks: Kiosks) -> None:
        self._brief, self._counters, self._kiosks = brief, counters, kiosks
        both: Sequence[tuple[str, Counters | Kiosks]] = (("counter", counters), ("kiosk", kiosks))
        self._by_channel = [each for each in both if not brief.closed[each[0]]]
        self._by_counter = [each for each in self._by_channel if each[0] == "counter"]

    def advice(self, counters: Sequence[Weighed]) -> Advice:
        """The advice with these counters, in this order."""
        kiosks = self._kiosks.worth_it(self._counters.best)
        _explain(self._kiosks.search, self._kiosks.why)
        for search in self._counters.searches:
            _explain(search, self._counters.why)
        chosen = {(each.candidate.channel, each.candidate.site.code) for each in (*kiosks, *counters)}
        brief = self._brief
        return Advice(
            brief.ask,
            brief.matters,
            brief.bundles,
            list(self._options(kiosks, counters)),
            [*self._closed_channels(), *self._left_out(chosen)],
            list(self._notes(counters)),
            brief.applied.channels,
        )

    # --- options --------------------------------------------------------------------------------------

    def _options(self, kiosks: Sequence[Weighed], counters: Sequence[Weighed]) -> Iterator[Option]:
        brief, rank = self._brief, 0
        for channel in brief.applied.channels:
            if channel in channels.ONLINE:
                if not brief.closed[channel]:
                    rank += 1
                    codes = [matter.item.code for matter in brief.matters]
                    yield Option(rank, channel, codes, self._of_being_online(channel))
                continue
            here = kiosks if channel == "kiosk" else counters
            for each in here:
                rank += 1
                reasons = [*self._of_channel(channel), *_compared(each, here), *self._of_going(each)]
                yield Option(rank, channel, each.candidate.items, reasons, each)

    def _of_being_online(self, channel: str) -> list[Reason]:
        brief = self._brief
        better = channels.by_computer(brief.matters, brief.abilities) if channel == "web" else None
        return [
            Reason("no_visit"),
            *([better] if better else []),
            *self._of_having_moved(channel),
            *channels.caveats(channel, brief.matters),
        ]

    def _of_channel(self, channel: str) -> list[Reason]:
        if channel != "kiosk":
            return []
        moved = self._of_having_moved(channel)
        return [Reason("kiosk"), *moved, *channels.caveats(channel, self._brief.matters)]

    def _of_having_moved(self, channel: str) -> list[Reason]:
        reason = self._brief.applied.reasons.get(channel)
        return [reason] if reason else []

    def _of_going(self, one: Weighed) -> list[Reason]:
        """What is to be said of how it would go there."""
        candidate = one.candidate
        at_counter = candidate.channel == "counter"
        found = self._counters.reasons(candidate) if at_counter else []
        if candidate.later:
            found.insert(0, Reason("next_chance", {"at": self._clock(one.starts_at, candidate.site)}))
        elif one.starts_at > one.arrive_at:
            found.append(Reason("opens_first", {"at": self._clock(one.starts_at, candidate.site)}))
        if at_counter and one.foretold.wait is None:
            found.append(Reason("wait_unknown"))
        if not one.heard:
            found.append(Reason("kiosk_unheard"))
        return found

    # --- what is left out -----------------------------------------------------------------------------

    def _closed_channels(self) -> Iterator[Excluded]:
        closed = self._brief.closed
        yield from (Excluded(channel, None, reasons) for channel, reasons in closed.items() if reasons)
        if not closed["kiosk"] and not self._brief.known.atlas.with_kiosks:
            yield Excluded("kiosk", None, [Reason("no_kiosk_working")])

    def _left_out(self, chosen: set[tuple[str, str]]) -> Iterator[Excluded]:
        """Halls by their distance; far away, they are counted by what stands against them."""
        brief, named = self._brief, 0
        nearest_first = brief.known.metres.argsort(kind="stable").tolist()
        sites = (brief.everywhere[place] for place in nearest_first)
        for site in sites:
            for channel, kind in self._open_at(site):
                if (channel, site.code) not in chosen:
                    reasons = [self._with_next_opening(site, reason) for reason in kind.against(site)]
                    yield Excluded(channel, site, reasons)
                    named += 1
            if named >= MOST_NAMED:
                break
        for (channel, code), count in self._tally(sites, chosen).items():
            yield Excluded(channel, None, [Reason(code)], count)

    def _tally(self, sites: Iterator[Site], chosen: set[tuple[str, str]]) -> Counter[tuple[str, str]]:
        """How many halls are left out by each channel, by the code of why."""
        far, found = list(sites), Counter[tuple[str, str]]()
        for channel, kind in self._by_channel:
            taken = {code for by, code in chosen if by == channel}
            by_counter = channel == "counter"
            there = [site for site in far if (by_counter or site.kiosks) and site.code not in taken]
            for code, count in kind.tally(there).items():
                found[channel, FAR.get(code, code)] += count
        return found

    def _open_at(self, site: Site) -> Sequence[tuple[str, Counters | Kiosks]]:
        """By which channels one could go to a hall; where a channel is closed, that stands for all halls."""
        return self._by_channel if site.kiosks else self._by_counter

    def _with_next_opening(self, site: Site, reason: Reason) -> Reason:
        """The same with when it opens next, where that helps."""
        code = WITH_NEXT_OPENING.get(reason.code)
        following = self._brief.known.openings.following(site) if code else ()
        if code is None or not following:
            return reason
        return Reason(code, {"at": self._clock(following[0].start, site)})

    # --- notes ----------------------------------------------------------------------------------------

    def _notes(self, counters: Sequence[Weighed]) -> Iterator[Reason]:
        here, brief = self._counters.here, self._brief
        left = [matter.item for matter in brief.matters if not _takes(brief.hers, matter.item)]
        online = [item for item in left if not _takes(brief.known.shares.by_hall, item)]
        if here and online:
            yield Reason("online_only", {"items": online})
        if elsewhere := [item for item in left if item not in online]:
            yield Reason("not_for_home", {"items": elsewhere})
        if any(not each.candidate.later for each in counters):
            return
        if not counters:
            if here or not elsewhere:
                yield Reason("no_chance")
            return
        first = min(counters, key=lambda each: each.starts_at)
        site = first.candidate.site
        at = self._clock(first.starts_at, site)
        yield Reason("next_chance", {"day": self._day(site), "at": at, "hall": site})

    def _day(self, site: Site) -> Mapping[str, str]:
        """The day on which she sets out, as people say it."""
        moments = (self._brief.ask.at, self._brief.now)
        asked, today = (moment.astimezone(site.zone).date() for moment in moments)
        said = f"{asked:%m-%d}"
        return TODAY if asked == today else {"name": f"{said} ", "name_en": f"On {said}"}

    def _clock(self, moment: datetime, site: Site) -> str:
        return clock_of(moment, site.tz, self._brief.now)


def _takes(by_hall: Mapping[str, Sequence[Taken]], item: Item) -> bool:
    """Whether any of these halls does it."""
    return any(row.item == item.code for mine in by_hall.values() for row in mine)


def _explain(search: Search, why: dict[str, Sequence[Reason]]) -> None:
    """Why each hall that was weighed is none of the options."""
    for refused in search.refused:
        why[refused.candidate.site.code] = refused.reasons
    best = search.best[0].finish_at if search.best else None
    for other in search.others:
        late = round((other.finish_at - best).total_seconds() / 60) if best else 0
        why[other.candidate.site.code] = (
            [Reason("others_sooner", {"minutes": late})] if late >= 1 else FARTHER
        )


def _compared(one: Weighed, all_of_them: Sequence[Weighed]) -> Iterator[Reason]:
    """What it has before the others."""
    if len(all_of_them) < 2:
        return
    if one.foretold.wait is not None and one.finish_at == min(each.finish_at for each in all_of_them):
        yield Reason("soonest")
    if one.trip.distance_m == min(each.trip.distance_m for each in all_of_them):
        yield Reason("nearest")
