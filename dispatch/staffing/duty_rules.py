"""On which days a rule such as "the 8th of each month" falls. Pure."""

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

EVERY = ("month", "week")
IF_CLOSED = ("next", "skip")
LOOK_AHEAD_DAYS = 366
"""A rule that falls on no open day within a year is no rule any more."""


@dataclass(frozen=True)
class Rule:
    """Every month on day `on` (1–31; a shorter month's last), or every week on weekday `on` (0 is Monday).

    On a day on which the hall is closed it moves to the `next` open day, or is left out.
    """

    every: str
    on: int
    if_closed: str = "next"


def upcoming(rule: Rule, start: date, is_open: Callable[[date], bool], count: int) -> list[date]:
    """The next `count` days of the rule from `start` on, fewer where the hall hardly opens."""
    return list(islice(_days(rule, start, is_open), count))


def _days(rule: Rule, start: date, is_open: Callable[[date], bool]) -> Iterator[date]:
    end = start + timedelta(days=LOOK_AHEAD_DAYS)
    day, told = start - timedelta(days=31), date.min  # one that was moved may still lie ahead
    while day < end:
        if _named(rule, day):
            moved = _moved(rule, day, is_open)
            if moved is not None and moved >= start and moved > told:
                told = moved
                yield moved
        day += timedelta(days=1)


def _named(rule: Rule, day: date) -> bool:
    if rule.every == "week":
        return day.weekday() == rule.on
    return day.day == min(rule.on, monthrange(day.year, day.month)[1])


def _moved(rule: Rule, day: date, is_open: Callable[[date], bool]) -> date | None:
    if is_open(day):
        return day
    if rule.if_closed == "skip":
        return None
    later = (day + timedelta(days=ahead) for ahead in range(1, 31))
    return next((other for other in later if is_open(other)), None)
