"""Rows that only staff may reach, loaded and judged in one step."""

from dispatch.foundation.errors import NotSignedIn
from dispatch.halls.finding import window_for
from dispatch.halls.models import Window
from dispatch.pages.shared.calls import Call


def staffed_window(call: Call, ident: str) -> Window:
    """A window this caller may work; NotSignedIn, NotAllowed, NotFound."""
    if call.actor.kind != "staff":
        raise NotSignedIn
    return window_for(call.session, call.actor, ident)
