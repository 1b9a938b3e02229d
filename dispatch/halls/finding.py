"""Reading halls, queues and windows."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.errors import NotAllowed, NotFound
from dispatch.halls import hours
from dispatch.halls.models import CalendarDay, Hall, Queue, Window


def all_halls(session: Session) -> list[Hall]:
    """Every hall of the city, from the top of the tree down."""
    return list(session.scalars(select(Hall).order_by(Hall.path)))


def hall(session: Session, code: str) -> Hall:
    """The hall of this code; NotFound."""
    found = session.get(Hall, code)
    if found is None:
        raise NotFound(what=code, field="hall")
    return found


def queues_of(session: Session, hall: str) -> list[Queue]:
    """The hall's live queues, as they stand on its board."""
    wanted = select(Queue).where(Queue.hall == hall, Queue.active)
    return list(session.scalars(wanted.order_by(Queue.position)))


def queue(session: Session, hall: str, code: str) -> Queue:
    """One live queue of a hall; NotFound."""
    found = session.get(Queue, (hall, code))
    if found is None or not found.active:
        raise NotFound(what=f"{hall} {code}", field="queue")
    return found


def windows_of(session: Session, hall: str) -> list[Window]:
    """The hall's windows, in the order of their numbers."""
    wanted = select(Window).where(Window.hall == hall, Window.active)
    return list(session.scalars(wanted.order_by(Window.position)))


def staffed_queues(session: Session, among: Iterable[str]) -> set[tuple[str, str]]:
    """The (hall, queue) of these halls that a window serves just now; a paused one will go on, so it counts."""
    rows = session.execute(
        select(Window.hall, Window.queues).where(
            Window.hall.in_(list(among)), Window.active, Window.state != "closed"
        )
    )
    return {(hall, queue) for hall, queues in rows for queue in queues}


def window(session: Session, ident: str) -> Window:
    """One window by its id; NotFound."""
    found = session.get(Window, ident)
    if found is None or not found.active:
        raise NotFound(what=ident, field="window")
    return found


def window_for(session: Session, actor: Actor, ident: str) -> Window:
    """A window this actor may work; NotAllowed outside the actor's scope or role."""
    found = window(session, ident)
    may_work = actor.kind == "system" or actor.role in ("clerk", "supervisor")
    if not may_work or not actor.covers(hall(session, found.hall).path):
        raise NotAllowed(field="window")
    return found


def opening_at(session: Session, place: Hall, at: datetime) -> hours.Opening | None:
    """The opening of this hall that holds the moment, or None while it is closed."""
    return hours.opening_at(place.hours, place.tz, at, _calendar(session))


def service_day(session: Session, place: Hall, at: datetime) -> date:
    """The day whose numbers count at this moment: that of the opening served, else the hall's own date."""
    opening = opening_at(session, place, at)
    return opening.day if opening else at.astimezone(ZoneInfo(place.tz)).date()


def next_opening(session: Session, place: Hall, at: datetime) -> hours.Opening | None:
    """When this hall opens next."""
    return hours.next_opening(place.hours, place.tz, at, _calendar(session))


def openings(session: Session, place: Hall, day: date) -> list[hours.Opening]:
    """All openings of a local day."""
    return hours.openings(place.hours, place.tz, day, _calendar(session))


def _calendar(session: Session) -> hours.DayKind:
    days: Mapping[Any, str] | None = session.info.get("calendar")
    if days is None:  # a few dozen rows that don't change within a transaction
        rows = session.execute(select(CalendarDay.day, CalendarDay.kind))
        days = session.info["calendar"] = {row.day: row.kind for row in rows}
    return days.get
