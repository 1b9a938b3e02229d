"""The kiosk's addresses: good day, the card, life's words, a number. `finding` and `elsewhere` have the others."""

from importlib import import_module
from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from dispatch.foundation.errors import NotFound
from dispatch.halls import finding as halls
from dispatch.pages.kiosk import card, machine, showing
from dispatch.pages.kiosk.shell import at, blueprint, frame, query
from dispatch.pages.shared import interruptions, offering, telling
from dispatch.pages.shared.calls import effect, here, reading, refuse_forged
from dispatch.pages.shared.groups import group as group_of
from dispatch.pages.shared.taking import take
from dispatch.tickets import finding as tickets

MODULES = ("finding", "elsewhere")
MOST_SHOWN = 3
"""Of somebody's own numbers."""
ON_A_PAGE = {(False, False): 7, (True, False): 5, (False, True): 4, (True, True): 3}

for name in MODULES:
    import_module(f"dispatch.pages.kiosk.{name}")


@blueprint.get("/kiosk/<hall>")
def start(hall: str) -> AnyResponse:
    """Good day, what for?"""
    with reading() as call:
        place = halls.hall(call.session, hall)
        closed = showing.shut(call, place)
        shown = {
            "shut": closed,
            "line": interruptions.hall_line(call, place),
            "groups": showing.tiles(call, place, closed),
            **frame(call, place, "start"),
        }
    response = make_response(render_template("kiosk/start.html", **shown))
    if "card" not in request.args:
        card.drop(response)
    return response


@blueprint.get("/kiosk/<hall>/card")
def ask_card(hall: str) -> str:
    """Put your card here."""
    with reading() as call:
        place = halls.hall(call.session, hall)
        shown = frame(call, place, "card", back=at("kiosk.start", hall=hall))
    return render_template("kiosk/card.html", unread="unread" in request.args, **shown)


@blueprint.post("/kiosk/<hall>/card")
def read_card(hall: str) -> AnyResponse:
    """A card was read: the numbers this person has today, else what for."""
    refuse_forged()
    try:
        found = card.read(request.form.get("number", "")[:40], request.form.get("by") == "reader")
    except card.Unread:
        return redirect(at("kiosk.ask_card", hall=hall, unread="1"), 303)
    with reading() as call:
        place = halls.hall(call.session, hall)
        # Only a reader at a machine of ours proves that the person herself stands here.
        read_here = found.by_reader and machine.machine_of(call, place) is not None
        mine = showing.tickets_of(call, place, found) if read_here else []
    response: AnyResponse = redirect(at("kiosk.mine" if mine else "kiosk.start", hall=hall, card="1"), 303)
    card.keep(response, found)
    return response


@blueprint.get("/kiosk/<hall>/mine")
def mine(hall: str) -> AnyResponse | str:
    """The numbers that the person with this card has here today."""
    found = card.held()
    with reading() as call:
        place = halls.hall(call.session, hall)
        if found is None or not found.by_reader or machine.machine_of(call, place) is None:
            return redirect(at("kiosk.start", hall=hall), 303)
        rows = showing.tickets_of(call, place, found)
        slips = [
            showing.Own(telling.ticket_told(call, row, ""), here().keys.secret_of(tickets.SECRET, row.id))
            for row in rows
        ]
        shown = frame(call, place, "mine", back=at("kiosk.start", hall=hall))
    quicker = {own.ticket.id: _quicker(own.ticket.id) for own in slips[:MOST_SHOWN]}
    return render_template(
        "kiosk/mine.html", slips=slips[:MOST_SHOWN], quicker=quicker, tail=found.tail, **shown
    )


@blueprint.get("/kiosk/<hall>/help")
def show_help(hall: str) -> str:
    """Somebody comes, or where somebody is."""
    with reading() as call:
        place = halls.hall(call.session, hall)
        shown = frame(call, place, "help", back=at("kiosk.start", hall=hall))
    return render_template("kiosk/help.html", called="called" in request.args, **shown)


@blueprint.post("/kiosk/<hall>/help")
def want_help(hall: str) -> AnyResponse:
    """Call somebody of the guide desk to this machine."""
    with effect() as call:
        called = machine.want_help(call, halls.hall(call.session, hall))
    return redirect(at("kiosk.show_help", hall=hall, **({"called": "1"} if called else {})), 303)


@blueprint.get("/kiosk/<hall>/g/<code>")
def group(hall: str, code: str) -> str:
    """Which one of these?"""
    chosen = group_of(code)
    with reading() as call:
        place = halls.hall(call.session, hall)
        members = showing.choices(call, place, chosen, showing.shut(call, place))
        shown = frame(call, place, "group", back=at("kiosk.start", hall=hall))
    return render_template("kiosk/group.html", group=chosen, **_page_of(members), **shown)


@blueprint.post("/kiosk/<hall>/tickets")
def take_ticket(hall: str) -> AnyResponse:
    """Take the number; the slip follows, or first another hall that is much quicker."""
    found = card.held() if "card" in request.args else None
    taken = take(hall, _channel(hall), found.person if found else None)
    _print(hall, taken.id)
    secret = here().keys.secret_of(tickets.SECRET, taken.id)
    following = "kiosk.elsewhere" if _quicker(taken.id) else "kiosk.ticket"
    return redirect(at(following, hall=hall, ident=taken.id, s=secret), 303)


@blueprint.get("/kiosk/<hall>/t/<ident>")
def ticket(hall: str, ident: str) -> str:
    """The slip, to be photographed or scanned."""
    secret = request.args.get("s", "")
    with reading() as call:
        row = tickets.ticket_of_holder(call.session, here().keys, ident, secret)
        if row.hall != hall:
            raise NotFound(what=ident)
        link = url_for("citizen.ticket", ident=ident, s=secret, _external=True)
        told = telling.ticket_told(call, row, link)
        shown = frame(call, told.hall, "ticket", back=at("kiosk.start", hall=hall))
        paper = machine.paper_of(call, told.hall, row)
    return render_template("kiosk/ticket.html", ticket=told, paper=paper, secret=secret, **shown)


@blueprint.post("/kiosk/<hall>/t/<ident>/print")
def print_again(hall: str, ident: str) -> AnyResponse:
    """Let the slip come out once more."""
    refuse_forged()
    secret = request.form.get("s", "")[:100]
    with reading() as call:
        if tickets.ticket_of_holder(call.session, here().keys, ident, secret).hall != hall:
            raise NotFound(what=ident)
    _print(hall, ident)
    return redirect(at("kiosk.ticket", hall=hall, ident=ident, s=secret), 303)


def _quicker(ticket: str) -> offering.Offered | None:
    """The hall in which the holder of this ticket would be done much sooner, if there is one."""
    return next(iter(offering.offers(lambda call: tickets.ticket(call.session, ticket))), None)


def _print(hall: str, ident: str) -> None:
    with effect() as call:
        ticket = tickets.ticket(call.session, ident)
        machine.print_ticket(call, halls.hall(call.session, hall), ticket)


def _page_of(members: list[showing.Choice]) -> dict[str, Any]:
    """One page of choices, as many as the wanted size leaves room for."""
    size = ON_A_PAGE["big" in request.args, "low" in request.args]
    size += len(members) == size + 1  # without the turning keys there is room for one more
    pages = max(1, -(-len(members) // size))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    turn = {"before": query(("page", page - 1)), "after": query(("page", page + 1))}
    return {"members": members[(page - 1) * size : page * size], "page": page, "pages": pages, "turn": turn}


def _channel(hall: str) -> str:
    """A paired machine of this hall is a kiosk; the same page on any other screen is the web."""
    with reading() as call:
        covers = call.actor.covers(halls.hall(call.session, hall).path)
        is_kiosk = call.actor.kind == "device" and call.actor.role == "kiosk"
    return "kiosk" if is_kiosk and covers else "web"
