"""Duty days: when an office's leaders sit at a window and everybody may come."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.errors import BadInput, NotFound
from dispatch.foundation.ids import new_id
from dispatch.foundation.log import announce
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall, Window
from dispatch.staffing import finding
from dispatch.staffing.duty_rules import Rule, upcoming
from dispatch.staffing.models import DutyDay
from dispatch.staffing.news import DutyDayDropped, DutyDaySet
from dispatch.staffing.refusals import NoDutyDays

SHOWN = 3
WEEK, MONTH = range(7), range(1, 32)


@dataclass(frozen=True)
class Office:
    """Whose leaders sit there, by the office's name and never a person's, and at which hours."""

    name: str
    name_en: str
    starts: time
    ends: time


@dataclass(frozen=True)
class Announced:
    """A duty day with the next dates it falls on."""

    row: DutyDay
    window: Window | None
    dates: list[date]


def set_day(
    session: Session,
    place: Hall,
    office: Office,
    rule: Rule,
    *,
    window: Window | None = None,
    now: datetime,
    actor: Actor,
) -> DutyDay:
    """From now on leaders of this office sit here by this rule. Raises BadInput, NotFound, NoDutyDays."""
    if office.starts >= office.ends:
        raise BadInput(reason=f"{office.starts:%H:%M} ≥ {office.ends:%H:%M}", field="ends")
    if rule.on not in (WEEK if rule.every == "week" else MONTH):
        raise BadInput(reason=str(rule.on), field="on")
    if window is not None and window.hall != place.code:
        raise NotFound(what=window.id, field="window")
    if not _dates(session, place, rule, now):
        raise NoDutyDays(reason=str(rule.on), field="on")
    row = DutyDay(
        id=new_id(),
        hall=place.code,
        window=window.id if window else None,
        office=office.name,
        office_en=office.name_en,
        every=rule.every,
        on=rule.on,
        if_closed=rule.if_closed,
        starts=f"{office.starts:%H:%M}",
        ends=f"{office.ends:%H:%M}",
    )
    session.add(row)
    session.flush()
    news = DutyDaySet(row.id, row.window, row.every, row.on, row.starts, row.ends)
    announce(session, place.code, news, at=now, actor=actor)
    return row


def drop(session: Session, row: DutyDay, *, now: datetime, actor: Actor) -> None:
    """They no longer do."""
    session.delete(row)
    session.flush()
    announce(session, row.hall, DutyDayDropped(row.id), at=now, actor=actor)


def announced(session: Session, place: Hall, *, now: datetime) -> list[Announced]:
    """The hall's duty days with their next dates, the soonest first; today counts until it is over."""
    found = [with_dates(session, place, row, now=now) for row in finding.duty_days(session, place.code)]
    return sorted(
        (day for day in found if day.dates), key=lambda day: (day.dates[0], day.row.starts, day.row.id)
    )


def with_dates(session: Session, place: Hall, row: DutyDay, *, now: datetime) -> Announced:
    """One duty day with the next dates it falls on; none where the hall does not open on any."""
    dates = _dates(session, place, _rule(row), now, time.fromisoformat(row.ends))
    return Announced(row, session.get(Window, row.window) if row.window else None, dates)


def _rule(row: DutyDay) -> Rule:
    return Rule(row.every, row.on, row.if_closed)


def _dates(session: Session, place: Hall, rule: Rule, now: datetime, until: time | None = None) -> list[date]:
    local = now.astimezone(ZoneInfo(place.tz))
    over = until is not None and local.time() >= until
    found = upcoming(rule, local.date(), _is_open(session, place), SHOWN + 1)
    return [day for day in found if not (over and day == local.date())][:SHOWN]


def _is_open(session: Session, place: Hall) -> Callable[[date], bool]:
    return lambda day: bool(halls.openings(session, place, day))
