"""People who wait for something that nobody at an open window may serve: seen before they have waited in vain."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.staffing import skills
from dispatch.staffing.gaps import Gap, Server, gaps
from dispatch.tickets.life import AT_A_WINDOW
from dispatch.tickets.models import Ticket


def in_hall(session: Session, place: Hall, *, now: datetime) -> list[Gap]:
    """Whom of this service day none of the hall's open windows may call, most people first.

    A window that went silent counts only while somebody is still there.
    """
    waiting = session.execute(
        select(Ticket.queue, Ticket.items).where(
            Ticket.hall == place.code,
            Ticket.state == "waiting",
            Ticket.service_day == halls.service_day(session, place, now),
        )
    )
    busy = set(
        session.scalars(select(Ticket.window).where(Ticket.hall == place.code, Ticket.state.in_(AT_A_WINDOW)))
    )
    servers = [
        Server(frozenset(window.queues), skills.barred_items(session, window.staff or "", now=now))
        for window in halls.windows_of(session, place.code)
        if window.state == "open" and (not window.lapsed or window.id in busy)
    ]
    return gaps(((queue, [row["item"] for row in items]) for queue, items in waiting), servers)
