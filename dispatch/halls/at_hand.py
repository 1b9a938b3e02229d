"""What every ticket asks of its hall, asked of the database at once instead of bit by bit.

What is so on most days (no outage, a day like any other) comes along as a yes or no; only where it is otherwise is
the rest read later. The session knows from then on what was read here, and the verbs find it there.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, bindparam, false, or_, select, update
from sqlalchemy.orm import Session

from dispatch.foundation.prepared import Prepared, Soon, put
from dispatch.foundation.tables import UtcTime, table_of
from dispatch.halls.models import CalendarDay, Hall, HallDay, Outage, Queue, Window

_NEAR = timedelta(days=3)
"""Whatever zone a hall lies in, its today and the days beside are no further from a date in UTC."""


_HALLS, _QUEUES, _WINDOWS = table_of(Hall), table_of(Queue), table_of(Window)
_OUTAGES, _DAYS, _CALENDAR = table_of(Outage), table_of(HallDay), table_of(CalendarDay)
_FIRST, _LAST = bindparam("first", type_=Date), bindparam("last", type_=Date)
_HALL_COLUMNS = [column.label(f"hall_{column.name}") for column in _HALLS.c]
_OUT = (
    select(_OUTAGES.c.id)
    .where(or_(_OUTAGES.c.hall == _HALLS.c.code, _OUTAGES.c.hall.is_(None)), _OUTAGES.c.ended_at.is_(None))
    .exists()
)
_PARTICULAR = or_(
    select(_CALENDAR.c.day).where(_CALENDAR.c.day.between(_FIRST, _LAST)).exists(),
    select(_DAYS.c.day)
    .where(
        _DAYS.c.hall == _HALLS.c.code,
        _DAYS.c.day.between(_FIRST, _LAST),
        or_(_DAYS.c.openings.is_not(None), _DAYS.c.closed_from.is_not(None)),
    )
    .exists(),
)
_AROUND = [_FIRST.label("first"), _LAST.label("last")]
_STANDS = [*_HALL_COLUMNS, _OUT.label("out"), _PARTICULAR.label("particular"), *_AROUND]
# Whoever writes a ticket into a queue holds the queue's row: see `finding.hold_in_use`.
_QUEUE_AND_HALL = Prepared(
    select(*_QUEUES.c, *_STANDS)
    .join_from(_QUEUES, _HALLS, _HALLS.c.code == _QUEUES.c.hall)
    .where(_QUEUES.c.hall == bindparam("of"), _QUEUES.c.code == bindparam("line"))
    .with_for_update(read=True, of=_QUEUES)
)
# A window that calls: its row is locked, its turn counted, its clerk heard of.
_TAKE = (
    update(_WINDOWS)
    .where(_WINDOWS.c.id == bindparam("at"))
    .values(claim=_WINDOWS.c.claim + 1, heard_at=bindparam("heard_at", type_=UtcTime), lapsed=false())
    .returning(*_WINDOWS.c)
)
_TURN = _TAKE.cte("turn")
_TURN_AND_HALL = Prepared(
    select(*_TURN.c, *_STANDS).join_from(_TURN, _HALLS, _HALLS.c.code == _TURN.c.hall),
    sqlite=_TAKE,
)


def ask_queue(session: Session, hall: str, code: str, *, now: datetime) -> Soon:
    """Keep a queue as it is until this transaction ends; `queue` reads the answer.

    `now` may be some days off, where city time is not known yet: what the verbs then miss they read themselves.
    """
    return _QUEUE_AND_HALL.soon(session, of=hall, line=code, **_around(now))


def queue(session: Session, asked: Soon) -> None:
    """Have the queue that was asked for, and its hall, at hand."""
    row = asked.first()
    if row is not None:
        told = row._asdict()
        put(session, Queue, {column.name: told[column.name] for column in _QUEUES.c})
        session.info.setdefault("held", set()).add((told["hall"], told["code"]))
        _note(session, told)


def ask_turn(session: Session, ident: str, *, now: datetime) -> Soon:
    """Take a window's next turn; `turn` reads the answer, together with whatever is asked until then."""
    return _TURN_AND_HALL.soon(session, at=ident, heard_at=now, **_around(now))


def turn(session: Session, asked: Soon) -> Window | None:
    """Have the window whose turn was taken at hand, and its hall; None for a window that there is not."""
    row = asked.first()
    if row is None:
        return None
    told = row._asdict()
    if "out" in told:
        _note(session, told)
    return put(session, Window, {column.name: told[column.name] for column in _WINDOWS.c})


def _around(now: datetime) -> dict[str, date]:
    return {"first": (now - _NEAR).date(), "last": (now + _NEAR).date()}


def _note(session: Session, told: dict[str, Any]) -> None:
    place = put(session, Hall, {column.name: told[f"hall_{column.name}"] for column in _HALLS.c})
    if not told["out"]:
        session.info.setdefault("outages", {})[place.code] = []
    if not told["particular"]:
        session.info.setdefault("ordinary_days", {})[place.code] = told["first"], told["last"]
