"""A window's turn: its row is locked, its calls are counted, and nobody else sits there."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from dispatch.foundation.prepared import Prepared
from dispatch.foundation.tables import table_of
from dispatch.halls import at_hand
from dispatch.halls.models import Window
from dispatch.staffing import skills
from dispatch.tickets import finding
from dispatch.tickets.models import Ticket
from dispatch.tickets.refusals import NotSkilled, WindowBusy, WindowNotOpen

_WINDOWS = table_of(Window)
_CATCH_UP = Prepared(
    update(_WINDOWS)
    .where(_WINDOWS.c.id == bindparam("at"), _WINDOWS.c.claim < bindparam("reached"))
    .values(claim=bindparam("reached"))
)


def take(session: Session, window: Window, now: datetime) -> int:
    """Lock the window's row and count its call: a double press waits here, then finds the window busy.

    Raises WindowNotOpen.
    """
    if session.info.pop("turn", None) != window.id:
        at_hand.turn(session, window.id, now=now)
    taken = session.get_one(Window, window.id)  # `window` may be a narrower picture of it
    if taken.state != "open":
        raise WindowNotOpen(state=taken.state, field="window")
    return taken.claim


def count_up(session: Session, ticket: Ticket, turn: int) -> None:
    """Never fall behind the claim that a ticket brought along from another window: the next turn is greater."""
    if ticket.claim != turn:
        _CATCH_UP.run(session, at=ticket.window, reached=ticket.claim)


def refuse_unskilled(session: Session, window: Window, items: Collection[str], now: datetime) -> None:
    """NotSkilled where whoever sits at the window may not serve one of these items just now."""
    if items and not skills.barred_items(session, window.staff or "", now=now).isdisjoint(items):
        raise NotSkilled(field="ticket")


def refuse_busy(session: Session, window: Window) -> None:
    """WindowBusy while somebody is called to the window or served there."""
    if here := finding.at_window(session, window.id):
        raise WindowBusy(number=here.number, ticket=here.id, field="window")
