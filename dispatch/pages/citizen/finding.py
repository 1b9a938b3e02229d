"""What do you want done? In one's own words, or by life's."""

from flask import render_template, request

from dispatch.pages.citizen import showing
from dispatch.pages.citizen.going import held_journeys
from dispatch.pages.citizen.shell import blueprint, keep
from dispatch.pages.citizen.tickets import held_tickets
from dispatch.pages.shared import finder
from dispatch.pages.shared.calls import reading
from dispatch.pages.shared.groups import group, groups
from dispatch.pages.shared.telling import TicketTold

RESULTS = 6


@blueprint.get("/")
def home() -> str:
    """What do you want done? And what it may be, once said."""
    words = request.args.get("q", "").strip()[: finder.LONGEST_QUESTION]
    with reading() as call:
        shown = {
            "found": finder.find(call, words, RESULTS) if words else finder.Found(""),
            "common": [] if words else showing.common(call),
            "live_tickets": [] if words else [told for told in held_tickets(call) if _wants_attention(told)],
            "under_way": [] if words else held_journeys(call),
            "open_halls": 0 if words else showing.open_now(call),
        }
    return render_template(
        "citizen/home.html", q=words, tab="find" if words else "home", keep=keep("q"), **shown
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
        "citizen/items.html", group=found, members=members, tab="find", back="/items", keep=keep("group")
    )


def _wants_attention(told: TicketTold) -> bool:
    return told.state in ("waiting", "called", "serving")
