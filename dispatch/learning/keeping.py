"""Learning halls from their logs on and on: what was learned and how far it was read are written in one transaction."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import from_json
from sqlalchemy import and_, bindparam, delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from dispatch.foundation import revisions
from dispatch.foundation.database import Database
from dispatch.foundation.listening import Cursor
from dispatch.foundation.log import CITY, LogHead
from dispatch.foundation.prepared import Prepared
from dispatch.foundation.tables import table_of
from dispatch.halls.models import Hall
from dispatch.learning import hall_logs
from dispatch.learning.learner import PARTS, Learner
from dispatch.learning.models import Learned
from dispatch.learning.pool import Pool
from dispatch.learning.reading import Reading

FORMAT = 2
"""Counted up whenever what is kept, or how it is learned, becomes another; then every hall is learned anew."""
_NAME = "learn."
LISTENER = f"{_NAME}{FORMAT}"
POOL = "pool"


_CURSORS = table_of(Cursor)
_MOVE = Prepared(
    update(_CURSORS)
    .where(
        _CURSORS.c.listener == bindparam("name"),
        _CURSORS.c.hall == bindparam("of"),
        _CURSORS.c.seq == bindparam("before"),
    )
    .values(epoch=bindparam("new_epoch"), seq=bindparam("after"))
)
_BEGIN = Prepared(
    text(
        """
        INSERT INTO listener_cursor (listener, hall, epoch, seq) VALUES (:listener, :hall, :epoch, :seq)
        ON CONFLICT DO NOTHING
        """
    )
)
_KEEP = Prepared(
    text(
        """
        INSERT INTO learned (hall, part, format, seq, told) VALUES (:hall, :part, :format, :seq, :told)
        ON CONFLICT (hall, part) DO UPDATE SET format = excluded.format, seq = excluded.seq, told = excluded.told
        """
    )
)


@dataclass(frozen=True)
class Behind:
    """A hall whose log has grown to entry `head` since entry `seq`, None where it was never read."""

    hall: str
    tz: str
    epoch: int
    head: int
    seq: int | None


def behind(session: Session) -> list[Behind]:
    """Every such hall, those with the least to read first, so that one long log does not hold up the others."""
    ours = and_(Cursor.hall == LogHead.hall, Cursor.listener == LISTENER)
    wanted = (
        select(LogHead.hall, Hall.tz, LogHead.epoch, LogHead.seq, Cursor.seq)
        .join(Hall, Hall.code == LogHead.hall)
        .outerjoin(Cursor, ours)
        .where(or_(Cursor.seq.is_(None), Cursor.seq < LogHead.seq))
        .order_by(LogHead.seq - func.coalesce(Cursor.seq, 0), LogHead.hall)
    )
    return [Behind(*row) for row in session.execute(wanted)]


def learn(database: Database, place: Behind, most: int) -> Behind | None:
    """Learn from the next entries of a hall's log, at most so many; where that leads.

    None where the head is reached, or somebody else has learned from them meanwhile.
    """
    with database.reading() as session:
        kept = told(session, place.hall) if place.seq is not None else {}
        entries = hall_logs.said_after(session, place.hall, place.seq or 0, place.head, most)
    parts = {part: from_json(plain) for part, plain in kept.items()}
    reading = Reading(place.hall, parts.get("going", {}).get("reading"))
    learner = Learner(ZoneInfo(place.tz), parts)
    for said in entries:
        for happening in reading.read(said):
            learner.see(happening)
    after = replace(
        place, seq=reading.seq if entries else place.head
    )  # entries that are gone are passed over
    with database.work() as session:
        if not _move(session, place, after):
            return None
        _keep(session, after, kept, _plain(reading, learner))
    return after if after.seq != place.head else None


def learner_of(session: Session, hall: str, tz: str, parts: Collection[str] = PARTS) -> Learner:
    """What is kept of a hall, or only these parts of it."""
    kept = told(session, hall, parts)
    return Learner(ZoneInfo(tz), {part: from_json(plain) for part, plain in kept.items()})


def pool(session: Session) -> Pool:
    """What is kept of the city as a whole."""
    kept = told(session, CITY, (POOL,))
    return Pool(from_json(kept[POOL]) if kept else None)


def pooled_on(session: Session) -> int:
    """The day on which the halls were last taken together, as its ordinal; 0 where they never were."""
    wanted = select(Learned.seq).where(Learned.hall == CITY, Learned.part == POOL, Learned.format == FORMAT)
    return session.scalar(wanted) or 0


def keep_pool(session: Session, made: Pool, day: int) -> None:
    """Keep what the halls have in common, as of this day."""
    session.merge(Learned(hall=CITY, part=POOL, format=FORMAT, seq=day, told=_text(made.plain())))


def told(session: Session, hall: str, parts: Collection[str] = PARTS) -> dict[str, str]:
    """The texts of these parts, as they are kept."""
    wanted = select(Learned.part, Learned.told).where(
        Learned.hall == hall, Learned.part.in_(parts), Learned.format == FORMAT
    )
    return {row.part: row.told for row in session.execute(wanted)}


def _plain(reading: Reading, learner: Learner) -> dict[str, Any]:
    parts = learner.plain()
    parts["going"]["reading"] = reading.plain()
    return parts


def _move(session: Session, place: Behind, after: Behind) -> bool:
    """Move the cursor, if it still stands where it was; its row is locked until all is written."""
    if place.seq is not None:
        moved = {"before": place.seq, "after": after.seq, "new_epoch": after.epoch}
        return bool(_MOVE.run(session, name=LISTENER, of=place.hall, **moved))
    begun = {"listener": LISTENER, "hall": place.hall, "epoch": after.epoch, "seq": after.seq}
    if not _BEGIN.run(session, **begun):
        return False
    of_other_formats = Cursor.listener.startswith(_NAME), Cursor.listener != LISTENER
    session.execute(delete(Cursor).where(Cursor.hall == place.hall, *of_other_formats))
    session.execute(delete(Learned).where(Learned.hall == place.hall))
    revisions.changed(session, "minutes")
    return True


def _keep(session: Session, place: Behind, before: Mapping[str, str], parts: Mapping[str, Any]) -> None:
    for part, plain in parts.items():
        if (now := _text(plain)) != before.get(part):
            row = {"hall": place.hall, "part": part, "format": FORMAT, "seq": place.seq, "told": now}
            _KEEP.run(session, **row)


def _text(plain: Mapping[str, Any]) -> str:
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
