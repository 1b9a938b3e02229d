"""How a ticket ends without being served: the person gives it up, or the day is over."""

from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, literal_column, select, union_all
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.log import announce
from dispatch.halls import finding as halls
from dispatch.halls import windows
from dispatch.halls.models import Hall, Window
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


def left_over(session: Session, now: datetime) -> list[str]:
    """Halls where tickets, or windows that nobody sits at, may be left of an earlier day: two statements for a city."""
    # Each state by itself and in words, so that each finds its own small index.
    days = union_all(
        *(
            select(Ticket.hall, Ticket.service_day).where(Ticket.state == literal_column(f"'{state}'"))
            for state in sorted(LIFE["expire"].sources)
        )
    ).subquery()
    tickets = (
        select(Hall.code, Hall.tz, func.min(days.c.service_day))
        .join_from(days, Hall, Hall.code == days.c.hall)
        .group_by(Hall.code, Hall.tz)
    )
    places = {code for code, tz, day in session.execute(tickets) if day < _date(now, tz)}
    windows = (
        select(Hall.code, Hall.tz, Window.heard_at).join_from(Window, Hall).where(Window.state != "closed")
    )
    places |= {
        code for code, tz, heard in session.execute(windows) if _quiet_since(heard, tz, _date(now, tz))
    }
    return sorted(places)


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
    tz = halls.hall(session, hall).tz
    for window in halls.windows_of(session, hall):
        if window.state != "closed" and _quiet_since(window.heard_at, tz, before):
            with suppress(WindowBusy):  # somebody still being served stays so
                close_window(session, window, now=now, actor=actor)


def _quiet_since(heard: datetime | None, tz: str, day: date) -> bool:
    return heard is None or _date(heard, tz) < day


def _date(at: datetime, tz: str) -> date:
    return at.astimezone(ZoneInfo(tz)).date()
