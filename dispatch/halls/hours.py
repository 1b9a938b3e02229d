"""When a hall is open: pure rules over its weekly hours, its seasons, its particular days and the city's calendar."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_AHEAD_DAYS = 30
MIDNIGHT = "24:00"

DayKind = Callable[[date], str | None]
"""Asks the calendar: `holiday`, `workday` or None for an ordinary day."""
Span = Sequence[str]
"""From when to when, by the hall's clock: `["08:30", "12:00"]`; one that ends before it begins runs past midnight."""


@dataclass(frozen=True)
class Opening:
    """One stretch of time in which the hall serves; `day` is its service day."""

    day: date
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Break:
    """The time between two openings of one day."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class DayPlan:
    """What one day has of its own: openings instead of the week's, and from when on it is closed."""

    spans: Sequence[Span] | None = None
    closed_from: datetime | None = None


@dataclass(frozen=True)
class Special:
    """What makes days differ from the hall's ordinary week.

    A season is a range of days with a week of its own: `{first, last, weekly}`; of two that meet, the later in the
    list counts. A day's own plan wins over everything, the calendar too.
    """

    seasons: Sequence[Mapping[str, Any]] = ()
    day: Callable[[date], DayPlan | None] = lambda _: None


NOTHING_SPECIAL = Special()


def openings(
    hours: Mapping[str, Any], tz: str, day: date, kind_of: DayKind, special: Special = NOTHING_SPECIAL
) -> list[Opening]:
    """The hall's openings that begin on this local day, in order, an early close taken off."""
    found = scheduled(hours, tz, day, kind_of, special)
    plan = special.day(day)
    if plan is None or plan.closed_from is None:
        return found
    shut = plan.closed_from.astimezone(UTC)
    return [
        each if each.end.astimezone(UTC) <= shut else replace(each, end=shut.astimezone(ZoneInfo(tz)))
        for each in found
        if each.start.astimezone(UTC) < shut
    ]


def scheduled(
    hours: Mapping[str, Any], tz: str, day: date, kind_of: DayKind, special: Special = NOTHING_SPECIAL
) -> list[Opening]:
    """The same as if nobody had closed early. One that runs past midnight ends where the next day begins."""
    zone = ZoneInfo(tz)
    found = []
    for start, end in _spans(hours, day, kind_of, special):
        ends_on = day + timedelta(days=1) if end < start else day
        opening = Opening(day, _moment(day, start, zone), _moment(ends_on, end, zone))
        if ends_on != day:
            following = _spans(hours, ends_on, kind_of, special)
            if following:
                opening = replace(opening, end=min(opening.end, _moment(ends_on, following[0][0], zone)))
        if opening.start.astimezone(UTC) < opening.end.astimezone(UTC):
            found.append(opening)
    return found


def opening_at(
    hours: Mapping[str, Any], tz: str, at: datetime, kind_of: DayKind, special: Special = NOTHING_SPECIAL
) -> Opening | None:
    """The opening that holds this moment, if the hall is open."""
    return _holding(openings, hours, tz, at, kind_of, special)


def scheduled_at(
    hours: Mapping[str, Any], tz: str, at: datetime, kind_of: DayKind, special: Special = NOTHING_SPECIAL
) -> Opening | None:
    """The same as if nobody had closed early."""
    return _holding(scheduled, hours, tz, at, kind_of, special)


def next_opening(
    hours: Mapping[str, Any], tz: str, at: datetime, kind_of: DayKind, special: Special = NOTHING_SPECIAL
) -> Opening | None:
    """The first opening that starts after this moment, within a month."""
    today = at.astimezone(ZoneInfo(tz)).date()
    for ahead in range(LOOK_AHEAD_DAYS + 1):
        for opening in openings(hours, tz, today + timedelta(days=ahead), kind_of, special):
            if opening.start > at:
                return opening
    return None


def breaks(found: Sequence[Opening]) -> list[Break]:
    """When a day with several openings pauses: 午休, mostly."""
    return [Break(before.end, after.start) for before, after in pairwise(found) if before.end < after.start]


def time_left(found: Sequence[Opening], at: datetime) -> timedelta:
    """How long the hall still serves on a day with these openings, breaks left out."""
    left = (each.end - max(each.start, at) for each in found)
    return sum((part for part in left if part > timedelta(0)), timedelta(0))


def wrong_spans(spans: Sequence[Span]) -> Iterator[str]:
    """What is wrong with a day's spans: each after the one before, and only the last may run past midnight."""
    for index, (start, end) in enumerate(spans):
        if start in (end, MIDNIGHT):
            yield f"{start}-{end} is empty"
        elif end < start and index < len(spans) - 1:
            yield f"{start}-{end} ends before it begins"
    for (first_start, first_end), (start, end) in pairwise(spans):
        if start < max(first_start, first_end):  # clock times of two digits each compare as text
            yield f"{start}-{end} overlaps {first_start}-{first_end} or stands before it"


def season_of(special: Special, day: date) -> Mapping[str, Any] | None:
    """The season this day lies in."""
    said = day.isoformat()
    return next((each for each in reversed(special.seasons) if each["first"] <= said <= each["last"]), None)


def _holding(
    of_day: Callable[..., list[Opening]],
    hours: Mapping[str, Any],
    tz: str,
    at: datetime,
    kind_of: DayKind,
    special: Special,
) -> Opening | None:
    today = at.astimezone(ZoneInfo(tz)).date()
    for day in (today - timedelta(days=1), today):  # an opening may run past midnight
        for opening in of_day(hours, tz, day, kind_of, special):
            if opening.start <= at < opening.end:
                return opening
    return None


def _spans(hours: Mapping[str, Any], day: date, kind_of: DayKind, special: Special) -> list[Span]:
    plan = special.day(day)
    if plan is not None and plan.spans is not None:
        return list(plan.spans)
    kind = kind_of(day)
    if kind == "holiday" and not hours.get("public_holidays"):
        return []
    name = WEEKDAYS[day.weekday()]
    if kind == "workday" and hours.get("makeup_workdays"):
        name = "mon"  # a make-up workday is worked like any Monday
    season = season_of(special, day)
    return list((season or hours)["weekly"].get(name, []))


def _moment(day: date, clock: str, zone: ZoneInfo) -> datetime:
    if clock == MIDNIGHT:
        return _existing(datetime.combine(day + timedelta(days=1), time(0), zone), zone)
    return _existing(datetime.combine(day, time.fromisoformat(clock), zone), zone)


def _existing(wall: datetime, zone: ZoneInfo) -> datetime:
    """A wall time that clocks jump over counts as the moment of the jump: later ones stay later."""
    before, after = wall.utcoffset(), wall.replace(fold=1).utcoffset()
    if before is None or after is None or before >= after:
        return wall
    earliest = wall.replace(tzinfo=UTC) - after
    low, high = 0, round((after - before).total_seconds())
    while low < high:
        middle = (low + high) // 2
        moment = earliest + timedelta(seconds=middle)
        if moment.astimezone(zone).utcoffset() == before:
            low = middle + 1
        else:
            high = middle
    return (earliest + timedelta(seconds=low)).astimezone(zone)
