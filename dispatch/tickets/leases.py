"""A window that is not heard of any more: whoever it only called comes back, whoever it serves stays."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.access import Actor
from dispatch.foundation.log import announce
from dispatch.halls.models import Window
from dispatch.halls.news import WindowLapsed
from dispatch.tickets import finding
from dispatch.tickets.changing import AWAY, change
from dispatch.tickets.models import Ticket
from dispatch.tickets.news import TicketKept

LEASE_S = 90
KEPT_S = 60


def silent(session: Session, now: datetime) -> list[str]:
    """The windows that are open and were not heard of for the length of a lease."""
    limit = now - _lasting(session, LEASE_S)
    quiet = select(Window.id).where(
        Window.active, Window.state == "open", Window.lapsed.is_(False), Window.heard_at < limit
    )
    return list(session.scalars(quiet))


def lapse(session: Session, window: Window, *, now: datetime, actor: Actor) -> bool:
    """End the lease of a silent window; whether it was silent still, seen under its row's lock.

    A person it called waits again in her old place, for a while kept for this window. Its late writes carry a
    claim that counts no more.
    """
    session.refresh(window, with_for_update=True)
    heard = window.heard_at is not None and window.heard_at >= now - _lasting(session, LEASE_S)
    if heard or window.lapsed or window.state != "open":
        return False
    window.lapsed = True
    session.flush()
    announce(session, window.hall, WindowLapsed(window.id, window.name), at=now, actor=actor)
    for ticket in finding.group_at(session, window.id):
        if ticket.state == "called":
            _keep(session, ticket, window, now, actor)
    return True


def _keep(session: Session, ticket: Ticket, window: Window, now: datetime, actor: Actor) -> None:
    until = now + _lasting(session, KEPT_S)
    back = {**AWAY, "kept_for": window.id, "kept_until": until}
    change(session, ticket, "lapse", back, now=now, actor=actor)
    news = TicketKept(
        ticket.id,
        ticket.number,
        ticket.queue,
        ticket.service_day.isoformat(),
        window.id,
        until.isoformat(),
    )
    announce(session, ticket.hall, news, at=now, actor=actor)


def _lasting(session: Session, seconds: int) -> timedelta:
    """Leases are city time, but never so short that a machine's pause in real time would end one."""
    return timedelta(seconds=seconds * max(1.0, clock.speed(session)))
