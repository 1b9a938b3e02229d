"""The kiosk's addresses. Size and height travel in the address, so that the next person starts afresh."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from dispatch.catalogue import finding as catalogue
from dispatch.foundation.errors import NotFound
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.pages.kiosk import card, machine, showing
from dispatch.pages.shared import interruptions, telling
from dispatch.pages.shared.calls import Call, effect, here, language, reading, refuse_forged
from dispatch.pages.shared.groups import group as group_of
from dispatch.pages.shared.taking import fresh_key, take
from dispatch.tickets import finding as tickets
from dispatch.waits import finding as waits

MODES = ("big", "low", "card")
"""What travels in the address: size, height, and that a card was read (the card itself does not)."""
ON_A_PAGE = {(False, False): 7, (True, False): 5, (False, True): 4, (True, True): 3}

blueprint = Blueprint(
    "kiosk", __name__, template_folder="templates", static_folder="static", static_url_path="/assets/kiosk"
)


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
            **_frame(call, place, "start"),
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
        shown = _frame(call, place, "card", back=_at("kiosk.start", hall=hall))
    return render_template("kiosk/card.html", unread="unread" in request.args, **shown)


@blueprint.post("/kiosk/<hall>/card")
def read_card(hall: str) -> AnyResponse:
    """A card was read: the numbers this person has today, else what for."""
    refuse_forged()
    try:
        found = card.read(request.form.get("number", "")[:40], request.form.get("by") == "reader")
    except card.Unread:
        return redirect(_at("kiosk.ask_card", hall=hall, unread="1"), 303)
    with reading() as call:
        place = halls.hall(call.session, hall)
        # Only a reader at a machine of ours proves that the person herself stands here.
        read_here = found.by_reader and machine.machine_of(call, place) is not None
        mine = showing.tickets_of(call, place, found) if read_here else []
    response: AnyResponse = redirect(_at("kiosk.mine" if mine else "kiosk.start", hall=hall, card="1"), 303)
    card.keep(response, found)
    return response


@blueprint.get("/kiosk/<hall>/mine")
def mine(hall: str) -> AnyResponse | str:
    """The numbers that the person with this card has here today."""
    found = card.held()
    with reading() as call:
        place = halls.hall(call.session, hall)
        if found is None or not found.by_reader or machine.machine_of(call, place) is None:
            return redirect(_at("kiosk.start", hall=hall), 303)
        rows = showing.tickets_of(call, place, found)
        slips = [
            showing.Own(telling.ticket_told(call, row, ""), here().keys.secret_of(tickets.SECRET, row.id))
            for row in rows
        ]
        shown = _frame(call, place, "mine", back=_at("kiosk.start", hall=hall))
    return render_template("kiosk/mine.html", slips=slips, tail=found.tail, **shown)


@blueprint.get("/kiosk/<hall>/help")
def show_help(hall: str) -> str:
    """Somebody comes, or where somebody is."""
    with reading() as call:
        place = halls.hall(call.session, hall)
        shown = _frame(call, place, "help", back=_at("kiosk.start", hall=hall))
    return render_template("kiosk/help.html", called="called" in request.args, **shown)


@blueprint.post("/kiosk/<hall>/help")
def want_help(hall: str) -> AnyResponse:
    """Call somebody of the guide desk to this machine."""
    with effect() as call:
        called = machine.want_help(call, halls.hall(call.session, hall))
    return redirect(_at("kiosk.show_help", hall=hall, **({"called": "1"} if called else {})), 303)


@blueprint.get("/kiosk/<hall>/g/<code>")
def group(hall: str, code: str) -> str:
    """Which one of these?"""
    chosen = group_of(code)
    with reading() as call:
        place = halls.hall(call.session, hall)
        members = showing.choices(call, place, chosen, showing.shut(call, place))
        shown = _frame(call, place, "group", back=_at("kiosk.start", hall=hall))
    return render_template("kiosk/group.html", group=chosen, **_page_of(members), **shown)


@blueprint.get("/kiosk/<hall>/i/<code>")
def confirm(hall: str, code: str) -> AnyResponse | str:
    """This one: which line, how long, what to bring."""
    with reading() as call:
        place = halls.hall(call.session, hall)
        item = catalogue.item(call.session, code)
        taken = catalogue.taken_at(call.session, hall, code)
        if taken is None or showing.shut(call, place) or code in interruptions.halted_items(call, place):
            return redirect(_at("kiosk.start", hall=hall), 303)
        queue = halls.queue(call.session, hall, taken.queue)
        waiting = tickets.waiting_counts(call.session, [hall]).get((hall, queue.code), 0)
        staffed = (hall, queue.code) in halls.staffed_queues(call.session, [hall])
        wait = waits.in_hall(call.session, place, call.now).joining(queue.code)
        shown = _frame(call, place, "confirm", back=_back_to_group(hall))
    return render_template(
        "kiosk/confirm.html",
        item=showing.chosen(item),
        queue=telling.queue_told(queue, waiting, staffed, wait),
        once=fresh_key(),
        **shown,
    )


@blueprint.post("/kiosk/<hall>/tickets")
def take_ticket(hall: str) -> AnyResponse:
    """Take the number; the slip follows, on paper where there is a printer."""
    found = card.held() if "card" in request.args else None
    taken = take(hall, _channel(hall), found.person if found else None)
    _print(hall, taken.id)
    secret = here().keys.secret_of(tickets.SECRET, taken.id)
    return redirect(_at("kiosk.ticket", hall=hall, ident=taken.id, s=secret), 303)


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
        shown = _frame(call, told.hall, "ticket", back=_at("kiosk.start", hall=hall))
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
    return redirect(_at("kiosk.ticket", hall=hall, ident=ident, s=secret), 303)


def _print(hall: str, ident: str) -> None:
    with effect() as call:
        ticket = tickets.ticket(call.session, ident)
        machine.print_ticket(call, halls.hall(call.session, hall), ticket)


def _frame(call: Call, place: Hall, step: str, back: str = "") -> dict[str, Any]:
    """What stands around every step."""
    return {
        "hall": place,
        "step": step,
        "back": back,
        "mode": {mode: mode in request.args for mode in MODES},
        "machine": machine.told(call, place),
        "held": card.held() if "card" in request.args else None,
        "query": _query(),
        "ways": _ways(),
        "city_now": telling.here_and_now(call, place),
        **telling.wire_of(call.session, place.code),
    }


def _page_of(members: list[showing.Choice]) -> dict[str, Any]:
    """One page of choices, as many as the wanted size leaves room for."""
    size = ON_A_PAGE["big" in request.args, "low" in request.args]
    size += len(members) == size + 1  # without the turning keys there is room for one more
    pages = max(1, -(-len(members) // size))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    turn = {"before": _query(page=page - 1), "after": _query(page=page + 1)}
    return {"members": members[(page - 1) * size : page * size], "page": page, "pages": pages, "turn": turn}


def _channel(hall: str) -> str:
    """A paired machine of this hall is a kiosk; the same page on any other screen is the web."""
    with reading() as call:
        covers = call.actor.covers(halls.hall(call.session, hall).path)
        is_kiosk = call.actor.kind == "device" and call.actor.role == "kiosk"
    return "kiosk" if is_kiosk and covers else "web"


def _back_to_group(hall: str) -> str:
    came_from = request.args.get("g")
    return _at("kiosk.group", hall=hall, code=came_from) if came_from else _at("kiosk.start", hall=hall)


def _at(endpoint: str, **values: str) -> str:
    """An address of the kiosk that keeps size and height."""
    kept: dict[str, Any] = {**values, **{mode: "1" for mode in MODES if mode in request.args}}
    return url_for(endpoint, **kept)


def _query(**more: int) -> str:
    kept: dict[str, str | int] = {mode: "1" for mode in MODES if mode in request.args}
    text = urlencode({**kept, **more})
    return f"?{text}" if text else ""


def _ways() -> dict[str, str]:
    """The same step larger, lower, or in the other language."""
    same = {name: request.args[name] for name in ("s", "g", *MODES) if name in request.args}

    def turned(mode: str) -> str:
        other = {**same, mode: "1"}
        if mode in same:
            del other[mode]
        return f"?{urlencode(other)}"

    other_language = "zh" if language() == "en" else "en"
    return {
        **{mode: turned(mode) for mode in MODES},
        "lang": f"?{urlencode({**same, 'lang': other_language})}",
    }
