"""The guide desk's addresses."""

import re
from dataclasses import dataclass
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from dispatch.foundation.access import require
from dispatch.foundation.errors import NotFound, NotSignedIn
from dispatch.foundation.words import translate
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.journeys import finding as journeys
from dispatch.journeys.models import Journey
from dispatch.pages.guide import showing, taking
from dispatch.pages.guide.coming import coming
from dispatch.pages.guide.saying import reasons
from dispatch.pages.shared import guided, offering, referring, telling
from dispatch.pages.shared.calls import Call, here, language, reading
from dispatch.pages.shared.groups import group
from dispatch.people import id_numbers
from dispatch.tickets import finding, guiding, whose
from dispatch.tickets.models import Ticket

LONGEST_QUESTION = 200
MOST_ITEMS = 20
_LINK = re.compile(r"(?:^|/[tj]/)([0-9a-f]{32})(?:[/?]|$)")
"""Of a ticket or of a journey; ids are random, so one never stands for the other."""
_NUMBER = re.compile(r"[A-Za-z]{1,4}\d{1,6}", re.ASCII)
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[·・.' -])+")
_DOCUMENTS = ("passport", "hk_macao_taiwan_permit", "foreign_permanent_resident")
_DOCUMENT = re.compile(r"[0-9A-Za-z]{5,20}", re.ASCII)

blueprint = Blueprint(
    "guide", __name__, template_folder="templates", static_folder="static", static_url_path="/assets/guide"
)


@dataclass(frozen=True)
class Pin:
    """A document that the city does not know yet, to take a number for its holder."""

    id_kind: str
    id_number: str
    label: str


@blueprint.get("/guide")
def choose() -> AnyResponse | str:
    """Which hall's desk? Straight on where there is only one in reach."""
    with reading() as call:
        if call.actor.kind != "staff":
            return _to_login()
        require(call.actor, "tickets.guide", field="hall")
        places = [
            hall
            for hall in halls.all_halls(call.session)
            if hall.kind != "kiosk_site" and call.actor.may("tickets.guide", hall.path)
        ]
    if len(places) == 1:
        return redirect(url_for("guide.page", hall=places[0].code), 303)
    return render_template("guide/choose.html", places=places)


@blueprint.get("/guide/<hall>")
def page(hall: str) -> AnyResponse | str:
    """The desk of one hall, at rest."""
    with reading() as call:
        try:
            place = guided.hall_for(call, hall)
        except NotSignedIn:
            return _to_login()
        shown = {
            **showing.home(call, place),
            **showing.watch(call, place),
            **telling.wire_of(call.session, place.code),
        }
    return render_template("guide/guide.html", hall=place, **shown)


@blueprint.get("/guide/<hall>/home")
def home(hall: str) -> str:
    """The desk at rest, alone."""
    with reading() as call:
        place = guided.hall_for(call, hall)
        shown = showing.home(call, place)
    return render_template("guide/_home.html", hall=place, **shown)


@blueprint.get("/guide/<hall>/watch")
def watch(hall: str) -> str:
    """What the desk keeps an eye on, as it stands now."""
    with reading() as call:
        place = guided.hall_for(call, hall)
        shown = showing.watch(call, place)
    return render_template("guide/_watch.html", hall=place, **shown)


@blueprint.get("/guide/<hall>/groups/<code>")
def of_group(hall: str, code: str) -> str:
    """The items under one of life's words."""
    with reading() as call:
        place = guided.hall_for(call, hall)
        chosen = group(code)
        found = showing.of_group(call, place, chosen)
    title = chosen.words if language() == "zh" else chosen.words_en
    return render_template("guide/_results.html", hall=place, title=title, choices=found, name="")


@blueprint.post("/guide/<hall>/ask")
def ask(hall: str) -> str:
    """Whatever was typed or read: a document, the code of a slip or of a journey, a number, or words.

    Nothing of it is in an address.
    """
    said = request.form.get("q", "").strip()[:LONGEST_QUESTION]
    kind, name = request.form.get("kind", ""), request.form.get("name", "").strip()[:LONGEST_QUESTION]
    with reading() as call:
        place = guided.hall_for(call, hall)
        if name:
            return _by_name(call, place, name)
        if ref := request.form.get("whose", ""):
            return _by_ref(call, place, ref)
        if kind in _DOCUMENTS and _DOCUMENT.fullmatch(id_numbers.tidy(said)):
            return _by_document(call, place, kind, said)
        if id_numbers.has_eighteen(id_numbers.tidy(said)):
            return _by_document(call, place, id_numbers.kind_of(id_numbers.tidy(said)), said)
        if link := _LINK.search(said):
            return _by_code(call, place, link[1])
        if _NUMBER.fullmatch(said):
            return _by_number(call, place, said.upper())
        found = showing.found_items(call, place, said)
    title = translate(language(), "“%(words)s”可能是", words=said)
    known_as = said if _NAME.fullmatch(said) else ""
    return render_template("guide/_results.html", hall=place, title=title, choices=found, name=known_as)


@blueprint.get("/guide/<hall>/take")
def take(hall: str) -> str:
    """The sheet for some items, before a number is given; for somebody who was under way, with her `journey`."""
    codes, counts = request.args.getlist("item")[:MOST_ITEMS], request.args.getlist("count")
    pairs = [(code, counts[at] if at < len(counts) else "1") for at, code in enumerate(codes)]
    with reading() as call:
        place = guided.hall_for(call, hall)
        ident = request.args.get("journey", "")
        who = coming(call, place, ident) if ident else None
        shown = taking.sheet(call, place, taking.wanted_in(pairs))
    return render_template("guide/_take.html", hall=place, coming=who, **shown)


@blueprint.get("/guide/<hall>/tickets/<ident>")
def ticket(hall: str, ident: str) -> str:
    """One ticket of this hall and what may be done with it."""
    with reading() as call:
        place = guided.hall_for(call, hall)
        return _ticket(call, place, _here(call, place, ident))


@blueprint.get("/guide/<hall>/tickets/<ident>/elsewhere")
def elsewhere(hall: str, ident: str) -> str:
    """Where somebody who waits here would be done much sooner, or is under way to already; nothing for most."""
    with reading() as call:
        place = guided.hall_for(call, hall)
        row = _here(call, place, ident)
        leaving = journeys.leaving(call.session, hall, ident)
        going = None if leaving is None else halls.hall(call.session, leaving.hall)
        may = leaving is None and row.state == "waiting"
    offer = next(iter(offering.offers(lambda call: _here(call, place, ident))), None) if may else None
    return render_template(
        "guide/_offer.html", ticket=row, offer=offer, going=going, journey=leaving, mode=referring.MODE
    )


@blueprint.get("/guide/<hall>/journeys/<ident>")
def way(hall: str, ident: str) -> str:
    """The way to another hall for somebody who keeps her place here, for the printer."""
    with reading() as call:
        place = guided.hall_for(call, hall)
        journey = journeys.journey(call.session, ident)
        if journey.from_hall != place.code or journey.from_ticket is None:
            raise NotFound(what=ident, field="journey")
        there = halls.hall(call.session, journey.hall)
        kept = finding.ticket(call.session, journey.from_ticket)
    secret = here().keys.secret_of(journeys.SECRET, ident)
    link = url_for("citizen.journey", ident=ident, s=secret, _external=True)
    arrives = journey.arrives_at.astimezone(ZoneInfo(there.tz))
    return render_template(
        "guide/_way.html", there=there, arrives=arrives, number=kept.number, qr=telling.code_picture(link)
    )


@blueprint.get("/guide/<hall>/given")
def given(hall: str) -> str:
    """Tickets of this hall as slips, on the screen and for the printer."""
    with reading() as call:
        place = guided.hall_for(call, hall)
        rows = [_here(call, place, ident) for ident in request.args.getlist("ticket")[:MOST_ITEMS]]
        slips = showing.given(call, place, rows, [_link(row) for row in rows])
    return render_template("guide/_given.html", hall=place, slips=slips)


def _by_document(call: Call, place: Hall, kind: str, said: str) -> str:
    """Everything the holder of a document has, in all halls."""
    require(call.actor, "people.find", place.path, field="hall")
    number = guided.sound(kind, said)
    day = halls.service_day(call.session, place, call.now)
    found = whose.by_document(call.session, here().keys, kind, number, actor=call.actor, day=day)
    if found is not None:
        return _person(call, place, found)
    say = translate(language(), "尾号 %(tail)s", tail=number[-4:])
    return render_template(
        "guide/_nobody.html",
        hall=place,
        title=say,
        said=translate(language(), "这张证件没取过号"),
        hint=translate(language(), "按 N 给这位取号,证件会记在号上"),
        pin=Pin(kind, number, say),
    )


def _by_name(call: Call, place: Hall, name: str) -> str:
    """Whoever of this name waits today, here and in the halls that the desk looks after."""
    require(call.actor, "people.find", place.path, field="hall")
    day = halls.service_day(call.session, place, call.now)
    found = whose.by_name(call.session, here().keys, name, actor=call.actor, day=day)
    title = translate(language(), "叫“%(name)s”的人", name=name)
    if not found:
        return render_template(
            "guide/_nobody.html",
            hall=place,
            title=title,
            said=translate(language(), "今天在等的人里没有"),
            hint=translate(language(), "取号时可能没留姓名:刷证件或问号码再找"),
            pin=None,
        )
    if len(found) == 1:
        return _by_ref(call, place, found[0].ref)
    owners = [showing.owner(call, place, each) for each in found]
    return render_template("guide/_namesakes.html", hall=place, title=title, owners=owners)


def _by_ref(call: Call, place: Hall, ref: str) -> str:
    """Everything somebody has who was found here; NotFound for a person who has no business here today."""
    require(call.actor, "people.find", place.path, field="hall")
    day = halls.service_day(call.session, place, call.now)
    found = whose.by_reference(call.session, here().keys, ref, actor=call.actor, day=day)
    return _person(call, place, found)


def _by_code(call: Call, place: Hall, ident: str) -> str:
    """The ticket whose slip was read, wherever it is from; or somebody who was under way."""
    found = call.session.get(Ticket, ident)
    if found is None and call.session.get(Journey, ident) is not None:
        return _by_journey(call, place, ident)
    if found is None:
        return _no_ticket(place, translate(language(), "这个码不是号条上的"))
    if found.hall != place.code:
        rows = showing.ticket_rows(call, place, [found])
        return render_template("guide/_elsewhere.html", hall=place, row=rows[0])
    return _ticket(call, place, found)


def _by_journey(call: Call, place: Hall, ident: str) -> str:
    """Somebody who was under way: her ticket, if she has it, or the sheet for what she comes for."""
    who = coming(call, place, ident)
    if who.state == "joined" and who.ticket is not None:
        return _by_code(call, place, who.ticket)
    if not who.items:
        return _no_ticket(place, translate(language(), "这次行程没写办什么事,问一问再取号"))
    shown = taking.sheet(call, place, who.items)
    return render_template("guide/_take.html", hall=place, coming=who, **shown)


def _by_number(call: Call, place: Hall, number: str) -> str:
    """Today's ticket of this number here."""
    day = halls.service_day(call.session, place, call.now)
    found = guiding.of_number(call.session, place.code, number, day)
    if found is None:
        return _no_ticket(place, translate(language(), "今天这个厅没有 %(number)s", number=number))
    return _ticket(call, place, found)


def _no_ticket(place: Hall, said: str) -> str:
    hint = translate(language(), "看看号条上的大厅和日期;昨天的号今天不能用了")
    return render_template(
        "guide/_nobody.html",
        hall=place,
        title=translate(language(), "没找到"),
        said=said,
        hint=hint,
        pin=None,
    )


def _person(call: Call, place: Hall, found: whose.Owner) -> str:
    shown = showing.owner(call, place, found)
    label = showing.person_label(found.masked)
    return render_template(
        "guide/_person.html", hall=place, label=label, reasons=reasons(language()), **shown
    )


def _ticket(call: Call, place: Hall, row: Ticket) -> str:
    shown = showing.ticket(call, place, row)
    return render_template("guide/_ticket.html", hall=place, reasons=reasons(language()), **shown)


def _here(call: Call, place: Hall, ident: str) -> Ticket:
    """A ticket of this hall; NotFound for any other."""
    found = finding.ticket(call.session, ident)
    if found.hall != place.code:
        raise NotFound(what=ident, field="ticket")
    return found


def _link(row: Ticket) -> str:
    secret = here().keys.secret_of(finding.SECRET, row.id)
    return url_for("citizen.ticket", ident=row.id, s=secret, _external=True)


def _to_login() -> AnyResponse:
    return redirect(f"/login?next={quote(request.full_path.rstrip('?'))}", 303)
