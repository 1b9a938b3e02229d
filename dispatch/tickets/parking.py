"""Parked: she fetches a copy or pays, the window goes on with others, and she comes back without queueing again."""

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.log import announce
from dispatch.halls.models import Window
from dispatch.tickets import turns
from dispatch.tickets.changing import change, fenced
from dispatch.tickets.life import LIFE
from dispatch.tickets.models import Ticket
from dispatch.tickets.news import TicketParked, TicketResumed


def park(
    session: Session,
    ticket: Ticket,
    *,
    reason: str = "other",
    claim: int | None = None,
    now: datetime,
    actor: Actor,
) -> None:
    """Set her aside; the window is free. `reason` is one of PARK_REASONS."""
    was = ticket.state
    change(session, ticket, "park", {"parked_at": now, "seat": 0}, claim=claim, now=now, actor=actor)
    news = TicketParked(ticket.id, ticket.number, ticket.queue, str(ticket.window), was, reason)
    announce(session, ticket.hall, news, at=now, actor=actor)


def resume(session: Session, ticket: Ticket, window: Window, *, now: datetime, actor: Actor) -> None:
    """She sits at this window, which must be open and free.

    Raises WindowNotOpen, WindowBusy, NotSkilled, WrongState.
    """
    LIFE.target("resume", ticket.state)
    turn = turns.take(session, window, now)
    turns.refuse_busy(session, window)
    turns.refuse_unskilled(session, window, [wanted["item"] for wanted in ticket.items], now)
    claim = fenced(ticket, turn)
    sits = {"window": window.id, "claim": claim, "started_at": ticket.started_at or now}
    change(session, ticket, "resume", sits, now=now, actor=actor)
    turns.count_up(session, ticket, turn)
    news = TicketResumed(ticket.id, ticket.number, ticket.queue, window.id, claim)
    announce(session, ticket.hall, news, at=now, actor=actor)
