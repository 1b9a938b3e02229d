"""Reading tickets."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, case, func, literal_column, select
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.errors import NotAllowed, NotFound
from dispatch.foundation.ids import Keyring
from dispatch.halls import finding as halls
from dispatch.tickets.life import AT_A_WINDOW, LIVE
from dispatch.tickets.models import NumberSeries, Ticket
from dispatch.tickets.refusals import NotYourTicket

SECRET = "ticket"
# SQLite uses the partial index only where the states stand in the statement itself.
_AT_WINDOW = select(Ticket).where(
    Ticket.window == bindparam("at"),
    Ticket.state.in_([literal_column(f"'{state}'") for state in AT_A_WINDOW]),
)


def ticket(session: Session, ident: str) -> Ticket:
    """The ticket of this id; NotFound. The caller has made sure who asks."""
    found = session.get(Ticket, ident, populate_existing=True)
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
    """Whoever is called to the window or served there."""
    return session.scalars(_AT_WINDOW, {"at": window}).one_or_none()


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
