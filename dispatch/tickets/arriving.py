"""Somebody who took her number from afar is here now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.log import Event, announce
from dispatch.foundation.transitions import WrongState
from dispatch.tickets.models import Ticket


@dataclass(frozen=True)
class TicketArrived(Event):
    """Whoever took this number from afar was seen in the hall."""

    ticket: str
    number: str
    queue: str


def arrive(session: Session, ticket: Ticket, *, now: datetime, actor: Actor) -> None:
    """She is here; seen a second time, nothing changes. WrongState when she waits for nothing any more."""
    written = session.execute(
        update(Ticket)
        .where(Ticket.id == ticket.id, Ticket.state == "waiting", Ticket.arrived_at.is_(None))
        .values(arrived_at=now)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(written, CursorResult)
    session.refresh(ticket)
    if written.rowcount:
        news = TicketArrived(ticket.id, ticket.number, ticket.queue)
        announce(session, ticket.hall, news, at=now, actor=actor)
    elif ticket.state != "waiting":
        raise WrongState(state=ticket.state, verb="arrive", allowed=["waiting"])
