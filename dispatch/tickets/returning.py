"""Back after a missed call: once, and behind those whom the discipline puts first."""

from datetime import datetime

from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.log import announce
from dispatch.halls import finding as halls
from dispatch.tickets import lines
from dispatch.tickets.changing import AWAY, change
from dispatch.tickets.models import Ticket
from dispatch.tickets.news import TicketReactivated
from dispatch.tickets.refusals import NotToday, ReactivatedBefore


def reactivate(session: Session, ticket: Ticket, *, now: datetime, actor: Actor) -> None:
    """She waits again under the same number, a few places behind. Raises ReactivatedBefore, NotToday, WrongState."""
    if ticket.state == "missed" and ticket.reactivated:
        raise ReactivatedBefore(number=ticket.number, field="ticket")
    if ticket.service_day != halls.service_day(session, halls.hall(session, ticket.hall), now):
        raise NotToday(number=ticket.number, day=ticket.service_day.isoformat(), field="ticket")
    place = lines.place_on_return(session, ticket, now)
    back = {**AWAY, "place": place, "reactivated": ticket.reactivated + 1, "arrived_at": now}
    change(session, ticket, "reactivate", back, now=now, actor=actor)
    news = TicketReactivated(
        ticket.id, ticket.number, ticket.queue, ticket.service_day.isoformat(), place.isoformat()
    )
    announce(session, ticket.hall, news, at=now, actor=actor)
