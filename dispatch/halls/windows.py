"""A window's own life: open, pause, close, and the sign that somebody sits there."""

from datetime import datetime

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.log import announce
from dispatch.foundation.transitions import TransitionTable, WrongState
from dispatch.halls.models import WINDOW_STATES, Window
from dispatch.halls.news import WindowClosed, WindowOpened, WindowPaused

LIFE = TransitionTable(
    "window",
    WINDOW_STATES,
    [
        ("open", "closed paused", "open", "clerk supervisor"),
        ("pause", "open", "paused", "clerk supervisor"),
        ("close", "open paused", "closed", "clerk supervisor"),
    ],
)
_NEWS = {"open": WindowOpened, "pause": WindowPaused, "close": WindowClosed}


def change(session: Session, window: Window, verb: str, *, now: datetime, actor: Actor) -> None:
    """Open, pause or close a window. Asking for the state it is already in changes nothing."""
    row = LIFE[verb]
    if window.state == row.target:
        return
    LIFE.target(verb, window.state)
    written = session.execute(
        update(Window)
        .where(Window.id == window.id, Window.state == window.state)
        .values(state=row.target, staff=actor.id if verb != "close" else None, heard_at=now)
    )
    assert isinstance(written, CursorResult)
    if written.rowcount == 0:  # somebody changed it in the same instant
        raise WrongState(state=window.state, verb=verb, allowed=sorted(row.sources))
    announce(session, window.hall, _NEWS[verb](window.id, window.name), at=now, actor=actor)


def heard(session: Session, window: Window, *, now: datetime) -> None:
    """Somebody sits at the window: a sign of life, not news."""
    session.execute(update(Window).where(Window.id == window.id).values(heard_at=now))
