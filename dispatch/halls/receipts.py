"""What a hall's boards said they did with a call: shown, spoken. The console's tick is read from here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Insert,
    Integer,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.foundation.prepared import Prepared
from dispatch.foundation.tables import Base, UtcTime, table_of


class CallReceipt(Base):
    """One call, by its entry in the hall's log, and when a board first showed and first spoke it."""

    __tablename__ = "call_receipt"

    hall: Mapped[str] = mapped_column(ForeignKey("hall.code"), primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer, primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    board: Mapped[str | None] = mapped_column(String(40))
    shown_at: Mapped[datetime | None] = mapped_column(UtcTime)
    spoken_at: Mapped[datetime | None] = mapped_column(UtcTime)


@dataclass(frozen=True)
class Heard:
    """What is known of one call."""

    seq: int
    shown: bool
    spoken: bool


_KEPT = table_of(CallReceipt)
_TOLD = (_KEPT.c.hall, _KEPT.c.seq, _KEPT.c.shown_at, _KEPT.c.spoken_at)


def _keep(insert: Any) -> Insert:  # noqa: ANN401 - either database's own, of one shape
    """Insert a receipt, or add to it what is news; a row comes back for news only."""
    given = insert(_KEPT).values({column.name: bindparam(column.name) for column in _KEPT.c})
    said, now_shown = given.excluded, given.excluded.shown_at
    first_spoken = _KEPT.c.spoken_at.is_(None) & said.spoken_at.is_not(None)
    kept: Insert = given.on_conflict_do_update(
        index_elements=list(_KEPT.primary_key),
        set_={
            "shown_at": func.coalesce(_KEPT.c.shown_at, now_shown),
            "spoken_at": func.coalesce(_KEPT.c.spoken_at, said.spoken_at),
            "board": case((first_spoken, said.board), else_=_KEPT.c.board),
        },
        where=or_(_KEPT.c.shown_at.is_(None) & now_shown.is_not(None), first_spoken),
    ).returning(*_TOLD)
    return kept


def _latest(pairs: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - a function of the database
    """The newest receipt in the epoch of each of these halls."""
    asked = pairs(bindparam("epochs", type_=JSON)).table_valued("key", "value")
    epoch, others = cast(asked.c.value, Integer), _KEPT.alias()
    newest = select(func.max(others.c.seq)).where(others.c.hall == asked.c.key, others.c.epoch == epoch)
    here = (_KEPT.c.hall == asked.c.key) & (_KEPT.c.epoch == epoch)
    return select(*_TOLD).join(asked, here).where(_KEPT.c.seq == newest.scalar_subquery())


# Past the ORM: display processes keep one for every call, and ask with every commit.
_KEEP = Prepared(_keep(postgresql.insert), sqlite=_keep(sqlite.insert))
_LATEST = Prepared(_latest(func.json_each_text), sqlite=_latest(func.json_each))


def keep(
    session: Session,
    hall: str,
    epoch: int,
    seq: int,
    *,
    shown: bool,
    spoken: bool,
    board: str | None,
    now: datetime,
) -> Heard | None:
    """Remember what a board did; None when nothing of it is new. The first board to show or speak counts."""
    if not (shown or spoken):
        return None
    row = _KEEP.first(
        session,
        hall=hall,
        epoch=epoch,
        seq=seq,
        board=board,
        shown_at=now,
        spoken_at=now if spoken else None,
    )
    return _heard(row) if row else None


def of_call(session: Session, hall: str, epoch: int, seq: int) -> Heard:
    """What the boards did with this call so far."""
    row = session.get(CallReceipt, (hall, epoch, seq))
    return _heard(row) if row else Heard(seq, shown=False, spoken=False)


def latest(session: Session, epochs: Mapping[str, int]) -> Mapping[str, Heard]:
    """The receipt of each hall's newest call that has one, in the epoch that is given for the hall."""
    return {row.hall: _heard(row) for row in _LATEST.all(session, epochs=dict(epochs))}


def _heard(row: Any) -> Heard:  # noqa: ANN401 - a receipt, or what was read of one
    return Heard(row.seq, row.shown_at is not None, row.spoken_at is not None)
