"""Standing in line: a number is drawn and the ticket written, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Integer, bindparam, insert, text
from sqlalchemy.orm import Session

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Item
from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.foundation.ids import new_id
from dispatch.foundation.log import announce
from dispatch.foundation.prepared import Prepared, is_postgresql, put
from dispatch.foundation.tables import UtcTime, table_of
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall, Queue, Window
from dispatch.people.citizens import Kept
from dispatch.tickets import holding, intake, lines, turns
from dispatch.tickets.changing import write
from dispatch.tickets.life import REMOTE
from dispatch.tickets.models import Ticket, number_text
from dispatch.tickets.news import TicketIssued, TicketStarted, TicketTakenIn
from dispatch.tickets.refusals import HallClosed, ItemNotTakenHere, ItemsApart, NothingWanted
from dispatch.tickets.wanting import Wanted, told

_TICKETS = table_of(Ticket)
_INSERT = insert(_TICKETS).values(
    {column.name: bindparam(column.name, type_=column.type) for column in _TICKETS.c}
)
_WRITE, _TAIL = Prepared(_INSERT), Prepared(lines.TAIL)
_WRITE_AND_TAIL = Prepared(lines.TAIL.add_cte(_INSERT.cte("written")))
_OF_A_TAIL = ("hall", "queue", "service_day", "place", "letter")
_DRAW = Prepared(
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
class Source:
    """A place in another hall that is held for this move."""

    ticket: Ticket
    move: str


def issue(
    session: Session,
    place: Hall,
    *,
    items: Sequence[Wanted] = (),
    queue: str | None = None,
    channel: str,
    priority: str = "none",
    person: Kept | None = None,
    seated: bool = False,
    last: bool = False,
    source: Source | None = None,
    now: datetime,
    actor: Actor,
) -> Ticket:
    """Give out the next number of the queue that takes these items.

    Whoever is `seated` at a window already is not turned away because the line is long. Where it is the `last` thing
    that this transaction locks, the log's end is locked along with it: a way to the database less. `source` is the
    place in another hall that this one is taken for: who she is, and her priority, are told there.
    Raises HallClosed, NothingWanted, ItemNotTakenHere, ItemsApart, AlreadyInLine, or NotFound for an unknown item
    or queue.
    """
    line = queue_for(session, place, items, queue)
    halls.hold_in_use(session, line)
    opening = halls.opening_at(session, place, now)
    if opening is None:
        raise HallClosed(hall=_named(place), **_next_opening(session, place, now), field="hall")
    intake.refuse_interrupted(session, place, line, items, now)
    if not seated:
        intake.refuse_stopped(session, place, line, items, now)
    n, since = _draw(session, place.code, line.letter, opening.day, now)
    ticket = _write(
        session,
        hall=place.code,
        queue=line.code,
        letter=line.letter,
        n=n,
        service_day=opening.day,
        priority=source.ticket.priority if source and priority == "none" else priority,
        channel=channel,
        items=told(session, items),
        person=person.ref if person else source.ticket.person if source else None,
        issued_at=now,
        place=since,
        arrived_at=None if channel in REMOTE else now,
        moved_from=source.move if source else None,
        last=last and person is None and source is None,
    )
    if source is not None:
        holding.hold_instead(session, ticket, source.ticket)
    elif person is not None:
        holding.hold(session, ticket)
    announce(session, place.code, _issued(ticket, person), at=now, actor=actor)
    if source is not None:
        announce(session, place.code, _taken_in(ticket, source), at=now, actor=actor)
    return ticket


def serve(
    session: Session,
    window: Window,
    *,
    items: Sequence[Wanted] = (),
    queue: str | None = None,
    priority: str = "none",
    person: Kept | None = None,
    now: datetime,
    actor: Actor,
) -> Ticket:
    """Somebody without a number sits down at this window: she gets one and is served at once, without a call.

    Raises WindowNotOpen, WindowBusy, NotSkilled, and whatever `issue` raises.
    """
    turn = turns.take(session, window, now)
    turns.refuse_busy(session, window)
    turns.refuse_unskilled(session, window, [wanted.item for wanted in items], now)
    place = halls.hall(session, window.hall)
    if not items and queue is None and window.queues:
        queue = window.queues[0]
    ticket = issue(
        session,
        place,
        items=items,
        queue=queue,
        channel="counter",
        priority=priority,
        person=person,
        seated=True,
        now=now,
        actor=actor,
    )
    served = {"window": window.id, "claim": turn, "called_at": now, "started_at": now}
    write(session, ticket, "call", {"state": "serving", "calls": 1, **served})
    news = TicketStarted(ticket.id, ticket.number, ticket.queue, window.id, turn)
    announce(session, window.hall, news, at=now, actor=actor)
    return ticket


def take_in(
    session: Session, place: Hall, source: Ticket, move: str, *, now: datetime, actor: Actor
) -> Ticket:
    """Give a number to somebody whom another hall has sent; her place in line is the one she had there.

    Raises what `issue` raises.
    """
    items = [Wanted(**wanted) for wanted in source.items]
    line = queue_for(session, place, items, None if items else source.queue)
    halls.hold_in_use(session, line)
    opening = halls.opening_at(session, place, now)
    if opening is None:
        raise HallClosed(hall=_named(place), **_next_opening(session, place, now), field="hall")
    intake.refuse_interrupted(session, place, line, items, now)
    intake.refuse_stopped(session, place, line, items, now)
    n, _ = _draw(session, place.code, line.letter, opening.day, now)
    ticket = _write(
        session,
        hall=place.code,
        queue=line.code,
        letter=line.letter,
        n=n,
        service_day=opening.day,
        priority=source.priority,
        channel=source.channel,
        items=source.items,
        person=source.person,
        issued_at=source.issued_at,
        place=source.place,
        stage=source.stage,
        moved_from=move,
    )
    holding.hold_instead(session, ticket, source)
    announce(session, place.code, _issued(ticket, None), at=now, actor=actor)
    announce(session, place.code, _taken_in(ticket, Source(source, move)), at=now, actor=actor)
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
    drawn = _DRAW.one(session, hall=hall, letter=letter, day=day, now=now)
    return drawn.last, drawn.place


_FRESH: dict[str, Any] = {
    **dict.fromkeys(_TICKETS.columns.keys()),
    "state": "waiting",
    "calls": 0,
    "seat": 0,
    "stage": 1,
    "reactivated": 0,
    "passed": 0,
}
"""What all tickets have in common that stand in line anew."""


def _write(session: Session, *, last: bool = False, **told: Any) -> Ticket:  # noqa: ANN401 - columns of a ticket
    """The ticket, written, and known to the session as any other. After the `last` write comes only the log."""
    row = {**_FRESH, "id": new_id(), **told}
    tail = _put_behind(session, row, last=last)
    ticket = put(session, Ticket, row)
    lines.note_tail(session, ticket, tail)
    return ticket


def _put_behind(session: Session, row: dict[str, Any], *, last: bool) -> Any:  # noqa: ANN401 - of `lines.TAIL`
    """Write the ticket, and count the line as it was before; at once where the database can."""
    if is_postgresql(session):
        written = _WRITE_AND_TAIL.soon(session, **row)
        if last:
            log.hold(session, row["hall"])
        return written.one()
    tail = _TAIL.one(session, **{name: row[name] for name in _OF_A_TAIL})
    _WRITE.run(session, **row)
    return tail


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


def _taken_in(ticket: Ticket, source: Source) -> TicketTakenIn:
    """What the other hall has to hear."""
    return TicketTakenIn(source.move, ticket.id, ticket.number, source.ticket.hall, source.ticket.id)


def _named(row: Hall | Item) -> dict[str, str]:
    """Both names, for whoever words the refusal in his language."""
    return {"code": row.code, "name": row.name, "name_en": row.name_en}


def _next_opening(session: Session, place: Hall, now: datetime) -> dict[str, str | None]:
    """When the hall opens next, for people and for programs."""
    opening = halls.next_opening(session, place, now)
    if opening is None:
        return {"opens": "—", "opens_at": None}
    return {"opens": f"{opening.start:%m-%d %H:%M}", "opens_at": opening.start.isoformat()}
