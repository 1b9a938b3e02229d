"""Tickets: taken by anybody, worked by a window, given up by their holder."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import Any

from flask import Response

from dispatch.foundation.access import Actor, require
from dispatch.foundation.clock import real_now
from dispatch.foundation.errors import NotAllowed, NotFound, NotSignedIn
from dispatch.halls import at_hand
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.journeys import finding as under_way
from dispatch.journeys.models import Journey
from dispatch.pages.api import showing
from dispatch.pages.api.doors import Who, api, door
from dispatch.pages.api.forms import (
    Body,
    Changed,
    Claimed,
    Finished,
    IdPath,
    Moved,
    NewTicket,
    Parked,
    Resumed,
    Voided,
    wanted,
)
from dispatch.pages.api.shapes import TicketShown
from dispatch.pages.shared.calls import Call, answer, here, holder_secret, once
from dispatch.pages.shared.checking_in import leaving
from dispatch.pages.shared.limiting import ISSUING, slow_down
from dispatch.pages.shared.staff import staffed_window
from dispatch.pages.shared.taking import keep_person
from dispatch.tickets import ending, finding, issuing, moving, parking, referring, returning, serving, undoing
from dispatch.tickets.life import LIFE, REMOTE
from dispatch.tickets.models import Ticket
from dispatch.waits import finding as waits


def _staff_door(verb: str, who: Who = "staff") -> dict[str, Any]:
    """The door of a verb on a ticket: who may stands in the ticket's table."""
    permission = "tickets.guide" if "guide" in LIFE[verb].who else "tickets.work"
    return door("tickets", who, TicketShown, 401, 403, 404, 409, permission=permission)


@api.post("/tickets", **door("tickets", "anyone", TicketShown, 401, 403, 404, 409, 429, status=201))
def issue_ticket(body: NewTicket) -> Response:
    """Take a ticket. Anybody may from an app or the web; kiosks and counters say who they are."""

    line = None
    if body.queue is not None:
        line = partial(at_hand.ask_queue, hall=body.hall, code=body.queue, now=real_now())

    def do(call: Call) -> TicketShown:
        slow_down(call.session, call.actor, "issue", ISSUING)
        if line:
            at_hand.queue(call.session, call.ahead or line(call.session, now=call.now))
        place = halls.hall(call.session, body.hall)
        _refuse_channel(call.actor, place, body)
        joining = waits.ask_joining(call.session, place.code)
        journey = _journey(call, body)
        take = partial(referring.check_in, journey=journey) if journey else partial(issuing.issue, last=True)
        ticket = take(
            call.session,
            place,
            items=wanted(body.items, body.count),
            queue=body.queue,
            channel=body.channel,
            priority=body.priority,
            person=keep_person(call, body.person.data if body.person else None),
            now=call.now,
            actor=call.actor,
        )
        return showing.ticket(call.session, ticket, joining)

    said = body.journey
    with leaving(said.id, said.secret, body.hall) if said else nullcontext():
        return once(do, status=201, sealed=finding.SECRET, ahead=line)


@api.get(
    "/tickets/<string:id>",
    **door("tickets", "holder or staff", TicketShown, 401, 403, 404, permission="tickets.see"),
)
def show_ticket(path: IdPath) -> Response:
    """A ticket, for its holder or for staff of its hall."""

    def read(call: Call) -> TicketShown:
        secret = holder_secret()
        if secret is None:
            return showing.ticket(call.session, _worked(call, path.id, "tickets.see"))
        ticket = finding.ticket_of_holder(call.session, here().keys, path.id, secret)
        return showing.with_moved_secret(showing.ticket(call.session, ticket), here().keys)

    return answer(read)


@api.post("/tickets/<string:id>/cancel", **door("tickets", "holder", TicketShown, 401, 403, 404, 409))
def cancel_ticket(path: IdPath, body: Body) -> Response:
    """The person gives her place up."""

    def do(call: Call) -> TicketShown:
        ticket = _held(call, path.id)
        ending.cancel(call.session, ticket, now=call.now, actor=call.actor)
        return showing.ticket(call.session, ticket)

    return once(do)


@api.post("/tickets/<string:id>/undo", **_staff_door("undo", "holder or staff"))
def undo_ticket(path: IdPath, body: Body) -> Response:
    """Take the last thing done to the ticket back, for a while; the person only what she did herself."""

    def do(call: Call) -> TicketShown:
        by_holder = holder_secret() is not None
        ticket = _held(call, path.id) if by_holder else _worked(call, path.id, "tickets.guide")
        undone = undoing.undo(call.session, ticket, now=call.now, actor=call.actor)
        return showing.ticket(call.session, undone)

    return once(do)


@api.post("/tickets/<string:id>/finish", **_staff_door("finish"))
def finish_ticket(path: IdPath, body: Finished) -> Response:
    """She is done; `items` say what was really done."""
    return _worked_on(
        path, "tickets.work", partial(serving.finish, items=wanted(body.items), claim=body.claim)
    )


@api.post("/tickets/<string:id>/change", **_staff_door("change"))
def change_ticket(path: IdPath, body: Changed) -> Response:
    """She wants something else, or more or less of it."""
    return _worked_on(
        path, "tickets.work", partial(serving.change_items, items=wanted(body.items), claim=body.claim)
    )


@api.post("/tickets/<string:id>/park", **_staff_door("park"))
def park_ticket(path: IdPath, body: Parked) -> Response:
    """She fetches something; the window goes on with others."""
    return _worked_on(path, "tickets.work", partial(parking.park, reason=body.reason, claim=body.claim))


@api.post("/tickets/<string:id>/resume", **_staff_door("resume"))
def resume_ticket(path: IdPath, body: Resumed) -> Response:
    """She is back at the window; 409 `window_busy` while somebody else is there."""

    def do(call: Call) -> TicketShown:
        ticket = _worked(call, path.id, "tickets.work")
        window = staffed_window(call, body.window or str(ticket.window))
        if window.hall != ticket.hall:
            raise NotFound(what=window.id, field="window")
        parking.resume(call.session, ticket, window, now=call.now, actor=call.actor)
        return showing.ticket(call.session, ticket)

    return once(do)


@api.post("/tickets/<string:id>/move", **_staff_door("move"))
def move_ticket(path: IdPath, body: Moved) -> Response:
    """To a queue or a window of this hall, or to another hall, which must accept: until then it is `moving`."""
    goal = moving.Goal(body.queue, body.window, body.hall)
    return _worked_on(
        path,
        "tickets.guide",
        partial(moving.move, goal=goal, items=wanted(body.items), claim=body.claim),
    )


@api.post("/tickets/<string:id>/reactivate", **_staff_door("reactivate"))
def reactivate_ticket(path: IdPath, body: Body) -> Response:
    """She missed her call and is here now: back in line, once."""
    return _worked_on(path, "tickets.guide", returning.reactivate)


@api.post("/tickets/<string:id>/void", **_staff_door("void"))
def void_ticket(path: IdPath, body: Voided) -> Response:
    """The staff end the ticket."""
    return _worked_on(path, "tickets.guide", partial(ending.void, reason=body.reason, claim=body.claim))


def _verb(name: str, verb: Callable[..., None], summary: str) -> None:
    """One route for a verb that a window uses on the ticket it called."""

    def route(path: IdPath, body: Claimed) -> Response:
        return _worked_on(path, "tickets.work", partial(verb, claim=body.claim))

    route.__name__ = f"{name}_ticket"
    route.__doc__ = summary
    api.post(f"/tickets/<string:id>/{name}", **_staff_door(name))(route)


_verb("recall", serving.recall, "Call her once more.")
_verb("start", serving.start, "She has come to the window.")
_verb("missed", serving.missed, "She did not come.")


def _worked_on(path: IdPath, permission: str, verb: Callable[..., None]) -> Response:
    """The answer to a verb on a ticket by somebody who holds the permission at its hall."""

    def do(call: Call) -> TicketShown:
        ticket = _worked(call, path.id, permission)
        verb(call.session, ticket, now=call.now, actor=call.actor)
        return showing.ticket(call.session, ticket)

    return once(do)


def _worked(call: Call, ident: str, permission: str) -> Ticket:
    """A ticket of a hall where this caller holds the permission."""
    require(call.actor, permission, field="ticket")
    ticket = finding.ticket(call.session, ident)
    require(call.actor, permission, halls.hall(call.session, ticket.hall).path, field="ticket")
    return ticket


def _held(call: Call, ident: str) -> Ticket:
    """The ticket of whoever came with its secret."""
    secret = holder_secret()
    if secret is None:
        raise NotSignedIn
    return finding.ticket_of_holder(call.session, here().keys, ident, secret)


def _journey(call: Call, body: NewTicket) -> Journey | None:
    """She was under way here. A journey elsewhere, or one that is over, does not keep her from a ticket."""
    if body.journey is None:
        return None
    journey = under_way.journey_of_holder(call.session, here().keys, body.journey.id, body.journey.secret)
    return journey if journey.hall == body.hall else None


def _refuse_channel(actor: Actor, place: Hall, body: NewTicket) -> None:
    """From afar anybody; on the spot, and with priority, only who can see the person or the machine."""
    from_afar = body.channel in REMOTE
    if actor.kind == "device":
        if actor.role != "kiosk" or body.channel != "kiosk":
            raise NotAllowed(field="channel")
        if actor.scope != place.path:
            raise NotAllowed(field="hall")
    elif from_afar and body.priority == "none":
        return
    elif actor.kind == "citizen":
        raise NotAllowed(field="priority") if from_afar else NotSignedIn(field="channel")
    else:
        require(actor, "tickets.issue", place.path, field="hall")
