"""When a hall is open: pure rules over its weekly hours and the city's calendar."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_AHEAD_DAYS = 30

DayKind = Callable[[date], str | None]
"""Asks the calendar: `holiday`, `workday` or None for an ordinary day."""


@dataclass(frozen=True)
class Opening:
    """One stretch of time in which the hall serves; `day` is its service day."""

    day: date
    start: datetime
    end: datetime


def openings(hours: Mapping[str, Any], tz: str, day: date, kind_of: DayKind) -> list[Opening]:
    """The hall's openings that begin on this local day, in order."""
    zone = ZoneInfo(tz)
    return [
        Opening(day, _moment(day, start, zone), _moment(day, end, zone))
        for start, end in _spans(hours, day, kind_of)
    ]


def opening_at(hours: Mapping[str, Any], tz: str, at: datetime, kind_of: DayKind) -> Opening | None:
    """The opening that holds this moment, if the hall is open."""
    today = at.astimezone(ZoneInfo(tz)).date()
    for day in (today - timedelta(days=1), today):  # an opening may run past midnight
        for opening in openings(hours, tz, day, kind_of):
            if opening.start <= at < opening.end:
                return opening
    return None


def next_opening(hours: Mapping[str, Any], tz: str, at: datetime, kind_of: DayKind) -> Opening | None:
    """The first opening that starts after this moment, within a month."""
    today = at.astimezone(ZoneInfo(tz)).date()
    for ahead in range(LOOK_AHEAD_DAYS + 1):
        for opening in openings(hours, tz, today + timedelta(days=ahead), kind_of):
            if opening.start > at:
                return opening
    return None


def _spans(hours: Mapping[str, Any], day: date, kind_of: DayKind) -> list[tuple[str, str]]:
    weekly = hours["weekly"]
    kind = kind_of(day)
    if kind == "holiday" and not hours.get("public_holidays"):
        return []
    name = WEEKDAYS[day.weekday()]
    if kind == "workday" and hours.get("makeup_workdays"):
        name = "mon"  # a make-up workday is worked like any Monday
    return [(start, end) for start, end in weekly.get(name, [])]


def _moment(day: date, clock: str, zone: ZoneInfo) -> datetime:
    if clock == "24:00":
        return datetime.combine(day + timedelta(days=1), time(0), zone)
    return datetime.combine(day, time.fromisoformat(clock), zone)
