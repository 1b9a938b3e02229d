"""Hearing what other halls' logs say: each entry once, its effect and the listener's place in one transaction."""

import logging
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.log import LogEntry, LogHead
from dispatch.foundation.tables import Base

logger = logging.getLogger(__name__)


class Cursor(Base):
    """How far a listener has heard a hall's log."""

    __tablename__ = "listener_cursor"

    listener: Mapped[str] = mapped_column(String(40), primary_key=True)
    hall: Mapped[str] = mapped_column(String(40), primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer)
    seq: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True)
class Listener:
    """Somebody who reacts to these kinds of entries, in whichever hall's log they stand.

    `hear(session, entry, now)` takes the effect and may append to one other log. Told the same entry again, it must
    do nothing: a crash falls between two transactions, never within one.
    """

    name: str
    kinds: frozenset[str]
    hear: Callable[[Session, LogEntry, datetime], None]


def hear(
    database: Database, listeners: Sequence[Listener], known: MutableMapping[str, int] | None = None
) -> int:
    """Let every listener hear what it has not heard yet, and what is said in answer to that; how many entries.

    A listener that fails is left where it stands and tried again next time; the others go on. A caller that comes
    again and again keeps `known`, how far each hall's log holds nothing unheard: then a look costs one statement, and
    one more for each hall whose log has grown.
    """
    known = {} if known is None else known
    heard = 0
    while number := _hear_round(database, listeners, known):
        heard += number
    return heard


def _hear_round(database: Database, listeners: Sequence[Listener], known: MutableMapping[str, int]) -> int:
    kinds = frozenset[str]().union(*(listener.kinds for listener in listeners))
    with database.reading() as session:
        heads = {row.hall: row.seq for row in session.execute(select(LogHead.hall, LogHead.seq))}
        grown = {hall: known.get(hall, 0) for hall, seq in heads.items() if known.get(hall) != seq}
        said = {hall: _said(session, hall, since, kinds) for hall, since in grown.items()}
    heard = 0
    for hall, its_kinds in said.items():
        told = [_hear_hall(database, each, hall) for each in listeners if each.kinds & its_kinds]
        heard += sum(number or 0 for number in told)
        if None not in told:
            known[hall] = heads[hall]
    return heard


def _said(session: Session, hall: str, since: int, kinds: frozenset[str]) -> set[str]:
    """Which of these kinds a hall's log has after this entry."""
    entries = select(LogEntry.kind).where(
        LogEntry.hall == hall, LogEntry.seq > since, LogEntry.kind.in_(sorted(kinds))
    )
    return set(session.scalars(entries.distinct()))


def _hear_hall(database: Database, listener: Listener, hall: str) -> int | None:
    """Hear all that is new in one hall; how much, None when it could not."""
    heard = 0
    try:
        while _hear_next(database, listener, hall):
            heard += 1
    except Exception:
        logger.exception("%s cannot hear %s", listener.name, hall)
        return None
    return heard


def _hear_next(database: Database, listener: Listener, hall: str) -> bool:
    """Hear one entry; whether there was one."""
    with database.work() as session:
        cursor = session.get(Cursor, (listener.name, hall), with_for_update=True)
        entry = session.scalars(
            select(LogEntry)
            .where(
                LogEntry.hall == hall,
                LogEntry.kind.in_(listener.kinds),
                LogEntry.seq > (cursor.seq if cursor else 0),
            )
            .order_by(LogEntry.seq)
            .limit(1)
        ).first()
        if entry is None:
            return False
        session.merge(Cursor(listener=listener.name, hall=hall, epoch=entry.epoch, seq=entry.seq))
        listener.hear(session, entry, clock.now(session))
    return True
