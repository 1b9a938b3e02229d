"""When somebody would be done at a hall, or why she would not. Pure.

She sets out, travels, waits for it to open where it is closed, waits for her turn as is foretold for whoever joins
then, and is served; for several queues of one hall, one after the other. A wait that is foretold holds the breaks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dispatch.halls.hours import Opening
from dispatch.halls.wording import clock_of
from dispatch.journeys import rules
from dispatch.ports.maps import Trip
from dispatch.routing.looking import Seen, Skilled, works
from dispatch.routing.sites import Site
from dispatch.routing.wording import Reason
from dispatch.waits.finding import HallWaits
from dispatch.waits.wording import NOTHING, Foretold, Wait

MARGIN = timedelta(minutes=5)
"""Whoever would be done later than so long before the hall closes is not sent there."""
DAY_WEIGHS_S = 20 * 60.0
"""A working day by which the result comes later weighs as much as so long a way or wait."""
ASSUMED_WAIT = timedelta(minutes=30)
"""What an unknown wait weighs in the ranking; nobody is told it."""
BUCKET_S = 300.0
"""Whoever is done within the same five minutes is done at the same time, as far as anybody knows."""
NOBODY_IS_THERE = {
    "no_window_open": "no_window",
    "intake_stopped": "intake_stopped",
    "intake_paused": "intake_paused",
    "outage": "outage",
    "not_today": "not_reached",
}
"""What is foretold that stands against going there; whatever else is not known is told to be unknown."""

Spans = Sequence[tuple[float, float]]
Key = tuple[int, int, int, int, float, float, str]


@dataclass(frozen=True)
class Candidate:
    """A hall to which she may go, for some of what she wants, on a day on which these are its openings.

    `lines` are its queues in the order she stands in them, with the items of each and their minutes by the catalogue.
    `visits` is how often she has to go in all if she goes here; `rank` how well the hall's role fits her.
    """

    channel: str
    site: Site
    openings: Sequence[Opening]
    lines: Mapping[str, Mapping[str, float]]
    whole: bool
    later: bool = False
    visits: int = 1
    extra_days: int = 0
    rank: int = 0

    @property
    def items(self) -> list[str]:
        """All that is done here."""
        return [item for items in self.lines.values() for item in items]

    def key(self, lasts_s: float, travel_s: float) -> Key:
        """What candidates are ordered by: visits, then time, then the way, the role and the rest.

        It never falls as a figure grows: with what they are at least it is a bound from below.
        """
        lasts = lasts_s + self.extra_days * DAY_WEIGHS_S
        return (
            self.visits,
            int(lasts // BUCKET_S),
            int(travel_s // BUCKET_S),
            self.rank,
            lasts,
            travel_s,
            self.site.code,
        )


@dataclass(frozen=True)
class Weighed:
    """A candidate, and how it would go; of machines that nobody heard of it is not known whether they work."""

    candidate: Candidate
    trip: Trip
    arrive_at: datetime
    starts_at: datetime
    finish_at: datetime
    foretold: Foretold
    service_s: float
    key: Key
    heard: bool = True


@dataclass(frozen=True)
class Refused:
    """A candidate, and why she should not go there."""

    candidate: Candidate
    reasons: Sequence[Reason]


def spans_of(openings: Sequence[Opening], at: datetime) -> Spans:
    """Openings in seconds from the moment she sets out."""
    return [((each.start - at).total_seconds(), (each.end - at).total_seconds()) for each in openings]


def least_lasts(spans: Spans, least_s: float) -> float:
    """After how many seconds she is served at the earliest, if the way takes so long at least."""
    for start, end in spans:
        if end > least_s:
            return max(least_s, start)
    return spans[-1][1]


def weigh(
    candidate: Candidate, seen: Seen, skilled: Skilled, trip: Trip, at: datetime, now: datetime
) -> Weighed | Refused:
    """How it would go at a counter, or what stands against it."""
    arrive = at + timedelta(seconds=round(trip.travel_s))
    starts = _first_served(candidate.openings, arrive)
    if starts is None:
        return Refused(candidate, [Reason("too_late")])
    today = _is_today(candidate.site, starts, now)
    stands_against = _interrupted(candidate, seen, starts, now) or _unserved(
        candidate, seen, skilled, starts, today=today
    )
    if stands_against is not None:
        return Refused(candidate, [stands_against])
    moment, foretold, service_s = starts, list[Foretold](), 0.0
    for queue, items in candidate.lines.items():
        seconds = 60 * sum(seen.minutes.items.get(item, minutes) for item, minutes in items.items())
        wait = _foretold(seen.waits, queue, moment) if today else NOTHING
        if wait.because in NOBODY_IS_THERE:
            return Refused(candidate, [Reason(NOBODY_IS_THERE[wait.because])])
        wait = _crowded(wait, seen, queue, moment, seconds)
        called = _called(candidate.openings, moment, wait.wait)
        if called is None:
            return Refused(candidate, [Reason("too_late")])
        moment, service_s = called + timedelta(seconds=round(seconds)), service_s + seconds
        foretold.append(wait)
    if moment > candidate.openings[-1].end - MARGIN:
        return Refused(candidate, [Reason("too_late")])
    together = _together(foretold)
    weighs = moment if together.wait else moment + ASSUMED_WAIT
    key = candidate.key((weighs - at).total_seconds(), trip.travel_s)
    there = starts if candidate.later else arrive  # for another day she sets out on that day
    return Weighed(candidate, trip, there, starts, moment, together, service_s, key)


def weigh_kiosk(
    candidate: Candidate, seen: Seen, trip: Trip, at: datetime, now: datetime, real_now: datetime
) -> Weighed | Refused:
    """How it would go at a hall's machines; nobody counts who stands before them."""
    arrive = at + timedelta(seconds=round(trip.travel_s))
    starts = _first_served(candidate.openings, arrive)
    if starts is None:
        return Refused(candidate, [Reason("too_late")])
    stands_against = _out(candidate, seen, starts, now)
    heard = bool(seen.kiosks) and _is_today(candidate.site, starts, now)
    if stands_against is None and heard and not works(seen.kiosks, candidate.items, real_now=real_now):
        stands_against = Reason("no_kiosk_working")
    if stands_against is not None:
        return Refused(candidate, [stands_against])
    service_s = 60 * sum(minutes for items in candidate.lines.values() for minutes in items.values())
    finish = starts + timedelta(seconds=round(service_s))
    if finish > candidate.openings[-1].end:
        return Refused(candidate, [Reason("too_late")])
    key = candidate.key((finish - at).total_seconds(), trip.travel_s)
    return Weighed(candidate, trip, arrive, starts, finish, NOTHING, service_s, key, heard)


def _first_served(openings: Sequence[Opening], arrive: datetime) -> datetime | None:
    """When somebody who arrives then finds it open; None after the last opening."""
    return next((max(arrive, each.start) for each in openings if each.end > arrive), None)


def _called(openings: Sequence[Opening], joins: datetime, wait: Wait | None) -> datetime | None:
    """When she is called; never within a break."""
    return _first_served(openings, joins + timedelta(seconds=wait["point_s"] if wait else 0))


def _is_today(site: Site, moment: datetime, now: datetime) -> bool:
    """Whether what is so now, and what is foretold, is about that moment at all."""
    return moment.astimezone(site.zone).date() == now.astimezone(site.zone).date()


def _foretold(waits: HallWaits, queue: str, moment: datetime) -> Foretold:
    """How long she waits who joins then."""
    found = waits.arriving(queue, moment)
    if (
        found.because == "closed"
    ):  # it is open then, by its hours: too late for the last quarter-hour foretold
        return NOTHING
    return found


def _crowded(told: Foretold, seen: Seen, queue: str, joins: datetime, service_s: float) -> Foretold:
    """The same with those who have set out since it was foretold and join before her."""
    people = seen.since.get(queue)
    if told.wait is None or not people:
        return told
    windows = sum(queue in window.queues and window.state != "closed" for window in seen.windows)
    more = round(rules.more_s(people, joins.timestamp(), service_s / max(1, windows)))
    wait = told.wait
    return Foretold(
        {
            **wait,
            "point_s": wait["point_s"] + more,
            "low_s": wait["low_s"] + more,
            "high_s": wait["high_s"] + more,
        }
    )


def _interrupted(candidate: Candidate, seen: Seen, starts: datetime, now: datetime) -> Reason | None:
    """An outage, or an end to the giving out of numbers, that lasts until she is there."""
    out = _out(candidate, seen, starts, now)
    if out is not None:
        return out
    for queue in candidate.lines:
        row = seen.intake.get(queue)
        if row is None:
            return Reason("not_taken")
        if row.intake == "stopped" and _is_today(candidate.site, starts, now):
            return Reason("intake_stopped")
        if row.intake == "paused" and _lasts(row.intake_until, starts):
            return Reason("intake_paused")
    return None


def _out(candidate: Candidate, seen: Seen, starts: datetime, now: datetime) -> Reason | None:
    for each in seen.out:
        hit = each.whole or not candidate.lines.keys().isdisjoint(each.queues)
        if (hit or not set(candidate.items).isdisjoint(each.items)) and _lasts(each.until, starts):
            if each.until is None:
                return Reason("outage")
            return Reason("outage_until", {"at": clock_of(each.until, candidate.site.tz, now)})
    return None


def _lasts(until: datetime | None, moment: datetime) -> bool:
    return until is None or until > moment


def _unserved(
    candidate: Candidate, seen: Seen, skilled: Skilled, starts: datetime, *, today: bool
) -> Reason | None:
    """A queue of hers that nobody who may is there for, as far as anybody knows."""
    for queue, items in candidate.lines.items():
        if not _is_served(candidate, seen, skilled, queue, items, starts, today=today):
            return Reason("no_window")
    return None


def _is_served(
    candidate: Candidate,
    seen: Seen,
    skilled: Skilled,
    queue: str,
    items: Mapping[str, Any],
    starts: datetime,
    *,
    today: bool,
) -> bool:
    """Whether a window for it is open, or somebody is planned for it, who may serve these items.

    Where the hall plans nobody that day, its windows count as they stand if it is open by now; before that, those
    that it has, if somebody who belongs there may.
    """
    serving = [window for window in seen.windows if queue in window.queues]
    manned = [window for window in serving if window.state != "closed" and not window.lapsed]
    if today and any(skilled.may(window.staff, items) for window in manned):
        return True
    names = {window.id for window in serving}
    closes = candidate.openings[-1].end
    shifts = [
        each for each in seen.shifts if each.starts < closes and each.ends > candidate.openings[0].start
    ]
    if shifts:
        planned = (each for each in shifts if each.ends > starts and each.window in (None, *names))
        return any(skilled.may(each.account, items) for each in planned)
    is_at_work = today and any(window.state != "closed" for window in seen.windows)
    return not is_at_work and bool(serving) and skilled.anybody_of(candidate.site.code, items)


def _together(foretold: Sequence[Foretold]) -> Foretold:
    """The waits of several queues, one after the other; where one is not known, all is not."""
    unknown = next((each for each in foretold if each.wait is None), None)
    if unknown is not None or len(foretold) == 1:
        return unknown or foretold[0]
    waits = [each.wait for each in foretold if each.wait is not None]
    total = {name: sum(wait[name] for wait in waits) for name in ("point_s", "low_s", "high_s")}
    return Foretold({**waits[0], **total})
