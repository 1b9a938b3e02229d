"""A legal priority given, changed or taken back while the person is not at a window."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.log import Event, announce
from dispatch.foundation.transitions import WrongState
from dispatch.tickets.models import Ticket

PRIORITY_WHILE = ("waiting", "missed", "parked")


@dataclass(frozen=True)
class TicketPriorityChanged(Event):
    """The ticket stands in its line as one of this legal group from now on; `none` is nobody's."""

    ticket: str
    number: str
    queue: str
    priority: str


def give_priority(session: Session, ticket: Ticket, priority: str, *, now: datetime, actor: Actor) -> None:
    """Let this ticket stand in the line as one of this legal group; `none` takes it back.

    Giving what it has already changes nothing and announces nothing. Raises WrongState while it is at a window,
    on its way to another hall, or over.
    """
    written = session.execute(
        update(Ticket)
        .where(Ticket.id == ticket.id, Ticket.state.in_(PRIORITY_WHILE), Ticket.priority != priority)
        .values(priority=priority)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(written, CursorResult)
    session.refresh(ticket)
    if written.rowcount:
        news = TicketPriorityChanged(ticket.id, ticket.number, ticket.queue, priority)
        announce(session, ticket.hall, news, at=now, actor=actor)
    elif ticket.state not in PRIORITY_WHILE:
        raise WrongState(state=ticket.state, verb="priority", allowed=sorted(PRIORITY_WHILE))
