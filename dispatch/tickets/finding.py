"""Reading tickets."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, literal_column, select
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.errors import NotAllowed, NotFound
from dispatch.foundation.ids import Keyring
from dispatch.foundation.prepared import ByKey, Prepared, Soon, put
from dispatch.halls import finding as halls
from dispatch.tickets.life import AT_A_WINDOW, LIVE
from dispatch.tickets.models import NumberSeries, Ticket
from dispatch.tickets.refusals import NotYourTicket

SECRET = "ticket"
_NUMBER = re.compile(r"(?P<letter>[A-Z]{1,4})(?P<n>[0-9]{1,6})")
# SQLite uses the partial index only where the states stand in the statement itself.
_SITTING = (
    select(Ticket.__table__)
    .where(
        Ticket.window == bindparam("at"),
        Ticket.state.in_([literal_column(f"'{state}'") for state in AT_A_WINDOW]),
    )
    .order_by(Ticket.seat)
)
_AT_WINDOW, _HOLD_AT_WINDOW = Prepared(_SITTING), Prepared(_SITTING.with_for_update(key_share=True))
_TICKET = ByKey(Ticket)


def ticket(session: Session, ident: str) -> Ticket:
    """The ticket of this id; NotFound. The caller has made sure who asks."""
    found = _TICKET.get(session, ident, fresh=True)
    if found is None:
        raise NotFound(what=ident, field="ticket")
    return found


def ticket_of_holder(session: Session, keys: Keyring, ident: str, secret: str) -> Ticket:
    """The ticket whose secret this is; NotYourTicket, whether or not it exists."""
    if not keys.holds(SECRET, ident, secret):
        raise NotYourTicket(field="ticket")
    return ticket(session, ident)


def ticket_for(session: Session, actor: Actor, ident: str) -> Ticket:
    """A ticket of a hall in this actor's scope; NotFound, or NotAllowed outside it."""
    found = ticket(session, ident)
    if not actor.covers(halls.hall(session, found.hall).path):
        raise NotAllowed(field="ticket")
    return found


def at_window(session: Session, window: str) -> Ticket | None:
    """Whoever is called to the window or served there; of several called together the first."""
    here = group_at(session, window)
    return here[0] if here else None


def group_at(session: Session, window: str) -> list[Ticket]:
    """Everybody called to the window or served there, in the order of the call."""
    return [put(session, Ticket, row._asdict()) for row in _AT_WINDOW.all(session, at=window)]


def hold_group_at(session: Session, window: str) -> Soon:
    """The same, and from then on nobody else moves them: asked for together with what is asked next."""
    return _HOLD_AT_WINDOW.soon(session, at=window)


def held(session: Session, asked: Soon) -> list[Ticket]:
    """The answer to `hold_group_at`."""
    here = [put(session, Ticket, row._asdict()) for row in asked.all()]
    session.info.setdefault("held_tickets", set()).update(ticket.id for ticket in here)
    return here


def by_number(session: Session, hall: str, number: str, day: date) -> Ticket | None:
    """The ticket with this number on a service day."""
    return session.scalars(_numbered(hall, number).where(Ticket.service_day == day)).one_or_none()


def last_of_number(session: Session, hall: str, number: str) -> Ticket | None:
    """The latest ticket with this number, of whichever day."""
    return session.scalars(_numbered(hall, number).order_by(Ticket.service_day.desc()).limit(1)).first()


def bulk(session: Session, idents: Iterable[str]) -> list[Ticket]:
    """These tickets, in the order asked for, in one statement."""
    wanted = list(idents)
    rows = {row.id: row for row in session.scalars(select(Ticket).where(Ticket.id.in_(wanted)))}
    return [rows[ident] for ident in wanted if ident in rows]


def parked_in(session: Session, hall: str, day: date) -> list[Ticket]:
    """Whoever is parked in a hall, the longest first."""
    return _standing(session, hall, day, "parked", Ticket.parked_at.asc())


def missed_in(session: Session, hall: str, day: date) -> list[Ticket]:
    """Whoever missed her call in a hall today, the latest first."""
    return _standing(session, hall, day, "missed", Ticket.called_at.desc())


def of_persons(session: Session, refs: Iterable[str]) -> list[Ticket]:
    """The tickets of these people in all halls, newest first."""
    wanted = select(Ticket).where(Ticket.person.in_(list(refs)))
    return list(session.scalars(wanted.order_by(Ticket.issued_at.desc())))


def _numbered(hall: str, number: str) -> Select[Ticket]:
    """Tickets of a hall by what the slip says; a number that is none finds nothing."""
    said = _NUMBER.fullmatch(number.strip().upper())
    letter, n = (said["letter"], int(said["n"])) if said else ("", -1)
    return select(Ticket).where(Ticket.hall == hall, Ticket.letter == letter, Ticket.n == n)


def _standing(session: Session, hall: str, day: date, state: str, order: ColumnElement[Any]) -> list[Ticket]:
    wanted = select(Ticket).where(Ticket.hall == hall, Ticket.service_day == day, Ticket.state == state)
    return list(session.scalars(wanted.order_by(order)))


def waiting_counts(session: Session, among: Iterable[str] | None = None) -> dict[tuple[str, str], int]:
    """How many wait, by (hall, queue)."""
    counted = select(Ticket.hall, Ticket.queue, func.count()).where(Ticket.state == "waiting")
    if among is not None:
        counted = counted.where(Ticket.hall.in_(list(among)))
    rows = session.execute(counted.group_by(Ticket.hall, Ticket.queue))
    return {(hall, queue): count for hall, queue, count in rows}


def done_today(session: Session, window: str, day: date) -> dict[str, int]:
    """How many tickets this window ended on a service day, by state."""
    counted = select(Ticket.state, func.count()).where(
        Ticket.window == window, Ticket.service_day == day, Ticket.state.in_(("finished", "missed"))
    )
    return {row[0]: row[1] for row in session.execute(counted.group_by(Ticket.state))}


@dataclass(frozen=True)
class Load:
    """How a hall stands: people waiting, since when the longest, and how many were served today."""

    waiting: int = 0
    oldest: datetime | None = None
    served: int = 0


def loads(session: Session) -> dict[str, Load]:
    """The load of every hall that has any; `served` counts the hall's latest service day."""
    latest = (
        select(NumberSeries.hall, func.max(NumberSeries.service_day).label("day"))
        .group_by(NumberSeries.hall)
        .subquery()
    )
    waiting = Ticket.state == "waiting"
    rows = session.execute(
        select(
            Ticket.hall,
            func.sum(case((waiting, 1), else_=0)),
            func.min(case((waiting, Ticket.issued_at))),
            func.sum(case((Ticket.state == "finished", 1), else_=0)),
        )
        .join(latest, (latest.c.hall == Ticket.hall) & (latest.c.day == Ticket.service_day))
        .group_by(Ticket.hall)
    )
    return {hall: Load(count, oldest, served) for hall, count, oldest, served in rows}


@dataclass(frozen=True)
class Live:
    """What live tickets hold fast in a hall: queues with their letters, and busy windows."""

    by_queue: dict[tuple[str, str], int]
    windows: set[str]


def live_in(session: Session, hall: str) -> Live:
    """The live tickets of a hall, as far as they forbid to change it."""
    counted = select(Ticket.queue, Ticket.letter, func.count()).where(
        Ticket.hall == hall, Ticket.state.in_(LIVE)
    )
    rows = session.execute(counted.group_by(Ticket.queue, Ticket.letter))
    busy = select(Ticket.window).where(Ticket.hall == hall, Ticket.state.in_(AT_A_WINDOW))
    return Live(
        {(queue, letter): count for queue, letter, count in rows},
        {str(window) for window in session.scalars(busy)},
    )
