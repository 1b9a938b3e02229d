"""A window's turn: its row is locked, its calls are counted, and nobody else sits there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from dispatch.foundation.prepared import Prepared, Soon
from dispatch.foundation.tables import table_of
from dispatch.halls import at_hand
from dispatch.halls.models import Window
from dispatch.staffing import skills
from dispatch.tickets import finding, lines
from dispatch.tickets.models import Ticket
from dispatch.tickets.refusals import NotSkilled, WindowBusy, WindowNotOpen

_WINDOWS = table_of(Window)
_CATCH_UP = Prepared(
    update(_WINDOWS)
    .where(_WINDOWS.c.id == bindparam("at"), _WINDOWS.c.claim < bindparam("reached"))
    .values(claim=bindparam("reached"))
)


@dataclass(frozen=True)
class Turn:
    """A window's turn as it began: the window, whoever was there, and everybody who waits in its queues."""

    window: Window
    here: Soon
    waiting: Soon


def begin(session: Session, window: str, *, now: datetime) -> None:
    """Take a window's turn to call, and learn all that a call asks of the database at once.

    Everything comes after the lock on the window's row: a double press waits there, then sees what the first one did.
    """
    asked = at_hand.ask_turn(session, window, now=now)
    here, waiting = finding.hold_group_at(session, window), lines.asked_for(session, window)
    taken = at_hand.turn(session, asked)
    if taken is not None:
        session.info["turn"] = Turn(taken, here, waiting)


def begun(session: Session, window: Window, now: datetime) -> Turn:
    """The turn that this window has begun, or begins now. Raises WindowNotOpen."""
    if "turn" not in session.info:
        begin(session, window.id, now=now)
    turn: Turn = session.info.pop("turn")
    assert turn.window.id == window.id
    _refuse_closed(turn.window)
    return turn


def take(session: Session, window: Window, now: datetime) -> int:
    """Lock the window's row and count its call: a double press waits here, then finds the window busy.

    Raises WindowNotOpen.
    """
    taken = at_hand.turn(session, at_hand.ask_turn(session, window.id, now=now))
    assert taken is not None
    _refuse_closed(taken)
    return taken.claim


def count_up(session: Session, ticket: Ticket, turn: int) -> None:
    """Never fall behind the claim that a ticket brought along from another window: the next turn is greater."""
    if ticket.claim != turn:
        _CATCH_UP.run(session, at=ticket.window, reached=ticket.claim)


def _refuse_closed(window: Window) -> None:
    if window.state != "open":
        raise WindowNotOpen(state=window.state, field="window")


def refuse_unskilled(session: Session, window: Window, items: Collection[str], now: datetime) -> None:
    """NotSkilled where whoever sits at the window may not serve one of these items just now."""
    if items and not skills.barred_items(session, window.staff or "", now=now).isdisjoint(items):
        raise NotSkilled(field="ticket")


def refuse_busy(session: Session, window: Window) -> None:
    """WindowBusy while somebody is called to the window or served there."""
    if here := finding.at_window(session, window.id):
        raise WindowBusy(number=here.number, ticket=here.id, field="window")
