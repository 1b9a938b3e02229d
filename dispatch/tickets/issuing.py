"""Standing in line: a number is drawn and the ticket written, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Date, Integer, bindparam, insert, text
from sqlalchemy.orm import Session

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Item
from dispatch.foundation.access import Actor
from dispatch.foundation.ids import new_id
from dispatch.foundation.log import announce
from dispatch.foundation.tables import UtcTime
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall, Queue
from dispatch.people.citizens import Kept
from dispatch.tickets.models import Ticket, number_text
from dispatch.tickets.news import TicketIssued
from dispatch.tickets.refusals import HallClosed, ItemNotTakenHere, ItemsApart, NothingWanted

_WRITE = insert(Ticket.__table__)  # type: ignore[arg-type]
_COLUMNS = tuple(Ticket.__table__.columns.keys())
_DRAW = (
    text(
        """
        INSERT INTO number_series (hall, letter, service_day, last, place)
        VALUES (:hall, :letter, :day, 1, :now)
        ON CONFLICT (hall, letter, service_day) DO UPDATE SET
            last = number_series.last + 1,
            place = CASE WHEN number_series.place > excluded.place
                         THEN number_series.place ELSE excluded.place END
        RETURNING last, place
        """
    )
    .bindparams(bindparam("day", type_=Date), bindparam("now", type_=UtcTime))
    .columns(last=Integer, place=UtcTime)
)


@dataclass(frozen=True)
class Wanted:
    """An item somebody wants done, and how often."""

    item: str
    count: int = 1


def issue(
    session: Session,
    place: Hall,
    *,
    items: Sequence[Wanted] = (),
    queue: str | None = None,
    channel: str,
    priority: str = "none",
    person: Kept | None = None,
    now: datetime,
    actor: Actor,
) -> Ticket:
    """Give out the next number of the queue that takes these items.

    Raises HallClosed, NothingWanted, ItemNotTakenHere, ItemsApart, or NotFound for an unknown item or queue.
    """
    line = queue_for(session, place, items, queue)
    opening = halls.opening_at(session, place, now)
    if opening is None:
        raise HallClosed(hall=_named(place), **_next_opening(session, place, now), field="hall")
    n, since = _draw(session, place.code, line.letter, opening.day, now)
    ticket = Ticket(
        id=new_id(),
        hall=place.code,
        queue=line.code,
        letter=line.letter,
        n=n,
        service_day=opening.day,
        state="waiting",
        priority=priority,
        channel=channel,
        items=[{"item": wanted.item, "count": wanted.count} for wanted in items],
        person=person.ref if person else None,
        issued_at=now,
        place=since,
        calls=0,
    )
    session.execute(_WRITE, {name: getattr(ticket, name) for name in _COLUMNS})
    announce(session, place.code, _issued(ticket, person), at=now, actor=actor)
    return ticket


def queue_for(session: Session, place: Hall, items: Sequence[Wanted], queue: str | None) -> Queue:
    """The one queue of this hall that takes all of it."""
    if not items and queue is None:
        raise NothingWanted(field="items")
    found = {_queue_of_item(session, place, wanted.item) for wanted in items}
    found |= {queue} if queue is not None else set()
    if len(found) > 1:
        raise ItemsApart(queues=sorted(found), field="items")
    return halls.queue(session, place.code, found.pop())


def _queue_of_item(session: Session, place: Hall, code: str) -> str:
    item = catalogue.item(session, code)
    taken = catalogue.taken_at(session, place.code, code)
    if taken is None:
        raise ItemNotTakenHere(hall=_named(place), item=_named(item), field="items")
    return taken.queue


def _draw(session: Session, hall: str, letter: str, day: date, now: datetime) -> tuple[int, datetime]:
    """The next number of the series. Its row stays locked until the ticket is written, so none is ever lost."""
    drawn = session.execute(_DRAW, {"hall": hall, "letter": letter, "day": day, "now": now}).one()
    return drawn.last, drawn.place


def _issued(ticket: Ticket, person: Kept | None) -> TicketIssued:
    return TicketIssued(
        ticket=ticket.id,
        number=number_text(ticket.letter, ticket.n),
        queue=ticket.queue,
        letter=ticket.letter,
        n=ticket.n,
        service_day=ticket.service_day.isoformat(),
        channel=ticket.channel,
        priority=ticket.priority,
        items=ticket.items,
        person=ticket.person,
        commitment=person.commitment if person else None,
    )


def _named(row: Hall | Item) -> dict[str, str]:
    """Both names, for whoever words the refusal in his language."""
    return {"code": row.code, "name": row.name, "name_en": row.name_en}


def _next_opening(session: Session, place: Hall, now: datetime) -> dict[str, str | None]:
    """When the hall opens next, for people and for programs."""
    opening = halls.next_opening(session, place, now)
    if opening is None:
        return {"opens": "—", "opens_at": None}
    return {"opens": f"{opening.start:%m-%d %H:%M}", "opens_at": opening.start.isoformat()}
