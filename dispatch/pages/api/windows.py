"""Windows: opened, paused, closed, and calling."""

from functools import partial
from typing import Any

from flask import Response

from dispatch.halls import windows
from dispatch.pages.api import showing
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Body, CallGroup, CallNext, CallNumber, IdPath, Served, wanted
from dispatch.pages.api.shapes import TicketShown, TicketsShown, WindowShown
from dispatch.pages.shared.calls import Call, answer, once
from dispatch.pages.shared.staff import staffed_window
from dispatch.pages.shared.taking import keep_person
from dispatch.tickets import calling, ending, issuing, turns


@api.get(
    "/windows/<string:id>", **door("windows", "staff", WindowShown, 401, 403, 404, permission="windows.work")
)
def show_window(path: IdPath) -> Response:
    """A window as its clerk sees it."""
    return answer(lambda call: showing.window(call.session, staffed_window(call, path.id), call.now))


@api.post(
    "/windows/<string:id>/call-next",
    **door(
        "windows", "staff", TicketShown, 401, 403, 404, 409, permission="windows.work", nothing="nobody waits"
    ),
)
def call_next(path: IdPath, body: CallNext) -> Response:
    """Call whoever is next; 204 when nobody waits, 409 `window_busy` while somebody is there."""

    def do(call: Call) -> TicketShown | None:
        turns.begin(call.session, path.id, now=call.now)
        window = staffed_window(call, path.id)
        ticket = calling.call_next(call.session, window, finish=body.finish, now=call.now, actor=call.actor)
        return showing.ticket(call.session, ticket) if ticket else None

    return once(do)


@api.post(
    "/windows/<string:id>/call",
    **door("windows", "staff", TicketShown, 401, 403, 404, 409, permission="windows.work"),
)
def call_number(path: IdPath, body: CallNumber) -> Response:
    """Call this very ticket, ahead of everybody; a parked one too."""

    def do(call: Call) -> TicketShown:
        window = staffed_window(call, path.id)
        ticket = calling.call_number(call.session, window, body.ticket, now=call.now, actor=call.actor)
        return showing.ticket(call.session, ticket)

    return once(do)


@api.post(
    "/windows/<string:id>/call-group",
    **door(
        "windows",
        "staff",
        TicketsShown,
        401,
        403,
        404,
        409,
        permission="windows.work",
        nothing="nobody waits",
    ),
)
def call_group(path: IdPath, body: CallGroup) -> Response:
    """Call several together to this window."""

    def do(call: Call) -> TicketsShown | None:
        window = staffed_window(call, path.id)
        called = calling.call_group(
            call.session, window, body.count, finish=body.finish, now=call.now, actor=call.actor
        )
        told = [showing.ticket(call.session, ticket) for ticket in called]
        return TicketsShown(tickets=told) if told else None

    return once(do)


@api.post(
    "/windows/<string:id>/serve",
    **door("windows", "staff", TicketShown, 401, 403, 404, 409, status=201, permission="windows.work"),
)
def serve_at_window(path: IdPath, body: Served) -> Response:
    """Somebody without a ticket sits down: she gets a number and is served at once."""

    def do(call: Call) -> TicketShown:
        ticket = issuing.serve(
            call.session,
            staffed_window(call, path.id),
            items=wanted(body.items),
            queue=body.queue,
            priority=body.priority,
            person=keep_person(call, body.person.data if body.person else None),
            now=call.now,
            actor=call.actor,
        )
        return showing.ticket(call.session, ticket)

    return once(do, status=201)


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
    doors: dict[str, Any] = door(
        "windows", "staff", WindowShown, 401, 403, 404, 409, permission="windows.work"
    )
    api.post(f"/windows/<string:id>/{name}", **doors)(route)


_verb("open", "Somebody sits there and may call.")
_verb("pause", "Nobody more is called; whoever is there is finished.")
_verb("close", "Nobody sits there any more; refused while somebody is there.")


@api.post(
    "/windows/<string:id>/heartbeat",
    **door("windows", "staff", None, 401, 403, 404, permission="windows.work"),
)
def heartbeat(path: IdPath, body: Body) -> Response:
    """Somebody still sits there."""

    def do(call: Call) -> None:
        windows.heard(call.session, staffed_window(call, path.id), now=call.now)

    return once(do)
