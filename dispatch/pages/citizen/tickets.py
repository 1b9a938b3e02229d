"""One's own numbers: taken, watched, given back."""

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from dispatch.pages.citizen.going import held_journeys, switches
from dispatch.pages.citizen.holding import JOURNEYS, TICKETS
from dispatch.pages.citizen.shell import blueprint, elder
from dispatch.pages.shared import interruptions, telling
from dispatch.pages.shared.calls import Call, effect, here, language, reading
from dispatch.pages.shared.taking import take
from dispatch.tickets import ending, undoing
from dispatch.tickets import finding as tickets
from dispatch.tickets.life import LIFE
from dispatch.tickets.models import Ticket
from dispatch.waits import wording


@blueprint.post("/tickets")
def take_ticket() -> AnyResponse:
    """Take a number, one under way too; its page follows, its secret stays with this browser."""
    journey = request.form.get("journey", "")
    under_way = (journey, JOURNEYS.secret_for(journey)) if journey else None
    taken = take(request.form.get("hall", ""), "app", under_way=under_way)
    response = make_response(redirect(url_for("citizen.ticket", ident=taken.id), 303))
    TICKETS.hold(response, taken.id)
    return response


@blueprint.get("/t/<ident>")
def ticket(ident: str) -> AnyResponse:
    """One's own ticket."""
    with reading() as call:
        row = _own_ticket(call, ident)
        shown = _shown(call, row)
    page = make_response(render_template("citizen/ticket.html", tab="mine", back="/mine", **shown))
    if ident not in TICKETS.held():
        TICKETS.hold(page, ident)
    return page


@blueprint.get("/t/<ident>/panel")
def ticket_panel(ident: str) -> str:
    """The slip alone, as it stands now."""
    with reading() as call:
        shown = _shown(call, _own_ticket(call, ident))
    return render_template("citizen/_ticket.html", **shown)


@blueprint.get("/t/<ident>/cancel")
def ask_cancel(ident: str) -> AnyResponse | str:
    """Really give it up?"""
    with reading() as call:
        shown = _shown(call, _own_ticket(call, ident))
    if shown["ticket"].state not in LIFE["cancel"].sources:
        return redirect(url_for("citizen.ticket", ident=ident), 303)
    return render_template(
        "citizen/cancel.html", tab="mine", back=url_for("citizen.ticket", ident=ident), **shown
    )


@blueprint.post("/t/<ident>/cancel")
def cancel(ident: str) -> AnyResponse:
    """Give the place up."""
    with effect() as call:
        row = _own_ticket(call, ident)
        if row.state != "cancelled":
            ending.cancel(call.session, row, now=call.now, actor=call.actor)
    return redirect(url_for("citizen.ticket", ident=ident), 303)


@blueprint.post("/t/<ident>/undo")
def undo_cancel(ident: str) -> AnyResponse:
    """It was a mis-click: she goes after all."""
    with effect() as call:
        undoing.undo(call.session, _own_ticket(call, ident), now=call.now, actor=call.actor)
    return redirect(url_for("citizen.ticket", ident=ident), 303)


@blueprint.get("/mine")
def mine() -> str:
    """Every ticket this browser holds, and where it is under way to."""
    with reading() as call:
        found, under_way = held_tickets(call), held_journeys(call)
    return render_template(
        "citizen/mine.html", tickets=found, under_way=under_way, switches=switches(under_way), tab="mine"
    )


def held_tickets(call: Call) -> list[telling.TicketTold]:
    """Every ticket this browser holds, the latest first."""
    rows = (call.session.get(Ticket, ident) for ident in TICKETS.held())
    return [telling.ticket_told(call, row, "") for row in rows if row is not None]


def _own_ticket(call: Call, ident: str) -> Ticket:
    return tickets.ticket_of_holder(call.session, here().keys, ident, TICKETS.secret_for(ident))


def _shown(call: Call, row: Ticket) -> dict[str, Any]:
    link = url_for("citizen.ticket", ident=row.id, s=TICKETS.secret_for(row.id), _external=True)
    told = telling.ticket_told(call, row, link)
    halt = interruptions.of_ticket(call, row)
    own = (wording.own_plainly if elder() else wording.own)(told.wait, language())
    return {
        "ticket": told,
        "own": own,
        "halt": halt,
        "city_now": told.updated,
        **telling.wire_of(call.session, row.hall),
    }
