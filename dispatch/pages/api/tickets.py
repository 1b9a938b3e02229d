"""Tickets: taken by anybody, worked by a window, given up by their holder."""

from collections.abc import Callable
from typing import Any

from flask import Response

from dispatch.foundation.access import Actor
from dispatch.foundation.errors import NotAllowed, NotSignedIn
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.pages.api import showing
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Body, Claimed, IdPath, NewTicket
from dispatch.pages.api.shapes import TicketShown
from dispatch.pages.shared.calls import Call, answer, here, holder_secret, once
from dispatch.people import citizens
from dispatch.tickets import ending, finding, issuing, serving
from dispatch.tickets.life import LIFE
from dispatch.tickets.models import Ticket

REMOTE = ("app", "web")


@api.post("/tickets", **door("tickets", "anyone", TicketShown, 401, 403, 404, 409, status=201))
def issue_ticket(body: NewTicket) -> Response:
    """Take a ticket. Anybody may from an app or the web; kiosks and counters say who they are."""

    def do(call: Call) -> TicketShown:
        place = halls.hall(call.session, body.hall)
        _refuse_channel(call.actor, place, body)
        ticket = issuing.issue(
            call.session,
            place,
            items=[issuing.Wanted(item, body.count) for item in dict.fromkeys(body.items)],
            queue=body.queue,
            channel=body.channel,
            priority=body.priority,
            person=_person(call, body),
            now=call.now,
            actor=call.actor,
        )
        return showing.ticket(call.session, ticket)

    return once(do, status=201, sealed=finding.SECRET)


@api.get("/tickets/<string:id>", **door("tickets", "holder or staff", TicketShown, 401, 403, 404))
def show_ticket(path: IdPath) -> Response:
    """A ticket, for its holder or for staff of its hall."""

    def read(call: Call) -> TicketShown:
        secret = holder_secret()
        if secret is not None:
            ticket = finding.ticket_of_holder(call.session, here().keys, path.id, secret)
        else:
            ticket = _worked(call, path.id)
        return showing.ticket(call.session, ticket)

    return answer(read)


@api.post("/tickets/<string:id>/cancel", **door("tickets", "holder", TicketShown, 401, 403, 404, 409))
def cancel_ticket(path: IdPath, body: Body) -> Response:
    """The person gives her place up."""

    def do(call: Call) -> TicketShown:
        secret = holder_secret()
        if secret is None:
            raise NotSignedIn
        ticket = finding.ticket_of_holder(call.session, here().keys, path.id, secret)
        ending.cancel(call.session, ticket, now=call.now, actor=call.actor)
        return showing.ticket(call.session, ticket)

    return once(do)


def _verb(name: str, verb: Callable[..., None], summary: str) -> None:
    """One route for a verb that a window uses on the ticket it called."""

    def route(path: IdPath, body: Claimed) -> Response:
        def do(call: Call) -> TicketShown:
            ticket = _worked(call, path.id, LIFE[name].who)
            verb(call.session, ticket, claim=body.claim, now=call.now, actor=call.actor)
            return showing.ticket(call.session, ticket)

        return once(do)

    route.__name__ = f"{name}_ticket"
    route.__doc__ = summary
    doors: dict[str, Any] = door(
        "tickets", "staff", TicketShown, 401, 403, 404, 409, roles=" ".join(LIFE[name].who)
    )
    api.post(f"/tickets/<string:id>/{name}", **doors)(route)


_verb("recall", serving.recall, "Call her once more.")
_verb("start", serving.start, "She has come to the window.")
_verb("finish", serving.finish, "She is done.")
_verb("missed", serving.missed, "She did not come.")


def _worked(call: Call, ident: str, roles: tuple[str, ...] | None = None) -> Ticket:
    """A ticket that this member of staff, or device of the hall, may see or work."""
    if call.actor.kind not in ("staff", "device"):
        raise NotSignedIn
    if roles is not None and call.actor.role not in roles:
        raise NotAllowed(field="ticket")
    return finding.ticket_for(call.session, call.actor, ident)


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
    elif actor.role == "auditor" or not actor.covers(place.path):
        raise NotAllowed(field="hall")


def _person(call: Call, body: NewTicket) -> citizens.Kept | None:
    if body.person is None:
        return None
    data = citizens.PersonData(**body.person.model_dump())
    return citizens.keep(call.session, here().keys, data, now=call.now)
