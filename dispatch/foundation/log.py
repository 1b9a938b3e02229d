"""A hall's append-only log: the only history there is.

Every entry carries the hall's next number and the hash of the one before it:
`hash = SHA-256(prev ‖ body)`, `body` the RFC 8785 text of `{v, hall, epoch, seq, kind, at, actor, data}`.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from pydantic_core import from_json
from sqlalchemy import (
    BigInteger,
    Index,
    Insert,
    Integer,
    Row,
    Select,
    String,
    Text,
    bindparam,
    cast,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.foundation.access import Actor
from dispatch.foundation.canonical import canonical
from dispatch.foundation.prepared import Prepared, is_postgresql, listed, of_all
from dispatch.foundation.tables import Base, UtcTime, table_of

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


class _Head(NamedTuple):
    """Where a log ends."""

    epoch: int
    seq: int
    hash: str
    at: datetime


_HEADS, _LOG = table_of(LogHead), table_of(LogEntry)
_HEADS_OF = of_all(lambda those: select(_HEADS).where(_HEADS.c.hall.in_(those)))
_LOCK_HEAD = Prepared(select(_HEADS).where(_HEADS.c.hall == bindparam("of")).with_for_update())


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


def hold(session: Session, hall: str) -> None:
    """Lock the log's end together with what is said next. Only where nothing else will be locked any more."""
    session.info["held_head"] = _LOCK_HEAD.soon(session, of=hall)


def held_with(statement: Any) -> Select[Any]:  # noqa: ANN401 - one that writes a row of a hall and returns it
    """This statement, the log's end of the row's hall locked along with it if it wrote one; `hold_of` takes it up."""
    written = statement.cte("written")
    its_hall = select(written.c.hall).scalar_subquery()
    head = select(_HEADS).where(_HEADS.c.hall == its_hall).with_for_update().subquery("head")
    ends = (head.c[name].label(f"head_{name}") for name in _Head._fields)
    return select(*written.c, *ends).join_from(written, head, true(), isouter=True)


def hold_of(session: Session, row: dict[str, Any]) -> None:
    """Take the log's end out of a row of `held_with`; SQLite, where one alone writes, tells none."""
    end = [row.pop(f"head_{name}", None) for name in _Head._fields]
    if end[0] is not None:
        session.info["head"] = _Head(*end)


def begin(session: Session, hall: str, *, at: datetime) -> None:
    """Open a new hall's log."""
    session.execute(insert(LogHead).values(hall=hall, epoch=1, seq=0, hash=NO_HASH, at=at))


def append_announced(session: Session) -> tuple[str, int] | None:
    """Write what was announced, under the lock of the hall's head. Called by the database, at the very end."""
    announced = session.info.pop("announced", None)
    if not announced:
        return None
    hall = announced[0][0]
    epoch, seq, prev, latest = _end_of(session, hall)
    entries = []
    for _, news, at, actor in announced:
        seq, latest = seq + 1, max(latest, at.astimezone(UTC))
        epoch += isinstance(news, EpochBegun)
        body = body_of(hall, epoch, seq, news, latest, actor)
        digest = chain(prev, body)
        entries.append((hall, seq, epoch, news.kind, latest, prev, digest, body))
        prev = digest
    _write(session, entries, {"of": hall, "to_epoch": epoch, "to_seq": seq, "to_hash": prev, "to_at": latest})
    return hall, seq


def _end_of(session: Session, hall: str) -> _Head:
    """Where the log ends, under lock; mostly it was locked along with the last write."""
    known: _Head | None = session.info.pop("head", None)
    if known is not None:
        return known
    held = session.info.pop("held_head", None) or _LOCK_HEAD.soon(session, of=hall)
    row = held.first()
    if row is None:
        raise LogMissing(hall)
    return _Head(row.epoch, row.seq, row.hash, row.at)


_COLUMNS = ("hall", "seq", "epoch", "kind", "at", "prev", "hash", "body")
_AT_ONCE = 16
_MOVE_HEAD = (
    update(_HEADS)
    .where(_HEADS.c.hall == bindparam("of"))
    .values(
        {name: bindparam(f"to_{name}", type_=_HEADS.c[name].type) for name in ("epoch", "seq", "hash", "at")}
    )
)
_MOVE = Prepared(_MOVE_HEAD)


def _write(session: Session, entries: Sequence[tuple[Any, ...]], moved: dict[str, Any]) -> None:
    """The entries, and the head that names the last of them: together where the database can."""
    while len(entries) > _AT_ONCE:
        _append(_AT_ONCE).run(session, **_named(entries[:_AT_ONCE]))
        entries = entries[_AT_ONCE:]
    if is_postgresql(session):
        _append_and_move(len(entries)).soon(session, **_named(entries), **moved)
    else:
        _append(len(entries)).run(session, **_named(entries))
        _MOVE.run(session, **moved)


def _named(entries: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    return {
        f"{name}_{nth}": value
        for nth, entry in enumerate(entries)
        for name, value in zip(_COLUMNS, entry, strict=True)
    }


@cache
def _append_and_move(count: int) -> Prepared:
    return Prepared(_MOVE_HEAD.add_cte(_entries(count).cte("appended")))


@cache
def _append(count: int) -> Prepared:
    return Prepared(_entries(count))


def _entries(count: int) -> Insert:
    """So many entries in one statement."""
    rows = [
        {name: bindparam(f"{name}_{nth}", type_=_LOG.c[name].type) for name in _COLUMNS}
        for nth in range(count)
    ]
    return insert(_LOG).values(rows)


def body_of(hall: str, epoch: int, seq: int, news: Event, at: datetime, actor: Actor) -> str:
    """The canonical text of an entry."""
    told = {
        "v": VERSION,
        "hall": hall,
        "epoch": epoch,
        "seq": seq,
        "kind": news.kind,
        "at": at.isoformat(timespec="microseconds"),
        "actor": actor.name,
        "data": news.data(),
    }
    return canonical(told)


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


def heads_of(session: Session, halls: Collection[str]) -> dict[str, Any]:
    """Where the logs of these halls end now, rows like `LogHead`, by hall; one statement for all."""
    return {row.hall: row for row in _HEADS_OF.all(session, of=listed(halls))}


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
    while rows := session.execute(_ROWS_AFTER, {"of": hall, "seen": seen}).all():
        for row in rows:
            seq, epoch, _, written, _, digest, _ = row
            at = _read_time(written)
            if not _follows(hall, row, at, last):
                if not isinstance(seq, int):  # SQLite keeps whatever it is given
                    yield Fault(hall, last.seq + 1, "an entry without a number")
                    continue
                yield from _row_faults(hall, row, at, last)
            last = _Followed(epoch, seq, digest, at or last.at)
        seen = rows[-1].seq
    head = session.execute(_head_row(hall)).one_or_none()
    if head is None:
        yield Fault(hall, last.seq, "the log has no head")
    elif (head.seq, head.hash) != (last.seq, last.hash):
        yield Fault(hall, max(head.seq, last.seq), f"the head says {head.seq}, the last entry is {last.seq}")
    elif last.at is not None and (head.epoch, _read_time(head.at)) != (last.epoch, last.at):
        yield Fault(hall, head.seq, "the head's epoch or time is not that of the last entry")


class _Followed(NamedTuple):
    """What the next entry has to follow on."""

    epoch: int
    seq: int
    hash: str
    at: datetime | None


_ENTRIES = LogEntry.__table__.c
_ROWS_AFTER = (
    select(
        _ENTRIES.seq,
        _ENTRIES.epoch,
        _ENTRIES.kind,
        cast(_ENTRIES.at, String).label("at"),
        _ENTRIES.prev,
        _ENTRIES.hash,
        _ENTRIES.body,
    )
    .where(_ENTRIES.hall == bindparam("of"), _ENTRIES.seq > bindparam("seen"))
    .order_by(_ENTRIES.seq)
    .limit(2000)
)
"""Past the ORM, whose share would be half of the time."""


def _head_row(hall: str) -> Select[*tuple[Any, ...]]:
    head = LogHead
    return select(head.epoch, head.seq, head.hash, cast(head.at, String).label("at")).where(head.hall == hall)


def _follows(hall: str, row: Row[*tuple[Any, ...]], at: datetime | None, last: _Followed) -> bool:
    """Whether an entry is sound, asked of every one; what is wrong with it is another question."""
    seq, epoch, kind, written, prev, digest, body = row
    try:
        said = from_json(body)
        return (
            seq == last.seq + 1
            and prev == last.hash
            and chain(prev, body) == digest
            and said["seq"] == seq
            and said["kind"] == kind
            and said["epoch"] == epoch
            and said["hall"] == hall
            and at is not None
            and (said["at"] == written or _read_time(said["at"]) == at)
            and (last.at is None or at >= last.at)
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def _row_faults(
    hall: str, row: Row[*tuple[Any, ...]], at: datetime | None, last: _Followed
) -> Iterator[Fault]:
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
    if not _is_chained(row.prev, row.body, row.hash):
        yield Fault(hall, row.seq, "its text was edited")
    told = _told(row.body)
    if told is None:
        yield Fault(hall, row.seq, "its text cannot be read")
    elif told != (hall, row.epoch, row.seq, row.kind, at):
        yield Fault(hall, row.seq, "its columns differ from its text (moved or renamed)")
    if at is not None and last.at is not None and at < last.at:
        yield Fault(hall, row.seq, "its time goes backwards")


def _is_chained(prev: str, body: str, digest: str) -> bool:
    try:
        return chain(prev, body) == digest
    except (ValueError, TypeError, AttributeError):  # what stands there is no hash, or no text
        return False


def _told(body: str) -> tuple[object, ...] | None:
    """What an entry's text says of its own columns; None when it cannot be read."""
    try:
        said = from_json(body)
        return said["hall"], said["epoch"], said["seq"], said["kind"], _read_time(said["at"])
    except (ValueError, KeyError, TypeError):
        return None


def _read_time(text: Any) -> datetime | None:  # noqa: ANN401 - a tampered row may hold anything
    try:
        at = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return None
    return at if at.tzinfo else None
