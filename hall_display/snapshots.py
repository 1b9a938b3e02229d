"""A board read from the tables, all of it at one moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.foundation.log import LogEntry, head_of
from dispatch.halls import finding as halls
from dispatch.halls import models as halls_tables
from dispatch.halls import outages
from dispatch.halls import zones as halls_zones
from dispatch.tickets.models import Ticket
from hall_display.board_state import BoardState, Entry, Hall, Queue, zones_among
from hall_display.interruptions import Day, Halt, Outage, in_order, utc

CALLING = (
    "TicketCalled",
    "TicketRecalled",
    "TicketKept",
    "TicketMoved",
    "TicketBack",
    "TicketReactivated",
    "TicketUndone",
)
"""What puts a call on the screen or takes it away again."""
AT_ONCE = 100


def snapshot(session: Session, code: str) -> BoardState:
    """The hall's board with the epoch and seq it belongs to; NotFound for an unknown hall.

    `session` must be one of `Database.reading()`: everything here has to be of the same moment.
    """
    hall = halls.hall(session, code)
    head = head_of(session, code)
    day = session.scalar(select(func.max(Ticket.service_day)).where(Ticket.hall == code))
    board = BoardState(
        hall=Hall(hall.code, hall.name, hall.name_en, hall.tz),
        day=day.isoformat() if day else None,
        queues=tuple(
            Queue(row.code, row.letter, row.name, row.name_en) for row in halls.queues_of(session, code)
        ),
        open_windows=frozenset(row.id for row in halls.windows_of(session, code) if row.state != "closed"),
        arrows={row.id: row.arrow for row in halls.windows_of(session, code)},
        intakes=_intakes(session, code),
        outages=in_order([_outage(row) for row in outages.of_hall(session, code)]),
        days=_days(session, code, day),
        zones=zones_among(
            [_told(row, "code name name_en voice") for row in halls_zones.zones_of(session, code)],
            [_told(row, "code zone") for row in halls.queues_of(session, code)],
            [_told(row, "id zone") for row in halls.windows_of(session, code)],
        ),
    )
    if day is not None:
        for entry in reversed(list(_calls_of(session, code, day.isoformat()))):
            board, _ = board.apply(entry)
        board = replace(board, waiting=_waiting(session, code, day))
    return replace(board, epoch=head.epoch if head else 0, seq=head.seq if head else 0)


def _told(row: object, columns: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in columns.split()}


def _intakes(session: Session, hall: str) -> dict[str, Halt]:
    rows = session.scalars(select(halls_tables.Queue).where(halls_tables.Queue.hall == hall))
    return {
        row.code: Halt(row.intake, row.intake_reason, utc(row.intake_until))
        for row in rows
        if row.intake != "open"
    }


def _outage(row: halls_tables.Outage) -> Outage:
    return Outage(row.id, row.whole, tuple(row.queues), len(row.items), row.reason, utc(row.until))


def _days(session: Session, hall: str, since: date | None) -> dict[str, Day]:
    return {
        row.day.isoformat(): Day(
            row.day.isoformat(),
            row.kind,
            None if row.openings is None else tuple((start, end) for start, end in row.openings),
            row.reason,
            utc(row.closed_from),
            row.closed_why,
            row.afterwards,
            row.ended_at is not None,
        )
        for row in halls.hall_days(session, hall, since or date.min, date.max)
    }


def _waiting(session: Session, hall: str, day: date) -> dict[str, frozenset[str]]:
    held: dict[str, set[str]] = defaultdict(set)
    waiting = select(Ticket.queue, Ticket.id).where(
        Ticket.hall == hall, Ticket.state == "waiting", Ticket.service_day == day
    )
    for queue, ticket in session.execute(waiting):
        held[queue].add(ticket)
    return {queue: frozenset(tickets) for queue, tickets in held.items()}


def _calls_of(session: Session, hall: str, day: str) -> Iterator[Entry]:
    """The day's calls, newest first. The log is the only place that knows which call was a ticket's first."""
    bodies = (
        select(LogEntry.body)
        .where(LogEntry.hall == hall, LogEntry.kind.in_(CALLING))
        .order_by(LogEntry.seq.desc())
        .execution_options(yield_per=AT_ONCE)
    )
    with closing(session.scalars(bodies)) as found:
        for body in found:
            entry = Entry.from_body(body)
            if entry.data["service_day"] < day:
                return
            yield entry
