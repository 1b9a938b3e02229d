"""What a window does with the person it called: call again, start, finish, note as missed."""

from datetime import datetime

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.log import Event, announce
from dispatch.halls.models import Window
from dispatch.tickets.life import LIFE
from dispatch.tickets.models import Ticket
from dispatch.tickets.news import TicketFinished, TicketMissed, TicketRecalled, TicketStarted
from dispatch.tickets.refusals import StaleClaim


def recall(
    session: Session, ticket: Ticket, *, claim: int | None = None, now: datetime, actor: Actor
) -> None:
    """Call her once more."""
    change(session, ticket, "recall", claim=claim, calls=ticket.calls + 1)
    window = session.get_one(Window, ticket.window)
    news = TicketRecalled(
        ticket.id,
        ticket.number,
        ticket.queue,
        ticket.service_day.isoformat(),
        window.id,
        window.name,
        _held(ticket),
        ticket.calls,
    )
    announce(session, ticket.hall, news, at=now, actor=actor)


def start(session: Session, ticket: Ticket, *, claim: int | None = None, now: datetime, actor: Actor) -> None:
    """She has come to the window."""
    change(session, ticket, "start", claim=claim, started_at=now)
    _say(session, ticket, TicketStarted, now, actor)


def missed(
    session: Session, ticket: Ticket, *, claim: int | None = None, now: datetime, actor: Actor
) -> None:
    """She did not come; the window is free."""
    change(session, ticket, "missed", claim=claim)
    _say(session, ticket, TicketMissed, now, actor)


def finish(
    session: Session, ticket: Ticket, *, claim: int | None = None, now: datetime, actor: Actor
) -> None:
    """She is done. Where nobody pressed start, service is taken to have begun at the call, and marked so."""
    imputed = ticket.state == "called"
    began = ticket.called_at if imputed else ticket.started_at
    change(session, ticket, "finish", claim=claim, started_at=began, ended_at=now)
    news = TicketFinished(
        ticket.id, ticket.number, ticket.queue, str(ticket.window), _held(ticket), start_imputed=imputed
    )
    announce(session, ticket.hall, news, at=now, actor=actor)


def change(
    session: Session, ticket: Ticket, verb: str, *, claim: int | None = None, **values: object
) -> None:
    """Write one transition, guarded: only from the state that was read, only for the claim that holds it.

    Raises WrongState, StaleClaim.
    """
    target = LIFE.target(verb, ticket.state)
    if claim is not None and claim != ticket.claim:
        raise StaleClaim(claim=ticket.claim, field="claim")
    tickets = Ticket.__table__
    written = session.execute(
        update(tickets)  # type: ignore[arg-type]
        .where(
            tickets.c.id == ticket.id,
            tickets.c.state == ticket.state,
            tickets.c.claim.is_not_distinct_from(ticket.claim),
            tickets.c.calls == ticket.calls,
        )
        .values(state=target, **values)
    )
    assert isinstance(written, CursorResult)
    was = ticket.state
    session.refresh(ticket)
    if written.rowcount == 0:  # somebody else moved it since it was read
        LIFE.target(verb, ticket.state)
        raise StaleClaim(claim=ticket.claim, was=was, field="claim")


def _say(
    session: Session,
    ticket: Ticket,
    news: type[TicketStarted | TicketMissed],
    now: datetime,
    actor: Actor,
) -> None:
    said: Event = news(ticket.id, ticket.number, ticket.queue, str(ticket.window), _held(ticket))
    announce(session, ticket.hall, said, at=now, actor=actor)


def _held(ticket: Ticket) -> int:
    assert ticket.claim is not None
    return ticket.claim
