"""Under way: an option is taken, its page says when to leave and how long one waits there, and it is given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from flask import make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Item
from dispatch.foundation import clock, idempotency
from dispatch.foundation.errors import BadInput, NotFound
from dispatch.foundation.words import local
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.journeys import ending, staying
from dispatch.journeys import finding as journeys
from dispatch.journeys.models import Journey
from dispatch.pages.citizen.holding import JOURNEYS
from dispatch.pages.citizen.shell import blueprint, keep
from dispatch.pages.shared import choosing_a_way, interruptions, referring, telling
from dispatch.pages.shared.calls import (
    KEY_LENGTH,
    Call,
    browser,
    effect,
    here,
    language,
    reading,
    refuse_forged,
)
from dispatch.pages.shared.choosing_a_way import MapLink
from dispatch.pages.shared.setting_out import hall_of, set_out
from dispatch.pages.shared.taking import fresh_key
from dispatch.ports.maps import Point
from dispatch.routing import keeping
from dispatch.routing.sites import Site
from dispatch.waits import finding as waits
from dispatch.waits.newcomers import FROM_AFAR
from dispatch.waits.wording import Foretold

MINUTE = timedelta(minutes=1)
LONGEST = 40
SOON = timedelta(minutes=5)
"""Whoever would leave within so little leaves now."""


@dataclass(frozen=True)
class Going:
    """A journey as its page tells it. Without `leave_at` nobody knows any more how long her way is.

    `wait` is that of whoever takes a number when she is there, `from_here` of whoever takes it now, away from the hall.
    """

    id: str
    state: str
    hall: Hall
    items: list[Item]
    leave_at: datetime | None
    now: bool
    arrive_at: datetime
    until: datetime
    wait: Foretold
    from_here: Foretold
    maps: list[MapLink]
    shut: str
    halted: str
    keeps_place: bool
    ticket: str | None
    qr: Markup


@dataclass(frozen=True)
class InsteadTold:
    """Another hall that is surely better for somebody under way; `measured` where it is known from where she came."""

    hall: Site
    saves_min: int
    travel_min: int
    done_at: datetime
    measured: bool


@blueprint.post("/journeys")
def begin() -> AnyResponse:
    """She takes this option of a route; another one of the same route she gives up for it.

    Two halls never share a transaction. A form that is sent twice has the same effect once.
    """
    route, rank = request.form.get("route", "")[:40], request.form.get("rank", 0, type=int)
    key = request.form.get("once", "")
    if len(key) not in KEY_LENGTH:
        raise BadInput(reason="once", field="once")
    asked = {"route": route, "rank": rank}
    once = idempotency.Once.of(f"browser:{browser()}", "POST", request.path, key, asked)
    with reading() as call:
        before = _under_way_by(call, route)
        going = next((row.id for row in before if row.hall == hall_of(call, route, rank)), None)
    if going is not None:
        return redirect(_page(going), 303)
    for row in before:
        with effect() as call:
            ending.cancel(call.session, _own(call, row.id), now=call.now, actor=call.actor)
    with effect() as call:
        kept = idempotency.replay(call.session, once, now=clock.real_now())
        ident = kept.answer["id"] if kept else set_out(call, route, rank).id
        if kept is None:
            idempotency.keep(call.session, once, 303, {"id": ident}, now=clock.real_now())
    response = make_response(redirect(_page(ident), 303))
    JOURNEYS.hold(response, ident)
    return response


@blueprint.get("/j/<ident>")
def journey(ident: str) -> AnyResponse:
    """One's own way: when to leave, where to, how long one waits there, and whether another hall is surely better."""
    instead = _instead(referring.underway(partial(_own, ident=ident)))
    with reading() as call:
        going = _told(call, _own(call, ident))
    page = make_response(
        render_template(
            "citizen/going.html",
            going=going,
            instead=instead,
            once=fresh_key(),
            tab="mine",
            back="/mine",
            keep=keep("s"),
        )
    )
    if ident not in JOURNEYS.held():
        JOURNEYS.hold(page, ident)
    return page


@blueprint.post("/j/<ident>/switch")
def switch(ident: str) -> AnyResponse:
    """She goes to another hall instead."""
    refuse_forged()
    hall = request.form.get("hall", "")[:LONGEST]
    there = referring.way_instead(partial(_own, ident=ident), hall)
    with effect() as call:
        other = referring.go_instead(call, _own(call, ident), there).id
    response = make_response(redirect(_page(other), 303))
    JOURNEYS.hold(response, other)
    return response


@blueprint.post("/j/<ident>/stay")
def stay(ident: str) -> AnyResponse:
    """She goes on as she meant to, and is not told of this hall again; back to where she was told of it."""
    with effect() as call:
        place = halls.hall(call.session, request.form.get("hall", "")[:LONGEST])
        staying.pass_over(call.session, _own(call, ident), place)
    return redirect(url_for("citizen.mine") if request.form.get("on") == "mine" else _page(ident), 303)


@blueprint.post("/j/<ident>/cancel")
def cancel_journey(ident: str) -> AnyResponse:
    """She does not go after all."""
    with effect() as call:
        ending.cancel(call.session, _own(call, ident), now=call.now, actor=call.actor)
    return redirect(url_for("citizen.journey", ident=ident), 303)


def held_journeys(call: Call) -> list[Going]:
    """The ways this browser is on, the latest first."""
    rows = (call.session.get(Journey, ident) for ident in JOURNEYS.held())
    return [_told(call, row) for row in rows if row is not None and row.state == "under_way"]


def switches(under_way: Sequence[Going]) -> dict[str, InsteadTold]:
    """For each of these ways the hall that is surely better, where there is one."""
    found = {each.id: _instead(referring.underway(partial(_own, ident=each.id))) for each in under_way}
    return {ident: instead for ident, instead in found.items() if instead is not None}


def _link(row: Journey) -> str:
    """What the code on her page leads to."""
    return url_for(
        "citizen.journey", ident=row.id, s=here().keys.secret_of(journeys.SECRET, row.id), _external=True
    )


def _page(ident: str) -> str:
    return url_for("citizen.journey", ident=ident)


def _under_way_by(call: Call, route: str) -> list[Journey]:
    """Journeys of this browser that follow the route: of each route one at a time."""
    rows = [call.session.get(Journey, ident) for ident in JOURNEYS.held()]
    return [row for row in rows if row and row.route == route and row.state == "under_way"]


def _own(call: Call, ident: str) -> Journey:
    return journeys.journey_of_holder(call.session, here().keys, ident, JOURNEYS.secret_for(ident))


def _instead(found: referring.Underway) -> InsteadTold | None:
    if found.switch is None:
        return None
    there, saves = found.switch.there, timedelta(seconds=found.switch.saves_s)
    site = there.candidate.site
    return InsteadTold(
        hall=site,
        saves_min=int(saves / MINUTE),
        travel_min=max(1, round(timedelta(seconds=there.trip.travel_s) / MINUTE)),
        done_at=there.finish_at.astimezone(site.zone),
        measured=found.journey.mode is not None or found.journey.from_hall is not None,
    )


def _told(call: Call, row: Journey) -> Going:
    place = halls.hall(call.session, row.hall)
    zone, lang = ZoneInfo(place.tz), language()
    codes = [wanted["item"] for wanted in row.stops[0]["items"]]
    leave_at = _leave_at(call, row)
    foretold = waits.in_hall(call.session, place, call.now)
    is_open = halls.opening_at(call.session, place, call.now) is not None
    halts = [interruptions.halted_at(call, [place], code).get(place.code) for code in codes]
    return Going(
        id=row.id,
        state=row.state,
        hall=place,
        items=catalogue.items_ever(call.session, codes),
        leave_at=leave_at.astimezone(zone) if leave_at else None,
        now=leave_at is not None and leave_at <= call.now + SOON,
        arrive_at=row.arrives_at.astimezone(zone),
        until=row.until.astimezone(zone),
        wait=foretold.arriving(row.queue, max(row.arrives_at, call.now)),
        from_here=foretold.joining(row.queue, FROM_AFAR),
        maps=choosing_a_way.maps_to(
            Point(place.lat, place.lon), local(place, lang), row.mode or referring.MODE, lang
        ),
        shut="" if is_open else telling.shut_sentence(call, place),
        halted=next((halt.sentence for halt in halts if halt), ""),
        keeps_place=row.from_ticket is not None,
        ticket=row.ticket,
        qr=telling.code_picture(_link(row)),
    )


def _leave_at(call: Call, row: Journey) -> datetime | None:
    """When she should set out, as long as the route that she follows is kept."""
    try:
        route = keeping.kept(call.session, row.route, now=call.now)
    except NotFound:
        return None
    option = next(
        (each for each in route.options if each["hall"] == row.hall and each["channel"] == "counter"), None
    )
    if option is None:
        return None
    return datetime.fromisoformat(option["arrive_at"]) - timedelta(seconds=option["travel_s"])
