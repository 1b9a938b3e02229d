"""What stands on a window's desk: the box of keys, and the list of papers that its clerk ticks off."""

from typing import Annotated, Literal

from flask import Response
from pydantic import BaseModel, Field

from dispatch.halls.models import Window
from dispatch.pages.api import showing
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Body, Claimed, IdPath
from dispatch.pages.api.shapes import TicketShown
from dispatch.pages.shared import telling
from dispatch.pages.shared.calls import Call, language, once
from dispatch.pages.shared.machines import device_at
from dispatch.pages.shared.staff import staffed_window
from dispatch.pages.window.pressing import Asks, press
from dispatch.tickets import finding, papers

MOST_PAPERS = 40


class KeyPress(Body):
    """Which key: one of the six of the console, or U to take back."""

    key: Literal["N", "F", "P", "T", "R", "M", "U"]


class KeyDone(BaseModel):
    """What the key did, or why it did nothing: papers are missing (press again to go on), it is not known where to,
    there is nothing to do, or it was the bounce of the press before. `ticket` is who is at the window now."""

    did: str | None
    asks: Asks | None
    missing: int
    ticket: TicketShown | None


class PapersTicked(Claimed):
    """The papers that are here, by their places in the item's list."""

    held: Annotated[list[Annotated[int, Field(ge=0, lt=MOST_PAPERS)]], Field(max_length=MOST_PAPERS)]


class PapersShown(BaseModel):
    """The papers that are here, and how many are asked for."""

    ticket: str
    held: list[int]
    of: int


@api.post(
    "/windows/<string:id>/key",
    **door("windows", "staff", KeyDone, 401, 403, 404, 409, permission="windows.keys"),
)
def press_key(path: IdPath, body: KeyPress) -> Response:
    """A key of the window's box: it does what the same key does on the screen at this moment."""

    def do(call: Call) -> KeyDone:
        window = _window(call, path.id)
        pressed = press(call, window, body.key, lang=language())
        here = finding.at_window(call.session, window.id)
        return KeyDone(
            did=pressed.did,
            asks=pressed.asks,
            missing=pressed.missing,
            ticket=showing.ticket(call.session, here) if here else None,
        )

    return once(do)


@api.post(
    "/tickets/<string:id>/papers",
    **door("tickets", "staff", PapersShown, 401, 403, 404, 409, permission="tickets.work"),
)
def tick_papers(path: IdPath, body: PapersTicked) -> Response:
    """The clerk has seen these papers; every screen of the window shows the same ticks."""

    def do(call: Call) -> PapersShown:
        ticket = finding.ticket_for(call.session, call.actor, path.id)
        staffed_window(call, str(ticket.window))
        items = telling.items_of(call.session, [ticket])
        first = items.get(ticket.items[0]["item"]) if ticket.items else None
        of = len(telling.papers_of(first)) if first else 0
        held = papers.check(
            call.session, ticket, body.held, of=of, claim=body.claim, now=call.now, actor=call.actor
        )
        return PapersShown(ticket=ticket.id, held=held, of=of)

    return once(do)


def _window(call: Call, ident: str) -> Window:
    """The window, for the box of keys paired with it or for staff who work it."""
    return device_at(call, ident) if call.actor.kind == "device" else staffed_window(call, ident)
