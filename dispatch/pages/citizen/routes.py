"""The citizen's addresses."""

import re
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from dispatch.catalogue import finding as catalogue
from dispatch.foundation.errors import BadInput
from dispatch.foundation.words import translate
from dispatch.halls import finding as halls
from dispatch.pages.citizen import accuracy, holding, showing
from dispatch.pages.shared import interruptions, telling
from dispatch.pages.shared.calls import Call, effect, here, language, reading, set_cookie
from dispatch.pages.shared.groups import group, groups
from dispatch.pages.shared.taking import fresh_key, take
from dispatch.staffing import duty_days
from dispatch.tickets import ending, undoing
from dispatch.tickets import finding as tickets
from dispatch.tickets.life import LIFE
from dispatch.tickets.models import Ticket
from dispatch.waits import finding as waits
from dispatch.waits import wording

ELDER_COOKIE = "tongban_elder"
RESULTS = 6
HALLS_FIRST = 6
LONGEST_QUESTION = 60

blueprint = Blueprint(
    "citizen",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/assets/citizen",
)


@blueprint.context_processor
def _larger_type() -> dict[str, Any]:
    return {"elder": _elder()}


@blueprint.after_request
def _remember_larger_type(response: Response) -> Response:
    chosen = request.args.get("elder")
    if chosen in ("0", "1"):
        set_cookie(response, ELDER_COOKIE, chosen)
    return response


@blueprint.get("/")
def home() -> str:
    """What do you want done? And what it may be, once said."""
    words = request.args.get("q", "").strip()[:LONGEST_QUESTION]
    with reading() as call:
        found = showing.results(call, words, RESULTS) if words else []
        shown = {
            "results": found,
            "common": [] if words else showing.common(call),
            "live_tickets": [] if words else [told for told in _mine(call) if _wants_attention(told)],
            "open_halls": 0 if words else showing.open_now(call),
        }
    return render_template(
        "citizen/home.html", q=words, tab="find" if words else "home", keep=_keep("q"), **shown
    )


@blueprint.get("/items")
def items() -> str:
    """Items by life's words, for whoever would rather not type."""
    chosen = request.args.get("group")
    if chosen is None:
        return render_template("citizen/items.html", groups=groups(), group=None, tab="find")
    found = group(chosen)
    with reading() as call:
        members = showing.in_order(call, found.items)
    return render_template(
        "citizen/items.html", group=found, members=members, tab="find", back="/items", keep=_keep("group")
    )


@blueprint.get("/items/<code>")
def item(code: str) -> str:
    """One item: what to bring, and where to stand in line."""
    with reading() as call:
        told = showing.item_told(catalogue.item(call.session, code))
        found = showing.taking(call, code, _near())
        halted = showing.halted_for(call, code)
    everywhere = "all" in request.args or len(found) <= HALLS_FIRST + 2
    return render_template(
        "citizen/item.html",
        item=told,
        halls=found if everywhere else found[:HALLS_FIRST],
        others=0 if everywhere else len(found) - HALLS_FIRST,
        halted=halted,
        note=_note(),
        once=fresh_key(),
        tab="find",
        back="/items",
        keep=_keep("near", "all"),
    )


@blueprint.get("/halls")
def all_halls() -> str:
    """Every hall, the easiest first."""
    with reading() as call:
        found = showing.all_by_ease(call, _near())
    return render_template("citizen/halls.html", halls=found, note=_note(), tab="halls", keep=_keep("near"))


@blueprint.get("/halls/<code>")
def hall(code: str) -> str:
    """One hall and its lines."""
    with reading() as call:
        place = halls.hall(call.session, code)
        counts = tickets.waiting_counts(call.session, [code])
        staffed = halls.staffed_queues(call.session, [code])
        foretold = waits.in_hall(call.session, place, call.now)
        queues = [
            telling.queue_told(
                queue,
                counts.get((code, queue.code), 0),
                (code, queue.code) in staffed,
                foretold.joining(queue.code),
            )
            for queue in halls.queues_of(call.session, code)
        ]
        told = telling.hall_told(call, place, sum(counts.values()), bool(staffed), foretold.longest())
        now, wire = telling.here_and_now(call, place), telling.wire_of(call.session, code)
        today = now.date()
        hours = telling.hours_of(call.session, place, today)
        pauses = telling.breaks_of(call.session, place, today)
        halted, line = interruptions.halted_queues(call, place), interruptions.hall_line(call, place)
        leaders = duty_days.announced(call.session, place, now=call.now)
    return render_template(
        "citizen/hall.html",
        hall=told,
        hours=hours,
        queues=queues,
        halted=halted,
        line=line,
        pauses=pauses,
        duty_days=leaders,
        once=fresh_key(),
        tab="halls",
        back="/halls",
        city_now=now,
        **wire,
    )


@blueprint.post("/tickets")
def take_ticket() -> AnyResponse:
    """Take a number; its page follows, its secret stays with this browser."""
    taken = take(request.form.get("hall", ""), "app")
    response = make_response(redirect(url_for("citizen.ticket", ident=taken.id), 303))
    holding.hold(response, taken.id, here().keys.secret_of(tickets.SECRET, taken.id))
    return response


@blueprint.get("/t/<ident>")
def ticket(ident: str) -> AnyResponse:
    """One's own ticket."""
    with reading() as call:
        row = _own_ticket(call, ident)
        shown = _shown(call, row)
    page = make_response(render_template("citizen/ticket.html", tab="mine", back="/mine", **shown))
    if ident not in holding.held():
        holding.hold(page, ident, request.args["s"])
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
    """Every ticket this browser holds."""
    with reading() as call:
        found = _mine(call)
    return render_template("citizen/mine.html", tickets=found, tab="mine")


@blueprint.get("/accuracy")
def how_accurate() -> str:
    """How good our waits were, for everybody to see; days as `from` and `to`, one hall as `hall`."""
    first, last = _day("from"), _day("to")
    if first is not None and last is not None and first > last:
        raise BadInput(reason=first.isoformat(), field="from")
    code = request.args.get("hall") or None
    with reading() as call:
        place = halls.hall(call.session, code) if code else None
        told = accuracy.told(call, first, last, code)
    return render_template(
        "citizen/accuracy.html",
        told=told,
        place=place,
        tab="",
        back="/halls",
        keep=_keep("from", "to", "hall"),
    )


def _day(name: str) -> date | None:
    said = request.args.get(name) or None
    try:
        return date.fromisoformat(said) if said else None
    except ValueError as error:
        raise BadInput(reason=said, field=name) from error


def _own_ticket(call: Call, ident: str) -> Ticket:
    return tickets.ticket_of_holder(call.session, here().keys, ident, holding.secret_for(ident))


def _mine(call: Call) -> list[telling.TicketTold]:
    rows = (call.session.get(Ticket, ident) for ident in holding.held())
    return [telling.ticket_told(call, row, "") for row in rows if row is not None]


def _wants_attention(told: telling.TicketTold) -> bool:
    return told.state in ("waiting", "called", "serving")


def _shown(call: Call, row: Ticket) -> dict[str, Any]:
    link = url_for("citizen.ticket", ident=row.id, s=holding.secret_for(row.id), _external=True)
    told = telling.ticket_told(call, row, link)
    halt = interruptions.of_ticket(call, row)
    own = (wording.own_plainly if _elder() else wording.own)(told.wait, language())
    return {
        "ticket": told,
        "own": own,
        "halt": halt,
        "city_now": told.updated,
        **telling.wire_of(call.session, row.hall),
    }


def _elder() -> bool:
    return (request.args.get("elder") or request.cookies.get(ELDER_COOKIE)) == "1"


def _near() -> showing.LatLon | None:
    """Where the caller says she is, if it is a place on earth."""
    said = re.fullmatch(r"(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)", request.args.get("near", "")[:40])
    if said is None:
        return None
    lat, lon = float(said[1]), float(said[2])
    return (lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None


def _keep(*names: str) -> str:
    """Query text that a switch of language or type size must not lose."""
    kept = {name: request.args[name] for name in names if name in request.args}
    return f"&{urlencode(kept)}" if kept else ""


def _note() -> str:
    if not here().demo:
        return ""
    return translate(language(), "大厅名称是真的;窗口数、开门时间和天数是演示值")
