"""Reading a hall's log out of the database, as happenings."""

from collections.abc import Iterator
from datetime import datetime

from pydantic_core import from_json
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation.log import LogEntry
from dispatch.halls.models import Window
from dispatch.learning.happenings import Happening
from dispatch.learning.reading import KINDS, Reading, Said

AT_ONCE = 500


def begin(session: Session, hall: str, since: datetime) -> Reading:
    """A reading of the hall's log from this moment on, with windows as they are set up now."""
    reading = Reading(hall)
    before = select(LogEntry.seq).where(LogEntry.hall == hall, LogEntry.at < since)
    reading.seq = session.scalar(before.order_by(LogEntry.seq.desc()).limit(1)) or 0
    rows = session.execute(select(Window.id, Window.queues).where(Window.hall == hall))
    reading.serve({row.id: row.queues for row in rows})
    return reading


def happenings_of(
    session: Session, reading: Reading, *, until: int | None = None, most: int | None = None
) -> Iterator[Happening]:
    """What has happened in the hall since the reading's last entry, in the log's order.

    Up to and with entry `until`, at most the next `most` entries; all there are where nothing is said.
    """
    left = most
    while left is None or left > 0:
        limit = AT_ONCE if left is None else min(AT_ONCE, left)
        entries = said_after(session, reading.hall, reading.seq, until, limit)
        for said in entries:
            yield from reading.read(said)
        if len(entries) < limit:
            return
        left = None if left is None else left - len(entries)


def said_after(session: Session, hall: str, after: int, until: int | None, limit: int) -> list[Said]:
    """The next entries of a hall's log as plain data."""
    wanted = select(LogEntry.seq, LogEntry.kind, LogEntry.at, LogEntry.body).where(
        LogEntry.hall == hall, LogEntry.seq > after
    )
    if until is not None:
        wanted = wanted.where(LogEntry.seq <= until)
    rows = session.execute(wanted.order_by(LogEntry.seq).limit(limit))
    return [said_in(row.seq, row.kind, row.at, row.body) for row in rows]


def said_in(seq: int, kind: str, at: datetime, body: str) -> Said:
    """An entry's row as plain data; the text of one that does not matter here is not even parsed."""
    if kind not in KINDS:
        return Said(seq, kind, at.timestamp(), "", {})
    told = from_json(body)
    return Said(seq, kind, at.timestamp(), told["actor"], told["data"])
