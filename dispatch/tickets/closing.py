"""A hall that closes before its time, and what becomes of those who wait; a service day ended, and begun again."""

from contextlib import suppress
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.errors import BadInput, Refusal
from dispatch.foundation.log import announce
from dispatch.halls import finding as halls
from dispatch.halls import rescheduling
from dispatch.halls.models import Hall, HallDay
from dispatch.halls.news import DayEnded, HallClosedEarly, HallReopened
from dispatch.halls.refusals import NothingToClose
from dispatch.tickets import ending, moving
from dispatch.tickets.life import LIFE
from dispatch.tickets.models import Ticket
from dispatch.tickets.refusals import WindowBusy

LEFT = LIFE["expire"].sources - {"called"}
"""Who is on her way to a window, or sits there, is still served when the day is ended."""


def close_early(
    session: Session,
    place: Hall,
    *,
    at: datetime | None = None,
    reason: str,
    afterwards: str,
    to_hall: str | None = None,
    note: str | None = None,
    note_en: str | None = None,
    now: datetime,
    actor: Actor,
) -> HallDay:
    """From `at` on, or from now, no more numbers today; those who wait are served, moved to `to_hall`, or told.

    Said twice it is done once. Raises NothingToClose, BadInput, NotFound.
    """
    since = max(at or now, now)
    day = halls.service_day(session, place, now)
    _refuse_needless(session, place, day, since)
    if (to_hall is None) is (afterwards == "move") or to_hall == place.code:
        raise BadInput(reason=str(to_hall), field="to_hall")
    if to_hall is not None:
        halls.hall(session, to_hall)
    row = rescheduling.row_of(session, place, day)
    if row.ended_at is not None:
        raise NothingToClose(field="at")
    wanted = {
        "closed_from": since,
        "closed_why": reason,
        "afterwards": afterwards,
        "to_hall": to_hall,
        "closed_note": note,
        "closed_note_en": note_en,
    }
    same = all(getattr(row, name) == value for name, value in wanted.items() if name != "closed_from")
    if same and row.closed_from is not None and (at is None or row.closed_from == since):
        return row
    for name, value in wanted.items():
        setattr(row, name, value)
    row.settled = False
    _write(session)
    news = HallClosedEarly(day.isoformat(), since.isoformat(), reason, afterwards, to_hall)
    announce(session, place.code, news, at=now, actor=actor)
    settle(session, place, row, now=now, actor=actor)
    return row


def settle(session: Session, place: Hall, row: HallDay, *, now: datetime, actor: Actor) -> int:
    """Send on whoever waits, once the hall has closed early and they are to be moved; how many were sent."""
    if row.settled or row.closed_from is None or row.closed_from > now or row.ended_at is not None:
        return 0
    row.settled = True
    session.flush()
    if row.afterwards != "move" or row.to_hall is None:
        return 0
    sent = 0
    for ticket in _tickets(session, place.code, row.day, frozenset({"waiting"})):
        with suppress(Refusal):  # one that cannot go stays, and is served here
            moving.move(session, ticket, moving.Goal(hall=row.to_hall), now=now, actor=actor)
            sent += 1
    return sent


def unsettled(session: Session, now: datetime) -> list[HallDay]:
    """Early closes whose moment has come, and whose people have not been seen to."""
    wanted = select(HallDay).where(HallDay.closed_from <= now, ~HallDay.settled, HallDay.ended_at.is_(None))
    return list(session.scalars(wanted.order_by(HallDay.hall, HallDay.day)))


def reopen(session: Session, place: Hall, *, now: datetime, actor: Actor) -> HallDay:
    """The hall is open today as it would have been, and goes on with the numbers; nothing if it was never closed."""
    row = rescheduling.row_of(session, place, halls.service_day(session, place, now))
    if row.closed_from is None and row.ended_at is None:
        return row
    row.closed_from = row.closed_why = row.afterwards = row.to_hall = row.ended_at = None
    row.closed_note = row.closed_note_en = None
    row.settled = False
    _write(session)
    announce(session, place.code, HallReopened(row.day.isoformat()), at=now, actor=actor)
    return row


def end_day(
    session: Session,
    place: Hall,
    *,
    reason: str,
    note: str | None = None,
    note_en: str | None = None,
    now: datetime,
    actor: Actor,
) -> HallDay:
    """The service day is over: whoever waits expires, windows where nobody sits close. Done once.

    Somebody called or being served stays so, and her window with her.
    """
    row = rescheduling.row_of(session, place, halls.service_day(session, place, now))
    if row.ended_at is not None:
        return row
    row.ended_at = now
    row.closed_from = min(row.closed_from or now, now)
    row.closed_why, row.closed_note, row.closed_note_en = reason, note, note_en
    _write(session)
    expired = _expire(session, place.code, row.day, now, actor)
    closed = _close_windows(session, place.code, now, actor)
    news = DayEnded(row.day.isoformat(), row.closed_from.isoformat(), reason, expired, closed)
    announce(session, place.code, news, at=now, actor=actor)
    return row


def _refuse_needless(session: Session, place: Hall, day: date, since: datetime) -> None:
    ends = [opening.end for opening in halls.scheduled(session, place, day)]
    if not ends or ends[-1] <= since:
        raise NothingToClose(field="at")


def _expire(session: Session, hall: str, day: date, now: datetime, actor: Actor) -> int:
    left = _tickets(session, hall, day, LEFT)
    for ticket in left:
        ending.expire(session, ticket, now=now, actor=actor)
    return len(left)


def _close_windows(session: Session, hall: str, now: datetime, actor: Actor) -> int:
    closed = 0
    for window in halls.windows_of(session, hall):
        if window.state != "closed":
            with suppress(WindowBusy):
                ending.close_window(session, window, now=now, actor=actor)
                closed += 1
    return closed


def _tickets(session: Session, hall: str, day: date, states: frozenset[str]) -> list[Ticket]:
    wanted = select(Ticket).where(Ticket.hall == hall, Ticket.service_day == day, Ticket.state.in_(states))
    return list(session.scalars(wanted.order_by(Ticket.place, Ticket.n)))


def _write(session: Session) -> None:
    session.flush()
    halls.forget_hours(session)
