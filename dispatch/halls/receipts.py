"""What a hall's boards said they did with a call: shown, spoken. The console's tick is read from here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, Row, String, Table, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.foundation.tables import Base, UtcTime


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


_KEPT = CallReceipt.__table__
assert isinstance(_KEPT, Table)
# Past the ORM: display processes ask for it with every commit.
_LATEST = (
    select(_KEPT.c.seq, _KEPT.c.shown_at, _KEPT.c.spoken_at)
    .where(_KEPT.c.hall == bindparam("of"), _KEPT.c.epoch == bindparam("in_epoch"))
    .order_by(_KEPT.c.seq.desc())
    .limit(1)
)


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
    row = session.get(CallReceipt, (hall, epoch, seq), with_for_update=True)
    if row is None:
        row = CallReceipt(hall=hall, epoch=epoch, seq=seq, board=board)
        session.add(row)
    news = False
    if (shown or spoken) and row.shown_at is None:
        row.shown_at, news = now, True
    if spoken and row.spoken_at is None:
        row.spoken_at, row.board, news = now, board, True
    session.flush()
    return _heard(row) if news else None


def of_call(session: Session, hall: str, epoch: int, seq: int) -> Heard:
    """What the boards did with this call so far."""
    row = session.get(CallReceipt, (hall, epoch, seq))
    return _heard(row) if row else Heard(seq, shown=False, spoken=False)


def latest(session: Session, hall: str, epoch: int) -> Heard | None:
    """The receipt of the newest call that has one."""
    row = session.connection().execute(_LATEST, {"of": hall, "in_epoch": epoch}).one_or_none()
    return _heard(row) if row else None


def _heard(row: CallReceipt | Row[*tuple[Any, ...]]) -> Heard:
    return Heard(row.seq, row.shown_at is not None, row.spoken_at is not None)
