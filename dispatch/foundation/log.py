"""A hall's append-only log: the only history there is.

Every entry carries the hall's next number and the hash of the one before it:
`hash = SHA-256(prev ‖ body)`, `body` the RFC 8785 text of `{v, hall, epoch, seq, kind, at, actor, data}`.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import rfc8785
from sqlalchemy import (
    BigInteger,
    Index,
    Integer,
    Row,
    Select,
    String,
    Table,
    Text,
    bindparam,
    cast,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.foundation.access import Actor
from dispatch.foundation.tables import Base, UtcTime

VERSION = 1
NO_HASH = "0" * 64
BEFORE_ALL = -(2**62)
CITY = "city"
"""The reserved log of facts that belong to no single hall."""


class LogHead(Base):
    """Where a hall's log ends. Its row is the last lock of every transaction that writes there."""

    __tablename__ = "log_head"

    hall: Mapped[str] = mapped_column(String(40), primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcTime)


class LogEntry(Base):
    """One thing that happened. `body` is served and hashed as the very text stored here."""

    __tablename__ = "log_entry"
    __table_args__ = (Index("log_entry_by_kind", "hall", "kind", "at"),)

    hall: Mapped[str] = mapped_column(String(40), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    epoch: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcTime)
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)

    @property
    def data(self) -> dict[str, Any]:
        """What the entry says, as plain values."""
        data: dict[str, Any] = json.loads(self.body)["data"]
        return data


_HEADS = LogHead.__table__
assert isinstance(_HEADS, Table)
_LOCK_HEAD = select(_HEADS).where(_HEADS.c.hall == bindparam("of")).with_for_update()
_MOVE_HEAD = update(_HEADS).where(_HEADS.c.hall == bindparam("of"))
_APPEND = LogEntry.__table__.insert()  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Event:
    """News in the past tense; its class's name is the entry's kind, its fields the entry's data."""

    @property
    def kind(self) -> str:
        """The entry's kind."""
        return type(self).__name__

    def data(self) -> dict[str, Any]:
        """Plain values only: whatever cannot be written as JSON is a bug."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class EpochBegun(Event):
    """The log goes on after a break (a restored backup); readers must fetch anew."""

    reason: str


class LogMixed(RuntimeError):
    """One transaction spoke of two halls: a bug, since a transaction appends to one log."""


class LogMissing(RuntimeError):
    """The hall's log was never begun."""


def announce(session: Session, hall: str, news: Event, *, at: datetime, actor: Actor) -> None:
    """Say what happened; it is written when the transaction ends, or not at all."""
    announced = session.info.setdefault("announced", [])
    if announced and announced[0][0] != hall:
        raise LogMixed(f"{announced[0][0]} and {hall} in one transaction")
    announced.append((hall, news, at, actor))


def begin(session: Session, hall: str, *, at: datetime) -> None:
    """Open a new hall's log."""
    session.execute(insert(LogHead).values(hall=hall, epoch=1, seq=0, hash=NO_HASH, at=at))


def append_announced(session: Session) -> tuple[str, int] | None:
    """Write what was announced, under the lock of the hall's head. Called by the database, at the very end."""
    announced = session.info.pop("announced", None)
    if not announced:
        return None
    hall = announced[0][0]
    connection = session.connection()  # past the ORM: these three statements are part of every transaction
    head = connection.execute(_LOCK_HEAD, {"of": hall}).one_or_none()
    if head is None:
        raise LogMissing(hall)
    epoch, seq, prev, latest = head.epoch, head.seq, head.hash, head.at
    rows = []
    for _, news, at, actor in announced:
        seq, latest = seq + 1, max(latest, at.astimezone(UTC))
        epoch += isinstance(news, EpochBegun)
        body = body_of(hall, epoch, seq, news, latest, actor)
        digest = chain(prev, body)
        rows.append(
            {
                "hall": hall,
                "seq": seq,
                "epoch": epoch,
                "kind": news.kind,
                "at": latest,
                "prev": prev,
                "hash": digest,
                "body": body,
            }
        )
        prev = digest
    connection.execute(_APPEND, rows)
    connection.execute(_MOVE_HEAD, {"of": hall, "epoch": epoch, "seq": seq, "hash": prev, "at": latest})
    return hall, seq


def body_of(hall: str, epoch: int, seq: int, news: Event, at: datetime, actor: Actor) -> str:
    """The canonical text of an entry."""
    return rfc8785.dumps(
        {
            "v": VERSION,
            "hall": hall,
            "epoch": epoch,
            "seq": seq,
            "kind": news.kind,
            "at": at.isoformat(timespec="microseconds"),
            "actor": actor.name,
            "data": news.data(),
        }
    ).decode()


def chain(prev: str, body: str) -> str:
    """The hash that ties an entry to the one before it."""
    return hashlib.sha256(bytes.fromhex(prev) + body.encode()).hexdigest()


def entries_after(session: Session, hall: str, after: int, limit: int = 500) -> list[LogEntry]:
    """The hall's entries with seq > after, in order."""
    wanted = select(LogEntry).where(LogEntry.hall == hall, LogEntry.seq > after)
    return list(session.scalars(wanted.order_by(LogEntry.seq).limit(limit)))


def head_of(session: Session, hall: str) -> LogHead | None:
    """Where the hall's log ends now."""
    return session.get(LogHead, hall)


@dataclass(frozen=True)
class Fault:
    """A place where the log is not what was once written."""

    hall: str
    seq: int
    what: str


def faults(session: Session, hall: str) -> Iterator[Fault]:
    """Everything wrong with a hall's log: edited, missing, doubled or reordered entries, a head that differs.

    Whatever stands in the tables is reported and never raises: a tampered row may hold anything.
    """
    last = _Followed(epoch=1, seq=0, hash=NO_HASH, at=None)
    seen = BEFORE_ALL
    while rows := session.execute(_rows_after(hall, seen)).all():
        for row in rows:
            yield from _row_faults(hall, row, last)
            seen = row.seq
            last = _Followed(row.epoch, row.seq, row.hash, _read_time(row.at) or last.at)
    head = session.execute(_head_row(hall)).one_or_none()
    if head is None:
        yield Fault(hall, last.seq, "the log has no head")
    elif (head.seq, head.hash) != (last.seq, last.hash):
        yield Fault(hall, max(head.seq, last.seq), f"the head says {head.seq}, the last entry is {last.seq}")
    elif last.at is not None and (head.epoch, _read_time(head.at)) != (last.epoch, last.at):
        yield Fault(hall, head.seq, "the head's epoch or time is not that of the last entry")


@dataclass(frozen=True)
class _Followed:
    """What the next entry has to follow on."""

    epoch: int
    seq: int
    hash: str
    at: datetime | None


def _rows_after(hall: str, seq: int) -> Select[*tuple[Any, ...]]:
    entries = LogEntry
    return (
        select(
            entries.seq,
            entries.epoch,
            entries.kind,
            cast(entries.at, String).label("at"),
            entries.prev,
            entries.hash,
            entries.body,
        )
        .where(entries.hall == hall, entries.seq > seq)
        .order_by(entries.seq)
        .limit(1000)
    )


def _head_row(hall: str) -> Select[*tuple[Any, ...]]:
    head = LogHead
    return select(head.epoch, head.seq, head.hash, cast(head.at, String).label("at")).where(head.hall == hall)


def _row_faults(hall: str, row: Row[Any], last: _Followed) -> Iterator[Fault]:
    if row.seq < 1:
        yield Fault(hall, row.seq, "an entry that was never written")
        return
    if row.seq > last.seq + 1:
        missing = f"{last.seq + 1}" if row.seq == last.seq + 2 else f"{last.seq + 1}–{row.seq - 1}"
        yield Fault(hall, last.seq + 1, f"entry {missing} is missing")
    elif row.prev != last.hash:
        yield Fault(
            hall, row.seq, "it does not follow the entry before it (reordered, or its neighbour was replaced)"
        )
    if not _is_hash(row.prev) or chain(row.prev, row.body) != row.hash:
        yield Fault(hall, row.seq, "its text was edited")
    at = _read_time(row.at)
    told = _told(row.body)
    if told is None:
        yield Fault(hall, row.seq, "its text cannot be read")
    elif told != (hall, row.epoch, row.seq, row.kind, at):
        yield Fault(hall, row.seq, "its columns differ from its text (moved or renamed)")
    if at is not None and last.at is not None and at < last.at:
        yield Fault(hall, row.seq, "its time goes backwards")


def _told(body: str) -> tuple[object, ...] | None:
    """What an entry's text says of its own columns; None when it cannot be read."""
    try:
        said = json.loads(body)
        return said["hall"], said["epoch"], said["seq"], said["kind"], _read_time(said["at"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _read_time(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else None


def _is_hash(text: str) -> bool:
    return len(text) == len(NO_HASH) and set(text) <= set("0123456789abcdef")
