"""The ends of the logs as the feeds read them: many halls in one statement, on a line to the database that is kept.

All boards of a city wait for these statements. Each is of one moment by itself, and goes to the database and back once;
a view that lasts, and a line taken out of the pool and put back, would make six ways of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, BigInteger, Select, bindparam, cast, func, select
from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.log import LogEntry, LogHead
from dispatch.foundation.prepared import Prepared
from dispatch.foundation.tables import table_of

KEPT = 500
"""Changes that a feed keeps; who lacks more gets the whole board."""

_LOG, _HEADS = table_of(LogEntry), table_of(LogHead)


class Read(NamedTuple):
    """An entry as it was read."""

    hall: str
    seq: int
    epoch: int
    body: str


class Head(NamedTuple):
    """Where a hall's log ends."""

    epoch: int
    seq: int


def _entries(pairs: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - a function of the database
    """What stands in these halls after these seqs; a log has no gaps, so that a bound on the seq is one on the rows."""
    seen = pairs(bindparam("seen", type_=JSON)).table_valued("key", "value")
    after = cast(seen.c.value, BigInteger)
    return (
        select(*(_LOG.c[name] for name in Read._fields))
        .join(seen, _LOG.c.hall == seen.c.key)
        .where(_LOG.c.seq > after, _LOG.c.seq <= after + KEPT + 1)
        .order_by(_LOG.c.hall, _LOG.c.seq)
    )


def _heads(elements: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401
    halls = elements(bindparam("halls", type_=JSON)).table_valued("value")
    return select(_HEADS.c.hall, _HEADS.c.epoch, _HEADS.c.seq).join(halls, _HEADS.c.hall == halls.c.value)


_ENTRIES_AFTER = Prepared(_entries(func.json_each_text), sqlite=_entries(func.json_each))
_HEADS_OF = Prepared(_heads(func.json_array_elements_text), sqlite=_heads(func.json_each))


def entries_after(session: Session, seen: Mapping[str, int]) -> Mapping[str, Sequence[Read]]:
    """The entries of each hall after the seq that was seen there, in order; no more than one above `KEPT`."""
    found: dict[str, list[Read]] = {hall: [] for hall in seen}
    for row in _ENTRIES_AFTER.all(session, seen=dict(seen)):
        found[row.hall].append(Read(*row))
    return found


def heads_of(session: Session, halls: Iterable[str]) -> Mapping[str, Head]:
    """Where the logs of these halls end."""
    rows = _HEADS_OF.all(session, halls=list(halls))
    return {hall: Head(epoch, seq) for hall, epoch, seq in rows}


class Tail:
    """One thread's way to the ends of the logs. Raises what the database raises; the next look is on a new line."""

    def __init__(self, database: Database) -> None:
        engine = database.engine
        # SQLite's driver begins nothing by itself, as `Database` has told it.
        self._engine = engine if database.sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")
        self._session = Session(self._engine, autoflush=False)

    def entries_after(self, seen: Mapping[str, int]) -> Mapping[str, Sequence[Read]]:
        """What each of these logs says after the seq that was seen of it."""
        with self.line() as session:
            return entries_after(session, seen)

    def heads(self, halls: Iterable[str]) -> tuple[datetime, Mapping[str, Head]]:
        """Where the logs of these halls end, and the city's time: the logs were so then, or later."""
        with self.line() as session:
            return clock.now(session), heads_of(session, halls)

    @contextmanager
    def line(self) -> Iterator[Session]:
        """For single statements, each of a moment of its own."""
        try:
            yield self._session
        except Exception:
            self._session.invalidate()
            self._session = Session(self._engine, autoflush=False)
            raise

    def close(self) -> None:
        """Give the line back."""
        self._session.close()
