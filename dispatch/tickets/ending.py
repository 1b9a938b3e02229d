"""How a ticket ends without being served: the person gives it up, or the day is over."""

from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.log import announce
from dispatch.halls import finding as halls
from dispatch.halls import windows
from dispatch.halls.models import Window
from dispatch.tickets import finding, holding
from dispatch.tickets.changing import change
from dispatch.tickets.life import LIFE
from dispatch.tickets.models import Ticket
from dispatch.tickets.news import TicketCancelled, TicketExpired, TicketVoided
from dispatch.tickets.refusals import WindowBusy


def cancel(session: Session, ticket: Ticket, *, now: datetime, actor: Actor) -> None:
    """The person gives her place up."""
    was = ticket.state
    change(session, ticket, "cancel", {"ended_at": now}, now=now, actor=actor)
    holding.let_go(session, ticket)
    news = TicketCancelled(ticket.id, ticket.number, ticket.queue, was)
    announce(session, ticket.hall, news, at=now, actor=actor)


def void(
    session: Session,
    ticket: Ticket,
    reason: str,
    *,
    claim: int | None = None,
    now: datetime,
    actor: Actor,
) -> None:
    """The staff end it: she has left, took two, or took the wrong one. `reason` is one of VOID_REASONS."""
    was = ticket.state
    change(session, ticket, "void", {"ended_at": now}, claim=claim, now=now, actor=actor)
    holding.let_go(session, ticket)
    news = TicketVoided(ticket.id, ticket.number, ticket.queue, was, reason)
    announce(session, ticket.hall, news, at=now, actor=actor)


def end_day(session: Session, hall: str, before: date, *, now: datetime, actor: Actor) -> int:
    """End what is left of the service days before this one: tickets expire, windows close. How many tickets.

    Somebody still being served stays so.
    """
    left = session.scalars(
        select(Ticket)
        .where(Ticket.hall == hall, Ticket.service_day < before, Ticket.state.in_(LIFE["expire"].sources))
        .order_by(Ticket.place, Ticket.n)
    ).all()
    for ticket in left:
        expire(session, ticket, now=now, actor=actor)
    _close_forgotten(session, hall, before, now=now, actor=actor)
    return len(left)


def expire(session: Session, ticket: Ticket, *, now: datetime, actor: Actor) -> None:
    """Her service day is over."""
    was = ticket.state
    change(session, ticket, "expire", {"ended_at": now}, now=now, actor=actor)
    holding.let_go(session, ticket)
    news = TicketExpired(ticket.id, ticket.number, ticket.queue, was)
    announce(session, ticket.hall, news, at=now, actor=actor)


def close_window(session: Session, window: Window, *, now: datetime, actor: Actor) -> None:
    """Nobody sits there any more; WindowBusy while somebody is called to it or served there.

    The window's row is locked before looking, so that no call slips in between.
    """
    session.refresh(window, with_for_update=True)
    if here := finding.at_window(session, window.id):
        raise WindowBusy(number=here.number, ticket=here.id, field="window")
    windows.change(session, window, "close", now=now, actor=actor)


def _close_forgotten(session: Session, hall: str, before: date, *, now: datetime, actor: Actor) -> None:
    """Close the windows that nobody has sat at since an earlier day."""
    zone = ZoneInfo(halls.hall(session, hall).tz)
    for window in halls.windows_of(session, hall):
        quiet = window.heard_at is None or window.heard_at.astimezone(zone).date() < before
        if window.state != "closed" and quiet:
            with suppress(WindowBusy):  # somebody still being served stays so
                close_window(session, window, now=now, actor=actor)
