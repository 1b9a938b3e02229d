"""Windows: opened, paused, closed, and calling."""

from functools import partial
from typing import Any

from flask import Response

from dispatch.halls import windows
from dispatch.pages.api import showing
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Body, CallNext, IdPath
from dispatch.pages.api.shapes import TicketShown, WindowShown
from dispatch.pages.shared.calls import Call, answer, once
from dispatch.pages.shared.staff import staffed_window
from dispatch.tickets import calling, ending

CLERKS = "clerk supervisor"


@api.get("/windows/<string:id>", **door("windows", "staff", WindowShown, 401, 403, 404, roles=CLERKS))
def show_window(path: IdPath) -> Response:
    """A window as its clerk sees it."""
    return answer(lambda call: showing.window(call.session, staffed_window(call, path.id), call.now))


@api.post(
    "/windows/<string:id>/call-next",
    **door("windows", "staff", TicketShown, 401, 403, 404, 409, roles=CLERKS, nothing="nobody waits"),
)
def call_next(path: IdPath, body: CallNext) -> Response:
    """Call whoever is next; 204 when nobody waits, 409 `window_busy` while somebody is there."""

    def do(call: Call) -> TicketShown | None:
        window = staffed_window(call, path.id)
        ticket = calling.call_next(call.session, window, finish=body.finish, now=call.now, actor=call.actor)
        return showing.ticket(call.session, ticket) if ticket else None

    return once(do)


def _verb(name: str, summary: str) -> None:
    """One route for a verb of the window's own life."""

    def route(path: IdPath, body: Body) -> Response:
        def do(call: Call) -> WindowShown:
            window = staffed_window(call, path.id)
            change = ending.close_window if name == "close" else partial(windows.change, verb=name)
            change(call.session, window, now=call.now, actor=call.actor)
            call.session.refresh(window)
            return showing.window(call.session, window, call.now)

        return once(do)

    route.__name__ = f"{name}_window"
    route.__doc__ = summary
    doors: dict[str, Any] = door("windows", "staff", WindowShown, 401, 403, 404, 409, roles=CLERKS)
    api.post(f"/windows/<string:id>/{name}", **doors)(route)


_verb("open", "Somebody sits there and may call.")
_verb("pause", "Nobody more is called; whoever is there is finished.")
_verb("close", "Nobody sits there any more; refused while somebody is there.")


@api.post("/windows/<string:id>/heartbeat", **door("windows", "staff", None, 401, 403, 404, roles=CLERKS))
def heartbeat(path: IdPath, body: Body) -> Response:
    """Somebody still sits there."""

    def do(call: Call) -> None:
        windows.heard(call.session, staffed_window(call, path.id), now=call.now)

    return once(do)
