"""Another hall for somebody who holds a number here, where she would be done much sooner; her place here is kept."""

from functools import partial
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from dispatch.foundation.errors import NotFound
from dispatch.foundation.ids import Keyring
from dispatch.halls import finding as halls
from dispatch.journeys import finding as journeys
from dispatch.journeys.models import Journey
from dispatch.pages.kiosk import machine
from dispatch.pages.kiosk.shell import at, blueprint, frame
from dispatch.pages.shared import offering, referring, telling
from dispatch.pages.shared.calls import Call, effect, here, reading, refuse_forged
from dispatch.tickets import finding as tickets
from dispatch.tickets.models import Ticket

LONGEST = 100


@blueprint.get("/kiosk/<hall>/t/<ident>/elsewhere")
def elsewhere(hall: str, ident: str) -> AnyResponse | str:
    """Done sooner in another hall, her place here kept: yes or no thanks. Where nothing is gained, her ticket."""
    secret = request.args.get("s", "")[:LONGEST]
    found = offering.offers(partial(_own, hall, ident, secret))
    slip = at("kiosk.ticket", hall=hall, ident=ident, s=secret)
    if not found:
        return redirect(slip, 303)
    with reading() as call:
        ticket = _own(hall, ident, secret, call)
        shown = frame(call, halls.hall(call.session, hall), "elsewhere", back=slip)
    return render_template(
        "kiosk/elsewhere.html",
        offer=found[0],
        number=ticket.number,
        ident=ident,
        secret=secret,
        slip=slip,
        **shown,
    )


@blueprint.post("/kiosk/<hall>/t/<ident>/elsewhere")
def go_elsewhere(hall: str, ident: str) -> AnyResponse:
    """She goes there; the way there comes out on paper."""
    refuse_forged()
    secret = request.form.get("s", "")[:LONGEST]
    fetch = partial(_own, hall, ident, secret)
    there = referring.way_to(fetch, request.form.get("hall", "")[:40], referring.MODE)
    with effect() as call:
        journey = referring.refer(call, fetch(call), there, referring.MODE)
        job = machine.print_way(call, halls.hall(call.session, hall), journey)
    key = here().keys.secret_of(journeys.SECRET, journey.id)
    return redirect(at("kiosk.way", hall=hall, ident=journey.id, s=key, job=job), 303)


@blueprint.get("/kiosk/<hall>/j/<ident>")
def way(hall: str, ident: str) -> str:
    """Where she goes, to be photographed, scanned or taken along on paper."""
    secret = request.args.get("s", "")[:LONGEST]
    with reading() as call:
        place = halls.hall(call.session, hall)
        journey = _hers(here().keys, hall, ident, secret, call)
        there = halls.hall(call.session, journey.hall)
        kept = tickets.ticket(call.session, str(journey.from_ticket))
        shown = frame(call, place, "way", back=at("kiosk.start", hall=hall))
        paper = machine.paper_of_job(call, place, request.args.get("job", ""))
        arrives = journey.arrives_at.astimezone(ZoneInfo(there.tz))
    link = url_for("citizen.journey", ident=ident, s=secret, _external=True)
    return render_template(
        "kiosk/way.html",
        there=there,
        arrives=arrives,
        number=kept.number,
        qr=telling.code_picture(link),
        paper=paper,
        **shown,
    )


def _own(hall: str, ident: str, secret: str, call: Call) -> Ticket:
    """The ticket of this hall whose secret this is; NotYourTicket, NotFound."""
    found = tickets.ticket_of_holder(call.session, here().keys, ident, secret)
    if found.hall != hall:
        raise NotFound(what=ident)
    return found


def _hers(keys: Keyring, hall: str, ident: str, secret: str, call: Call) -> Journey:
    found = journeys.journey_of_holder(call.session, keys, ident, secret)
    if found.from_hall != hall or found.from_ticket is None:
        raise NotFound(what=ident)
    return found
