"""What a window does with the person it called: call again, start, change, finish, note as missed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.log import Event, announce
from dispatch.halls.models import Window
from dispatch.tickets import holding
from dispatch.tickets.changing import change
from dispatch.tickets.models import Ticket
from dispatch.tickets.news import TicketChanged, TicketFinished, TicketMissed, TicketRecalled, TicketStarted
from dispatch.tickets.wanting import Wanted, told


def recall(
    session: Session, ticket: Ticket, *, claim: int | None = None, now: datetime, actor: Actor
) -> None:
    """Call her once more."""
    change(session, ticket, "recall", {"calls": ticket.calls + 1}, claim=claim, now=now, actor=actor)
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
    change(session, ticket, "start", {"started_at": now}, claim=claim, now=now, actor=actor)
    _say(session, ticket, TicketStarted, now, actor)


def missed(
    session: Session, ticket: Ticket, *, claim: int | None = None, now: datetime, actor: Actor
) -> None:
    """She did not come; the window is free."""
    change(session, ticket, "missed", claim=claim, now=now, actor=actor)
    _say(session, ticket, TicketMissed, now, actor)


def change_items(
    session: Session,
    ticket: Ticket,
    items: Sequence[Wanted],
    *,
    claim: int | None = None,
    now: datetime,
    actor: Actor,
) -> None:
    """What she really wants done, and how often. Raises NotFound for an unknown item, AlreadyInLine."""
    wanted = told(session, items)
    change(session, ticket, "change", {"items": wanted}, claim=claim, now=now, actor=actor)
    holding.hold_instead(session, ticket, ticket)
    announce(session, ticket.hall, TicketChanged(ticket.id, ticket.number, wanted), at=now, actor=actor)


def finish(
    session: Session,
    ticket: Ticket,
    *,
    items: Sequence[Wanted] = (),
    claim: int | None = None,
    now: datetime,
    actor: Actor,
) -> None:
    """She is done. Where nobody pressed start, service is taken to have begun at the call, and marked so.

    `items`, where given, say what was really done.
    """
    imputed = ticket.state == "called"
    values: dict[str, Any] = {"ended_at": now}
    if imputed:
        values["started_at"] = ticket.called_at
    if items:
        values["items"] = told(session, items)
    change(session, ticket, "finish", values, claim=claim, now=now, actor=actor)
    holding.let_go(session, ticket)
    if items:
        announce(
            session, ticket.hall, TicketChanged(ticket.id, ticket.number, ticket.items), at=now, actor=actor
        )
    news = TicketFinished(
        ticket.id, ticket.number, ticket.queue, str(ticket.window), _held(ticket), start_imputed=imputed
    )
    announce(session, ticket.hall, news, at=now, actor=actor)


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
