"""Hearing what other halls' logs say: each entry once, its effect and the listener's place in one transaction."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, String, and_, func, select
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


def hear(database: Database, listeners: Sequence[Listener]) -> int:
    """Let every listener hear what it has not heard yet; how many entries that were.

    A listener that fails is left where it stands and tried again next time; the others go on.
    """
    heard = 0
    for listener in listeners:
        with database.reading() as session:
            halls = [row.hall for row in session.execute(_unheard(listener))]
        for hall in halls:
            try:
                while _hear_next(database, listener, hall):
                    heard += 1
            except Exception:
                logger.exception("%s cannot hear %s", listener.name, hall)
    return heard


def _unheard(listener: Listener) -> Select[Any]:
    """The halls whose logs hold something new of these kinds."""
    said = and_(LogEntry.hall == LogHead.hall, LogEntry.kind.in_(listener.kinds))
    mine = and_(Cursor.hall == LogHead.hall, Cursor.listener == listener.name)
    rows = select(LogHead.hall).join(LogEntry, said).outerjoin(Cursor, mine)
    return rows.where(LogEntry.seq > func.coalesce(Cursor.seq, 0)).distinct()


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
