"""Calling exactly: each person once, to one window; the loser of a race gets the next."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, literal_column, select, update
from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.foundation.errors import NotFound
from dispatch.foundation.prepared import Prepared, put
from dispatch.foundation.tables import table_of
from dispatch.halls import finding as halls
from dispatch.halls import outages
from dispatch.halls.models import Window
from dispatch.staffing import skills
from dispatch.tickets import finding, lines, serving, turns
from dispatch.tickets.changing import AWAY, change, fenced
from dispatch.tickets.life import LIFE
from dispatch.tickets.models import Ticket
from dispatch.tickets.news import TicketCalled
from dispatch.tickets.refusals import (
    CalledElsewhere,
    KeptForAnother,
    NotToday,
    PlaceFrozen,
    WindowBusy,
)

LARGEST_GROUP = 20

_TICKETS = table_of(Ticket)
_CALLABLE: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in sorted(LIFE["call"].sources)]
_TAKEN = (
    update(_TICKETS)
    .where(_TICKETS.c.id == bindparam("taken"), _TICKETS.c.state.in_(_CALLABLE))
    .values(state=LIFE["call"].target, calls=_TICKETS.c.calls + 1, kept_for=None, kept_until=None)
    .values(
        {
            name: bindparam(name, type_=_TICKETS.c[name].type)
            for name in ("window", "seat", "called_at", "before")
        }
    )
    .values(
        claim=case((_TICKETS.c.claim >= bindparam("turn"), _TICKETS.c.claim + 1), else_=bindparam("turn"))
    )
    .returning(*_TICKETS.c)
)
_CLAIM, _CLAIM_AND_HOLD = Prepared(_TAKEN), Prepared(log.held_with(_TAKEN), sqlite=_TAKEN)


def call_next(
    session: Session, window: Window, *, finish: bool = False, now: datetime, actor: Actor
) -> Ticket | None:
    """Call the first person this window may serve; None when nobody waits.

    With `finish`, whoever is at the window is finished first, in the same transaction.
    Raises WindowNotOpen, WindowBusy.
    """
    called = call_group(session, window, 1, finish=finish, now=now, actor=actor)
    return called[0] if called else None


def call_group(
    session: Session, window: Window, most: int, *, finish: bool = False, now: datetime, actor: Actor
) -> list[Ticket]:
    """Call the first `most` people together to this window, in their order; fewer where fewer wait."""
    turn = turns.begun(session, window, now)
    number, day = turn.window.claim, halls.service_day(session, halls.hall(session, window.hall), now)
    finished = _clear(session, turn, finish, now, actor)
    barred = skills.Barred(session, window.staff or "", now)
    line = lines.candidates(session, window, day, now=now, barred=barred, read=turn.waiting)
    called: list[Ticket] = []
    for index, person in enumerate(line):
        if len(called) == most:
            break
        seat, last = len(called), most == 1 and person.is_here
        ticket = claim(session, person, window, number, now, actor, seat=seat, finished=finished, last=last)
        if ticket is not None:
            lines.note_passes(session, person, line[index:])
            turns.count_up(session, ticket, number)
            instead = _name(session, person.kept_for) if person.kept_for not in (None, window.id) else None
            _announce(session, ticket, window, now, actor, by="next", instead_of=instead)
            called.append(ticket)
    return called


def call_number(session: Session, window: Window, wanted: str, *, now: datetime, actor: Actor) -> Ticket:
    """Call this very ticket, by its id or today's number, ahead of everybody; a parked one too.

    Raises WindowNotOpen, WindowBusy, NotFound, NotToday, CalledElsewhere, KeptForAnother, NotSkilled, PlaceFrozen,
    WrongState.
    """
    place = halls.hall(session, window.hall)
    today = halls.service_day(session, place, now)
    ticket = _wanted(session, window.hall, wanted, today)
    if ticket.service_day != today:
        raise NotToday(number=ticket.number, day=ticket.service_day.isoformat(), field="ticket")
    turn = turns.take(session, window, now)
    _refuse_call(session, ticket, window, now)
    turns.refuse_busy(session, window)
    instead = _name(session, ticket.kept_for) if ticket.kept_for not in (None, window.id) else None
    values = {
        **AWAY,
        "window": window.id,
        "claim": fenced(ticket, turn),
        "called_at": now,
        "calls": ticket.calls + 1,
    }
    change(session, ticket, "call_number", values, now=now, actor=actor)
    turns.count_up(session, ticket, turn)
    _announce(session, ticket, window, now, actor, by="number", instead_of=instead)
    return ticket


def claim(
    session: Session,
    person: lines.Place,
    window: Window,
    turn: int,
    now: datetime,
    actor: Actor,
    *,
    seat: int = 0,
    finished: Iterable[str] = (),
    last: bool = False,
) -> Ticket | None:
    """Take the ticket, if it still waits. The database says who won: one writer finds the row as it was.

    Where it is the `last` thing to be locked, the log's end is locked along with it.
    """
    row = (_CLAIM_AND_HOLD if last else _CLAIM).first(
        session,
        taken=person.id,
        window=window.id,
        seat=seat,
        turn=turn,
        called_at=now,
        before=_before(person, now, actor, finished),
    )
    if row is None:
        return None
    told = row._asdict()
    log.hold_of(session, told)
    return put(session, Ticket, told)


def _clear(session: Session, turn: turns.Turn, finish: bool, now: datetime, actor: Actor) -> list[str]:
    """Finish whoever is at the window, or refuse; whom it finished."""
    here = finding.held(session, turn.here)
    if here and not finish:
        raise WindowBusy(number=here[0].number, ticket=here[0].id, field="window")
    for ticket in here:
        serving.finish(session, ticket, now=now, actor=actor)
    return [ticket.id for ticket in here]


def _wanted(session: Session, hall: str, wanted: str, today: date) -> Ticket:
    """The ticket of this id or number; of a number given out on several days the latest."""
    by_id = session.get(Ticket, wanted, populate_existing=True)
    if by_id is not None and by_id.hall == hall:
        return by_id
    found = finding.by_number(session, hall, wanted, today) or finding.last_of_number(session, hall, wanted)
    if found is None:
        raise NotFound(what=wanted, field="ticket")
    return found


def _refuse_call(session: Session, ticket: Ticket, window: Window, now: datetime) -> None:
    if ticket.state in ("called", "serving") and ticket.window != window.id:
        raise CalledElsewhere(number=ticket.number, window=_name(session, ticket.window), field="ticket")
    LIFE.target("call_number", ticket.state)
    kept = ticket.kept_for not in (None, window.id)
    if kept and (ticket.kept_until is None or ticket.kept_until > now):
        raise KeptForAnother(number=ticket.number, window=_name(session, ticket.kept_for), field="ticket")
    items = {wanted["item"] for wanted in ticket.items}
    if outages.frozen(session, window.hall, now).holds(ticket.queue, items):
        raise PlaceFrozen(number=ticket.number, field="ticket")
    turns.refuse_unskilled(session, window, items, now)


def _name(session: Session, window: str | None) -> str:
    return session.scalars(select(Window.name).where(Window.id == window)).one()


def _before(person: lines.Place, now: datetime, actor: Actor, finished: Iterable[str]) -> dict[str, Any]:
    """What an undo of the call needs: somebody who waits has no window, no claim and no times of a call."""
    until = person.kept_until.isoformat() if person.kept_until else None
    was = {**AWAY, "state": "waiting", "kept_for": person.kept_for, "kept_until": until}
    told = {"verb": "call", "at": now.isoformat(), "by": actor.name, "was": was}
    return {**told, "finished": list(finished)}


def _announce(
    session: Session,
    ticket: Ticket,
    window: Window,
    now: datetime,
    actor: Actor,
    *,
    by: str,
    instead_of: str | None,
) -> None:
    assert ticket.claim is not None
    news = TicketCalled(
        ticket=ticket.id,
        number=ticket.number,
        queue=ticket.queue,
        service_day=ticket.service_day.isoformat(),
        window=window.id,
        window_name=window.name,
        claim=ticket.claim,
        by=by,
        instead_of=instead_of,
    )
    log.announce(session, window.hall, news, at=now, actor=actor)
