"""Calling exactly: each person once, to one window; the loser of a race gets the next."""

from datetime import datetime

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.log import announce
from dispatch.halls.models import Window
from dispatch.tickets import finding, lines, serving
from dispatch.tickets.life import LIFE
from dispatch.tickets.models import Ticket
from dispatch.tickets.news import TicketCalled
from dispatch.tickets.refusals import WindowBusy, WindowNotOpen


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
    for ticket in lines.waiting_in(session, window.hall, window.queues):
        if claim(session, ticket.id, window.id, turn, now):
            announce(session, window.hall, _called(ticket, window, turn), at=now, actor=actor)
            return finding.ticket(session, ticket.id)
    return None


def claim(session: Session, ticket: str, window: str, turn: int, now: datetime) -> bool:
    """Take the ticket, if it still waits. The database says who won: one writer finds the row as it was."""
    tickets = Ticket.__table__
    written = session.execute(
        update(tickets)  # type: ignore[arg-type]
        .where(tickets.c.id == ticket, tickets.c.state.in_(LIFE["call"].sources))
        .values(
            state=LIFE["call"].target,
            window=window,
            claim=turn,
            called_at=now,
            started_at=None,
            calls=tickets.c.calls + 1,
        )
    )
    assert isinstance(written, CursorResult)
    return written.rowcount == 1


def _take_turn(session: Session, window: Window, now: datetime) -> int:
    """Lock the window's row and count its call: a double press waits here, then finds the window busy."""
    windows = Window.__table__
    row = session.execute(
        update(windows)  # type: ignore[arg-type]
        .where(windows.c.id == window.id)
        .values(claim=windows.c.claim + 1, heard_at=now)
        .returning(windows.c.claim, windows.c.state)
    ).one()
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
