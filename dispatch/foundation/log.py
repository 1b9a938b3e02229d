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
from sqlalchemy import BigInteger, Index, Integer, String, Table, Text, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.foundation.access import Actor
from dispatch.foundation.tables import Base, UtcTime

VERSION = 1
NO_HASH = "0" * 64
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
    """Everything wrong with a hall's log: edited, missing, doubled or reordered entries, a head that differs."""
    prev, expected, seen, latest = NO_HASH, 1, 0, None
    while entries := entries_after(session, hall, seen, 1000):
        for entry in entries:
            yield from _entry_faults(entry, prev, expected, latest)
            prev, expected, latest = entry.hash, entry.seq + 1, entry.at
            seen = entry.seq
        session.expunge_all()
    head = head_of(session, hall)
    if head is None:
        yield Fault(hall, seen, "the log has no head")
    elif (head.seq, head.hash) != (seen, prev):
        yield Fault(hall, max(head.seq, seen), f"the head says {head.seq}, the last entry is {seen}")


def _entry_faults(entry: LogEntry, prev: str, expected: int, latest: datetime | None) -> Iterator[Fault]:
    def fault(what: str) -> Fault:
        return Fault(entry.hall, entry.seq, what)

    if entry.seq != expected:
        missing = f"{expected}" if entry.seq == expected + 1 else f"{expected}–{entry.seq - 1}"
        yield Fault(entry.hall, expected, f"entry {missing} is missing")
    elif entry.prev != prev:
        yield fault("it does not follow the entry before it (reordered, or its neighbour was replaced)")
    if chain(entry.prev, entry.body) != entry.hash:
        yield fault("its text was edited")
    try:
        said = json.loads(entry.body)
        columns = (entry.hall, entry.epoch, entry.seq, entry.kind, entry.at)
        told = (said["hall"], said["epoch"], said["seq"], said["kind"], datetime.fromisoformat(said["at"]))
        if columns != told:
            yield fault("its columns differ from its text (moved or renamed)")
    except (ValueError, KeyError, TypeError):
        yield fault("its text cannot be read")
    if latest is not None and entry.at < latest:
        yield fault("its time goes backwards")
