"""Calling exactly: each person once, to one window; the loser of a race gets the next."""

from datetime import datetime

from sqlalchemy import Table, bindparam, update
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.log import announce
from dispatch.halls import finding as halls
from dispatch.halls.models import Window
from dispatch.tickets import finding, lines, serving
from dispatch.tickets.life import LIFE
from dispatch.tickets.models import Ticket
from dispatch.tickets.news import TicketCalled
from dispatch.tickets.refusals import WindowBusy, WindowNotOpen

_TICKETS, _WINDOWS = Ticket.__table__, Window.__table__
assert isinstance(_TICKETS, Table)
assert isinstance(_WINDOWS, Table)
_CLAIM = (
    update(_TICKETS)
    .where(_TICKETS.c.id == bindparam("taken"), _TICKETS.c.state.in_(LIFE["call"].sources))
    .values(state=LIFE["call"].target, calls=_TICKETS.c.calls + 1)
    .values({name: bindparam(name) for name in ("window", "claim", "called_at", "started_at")})
)
_TAKE_TURN = (
    update(_WINDOWS)
    .where(_WINDOWS.c.id == bindparam("at"))
    .values(claim=_WINDOWS.c.claim + 1, heard_at=bindparam("heard_at"))
    .returning(_WINDOWS.c.claim, _WINDOWS.c.state)
)


def call_next(
    session: Session, window: Window, *, finish: bool = False, now: datetime, actor: Actor
) -> Ticket | None:
    """Call the first person this window may serve; None when nobody waits.

    With `finish`, whoever is at the window is finished first, in the same transaction.
    Raises WindowNotOpen, WindowBusy.
    """
    turn = _take_turn(session, window, now)
    current = finding.at_window(session, window.id)
    if current is not None:
        if not finish:
            raise WindowBusy(number=current.number, ticket=current.id, field="window")
        serving.finish(session, current, now=now, actor=actor)
    day = halls.service_day(session, halls.hall(session, window.hall), now)
    for ticket in lines.waiting_in(session, window.hall, window.queues, day):
        if claim(session, ticket.id, window.id, turn, now):
            announce(session, window.hall, _called(ticket, window, turn), at=now, actor=actor)
            return finding.ticket(session, ticket.id)
    return None


def claim(session: Session, ticket: str, window: str, turn: int, now: datetime) -> bool:
    """Take the ticket, if it still waits. The database says who won: one writer finds the row as it was."""
    taken = {"taken": ticket, "window": window, "claim": turn, "called_at": now, "started_at": None}
    return session.connection().execute(_CLAIM, taken).rowcount == 1


def _take_turn(session: Session, window: Window, now: datetime) -> int:
    """Lock the window's row and count its call: a double press waits here, then finds the window busy."""
    row = session.connection().execute(_TAKE_TURN, {"at": window.id, "heard_at": now}).one()
    if row.state != "open":
        raise WindowNotOpen(state=row.state, field="window")
    return int(row.claim)


def _called(ticket: lines.Place, window: Window, turn: int) -> TicketCalled:
    return TicketCalled(
        ticket=ticket.id,
        number=ticket.number,
        queue=ticket.queue,
        service_day=ticket.service_day.isoformat(),
        window=window.id,
        window_name=window.name,
        claim=turn,
    )
