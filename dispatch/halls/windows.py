"""A window's own life: open, pause, close, and the sign that somebody sits there."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.log import announce
from dispatch.foundation.transitions import TransitionTable
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
    session.refresh(window, with_for_update=True)  # of two who ask at once the second finds it done
    row = LIFE[verb]
    if window.state == row.target:
        return
    window.state = LIFE.target(verb, window.state)
    window.staff = actor.id if verb != "close" else None
    window.heard_at, window.lapsed = now, False
    session.flush()
    announce(session, window.hall, _NEWS[verb](window.id, window.name), at=now, actor=actor)


def heard(session: Session, window: Window, *, now: datetime) -> None:
    """Somebody sits at the window: a sign of life, not news."""
    session.execute(update(Window).where(Window.id == window.id).values(heard_at=now, lapsed=False))
