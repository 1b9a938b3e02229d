"""Finding at the kiosk: in own words or by initials, the item, its questions one by one, what it takes, other ways."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue import situations
from dispatch.catalogue.models import Item
from dispatch.foundation.errors import NotFound
from dispatch.foundation.words import translate
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.notices import telling_once, wording
from dispatch.pages.kiosk import machine, showing
from dispatch.pages.kiosk.shell import at, blueprint, frame, modes
from dispatch.pages.shared import answering, choosing_a_way, films, finder, interruptions, telling
from dispatch.pages.shared.answering import Said
from dispatch.pages.shared.calls import Call, effect, language, reading
from dispatch.pages.shared.choosing_a_way import Way, Ways
from dispatch.pages.shared.giving_notice import link_to
from dispatch.pages.shared.taking import fresh_key
from dispatch.ports.maps import Point
from dispatch.routing.asking import Ask
from dispatch.routing.refusals import NobodyTakes
from dispatch.tickets import finding as tickets
from dispatch.tickets.wanting import Wanted
from dispatch.waits import finding as waits

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
REMOVE = "-"
FOUND = {(False, False): 3, (True, False): 2, (False, True): 2, (True, True): 1}
"""So many results, by size and height: nothing is to be scrolled for."""
WAYS = {False: 3, True: 2}
ON_SCREEN = ("papers", "perhaps", "days", "fees")
"""What of a notice a screen has room for; paper and phone tell all of it."""


@blueprint.get("/kiosk/<hall>/find")
def find(hall: str) -> AnyResponse | str:
    """What somebody wants, in her own words, or letter by letter by its initials."""
    words = request.args.get("q", "").strip()[: finder.LONGEST_QUESTION]
    if key := request.args.get("add"):
        typed = words[:-1] if key == REMOVE else (words + key.lower())[: finder.LONGEST_QUESTION]
        return redirect(at("kiosk.find", hall=hall, q=typed, pad=1), 303)
    with reading() as call:
        place = halls.hall(call.session, hall)
        shown = frame(call, place, "find", back=at("kiosk.start", hall=hall))
        found = _found(call, words, FOUND["big" in request.args, "low" in request.args])
        common = [] if words else showing.common(call, place)
    return render_template(
        "kiosk/find.html", q=words, found=found, common=common, letters=LETTERS, remove=REMOVE, **shown
    )


@blueprint.get("/kiosk/<hall>/i/<code>")
def item(hall: str, code: str) -> str:
    """This one: take a number here, see what it takes, or another way; or why not here."""
    with reading() as call:
        place, row, said = _asked(call, hall, code)
        situation = situations.settle(row, said.answers)
        taken = catalogue.taken_at(call.session, hall, code)
        halted = interruptions.halted_items(call, place).get(code)
        closed = showing.shut(call, place) or (halted.brief if halted else "")
        shown = frame(call, place, "confirm", back=_back(hall))
        if taken is not None and not closed:
            queue = halls.queue(call.session, hall, taken.queue)
            waiting = tickets.waiting_counts(call.session, [hall]).get((hall, queue.code), 0)
            staffed = (hall, queue.code) in halls.staffed_queues(call.session, [hall])
            wait = waits.in_hall(call.session, place, call.now).joining(queue.code)
            shown["queue"] = telling.queue_told(queue, waiting, staffed, wait)
        elif taken is None:
            closed = translate(language(), "这个厅不办")
    return render_template(
        "kiosk/confirm.html",
        item=row,
        situation=situation,
        why=closed,
        film=films.of(row),
        once=fresh_key(),
        more=_more(said),
        **shown,
    )


@blueprint.get("/kiosk/<hall>/i/<code>/notice")
def notice(hall: str, code: str) -> str:
    """The next question; when none is left, what it takes, to be printed or scanned."""
    with reading() as call:
        place, row, said = _asked(call, hall, code)
        step = answering.step(row, said)
        if step is not None:
            before = at("kiosk.item", hall=hall, code=code, **_kept())
            if step.before is not None:
                before = _here("notice", hall, code, step.before)
            shown = frame(call, place, "question", back=before)
            return render_template("kiosk/question.html", item=row, asked=step, carried=_pairs(), **shown)
        told = _notice(call, place, row, said)
        sections = [each for each in wording.sections(told, language()) if each.code in ON_SCREEN]
        shown = frame(call, place, "notice", back=_here("item", hall, code, said))
        paper = machine.paper_of_job(call, place, request.args.get("job", ""))
    return render_template(
        "kiosk/notice.html",
        item=row,
        said=said,
        sections=sections,
        qr=telling.code_picture(link_to(told)),
        film=films.of(row),
        paper=paper,
        more=_more(said),
        **shown,
    )


@blueprint.post("/kiosk/<hall>/i/<code>/notice")
def print_notice(hall: str, code: str) -> AnyResponse:
    """Let the notice come out here."""
    said = answering.read(request.form)
    with effect() as call:
        place, row = halls.hall(call.session, hall), catalogue.item(call.session, code)
        job = machine.print_notice(call, place, row, answering.fitting(row, said).answers)
    return redirect(_here("notice", hall, code, said, job=job), 303)


@blueprint.get("/kiosk/<hall>/i/<code>/ways")
def ways(hall: str, code: str) -> str:
    """Every way to get it done from here, the best first."""
    with reading() as call:
        place, row, said = _asked(call, hall, code)
        shown = frame(call, place, "ways", back=_here("item", hall, code, said))
        now = call.now
    told, trouble = None, ""
    try:
        advice = choosing_a_way.advise(
            lambda call: Ask([Wanted(code)], Point(place.lat, place.lon), call.now, dict(said.answers)),
            current_app.extensions["router"],
        )
        told = choosing_a_way.told(advice, "", now=now, placed=True)
    except NobodyTakes as refusal:
        named = refusal.data["items"]
        trouble = translate(
            language(), refusal.sentence, items=named["name_en" if language() == "en" else "name"]
        )
    onward = (
        url_for("citizen.ways", _external=True)
        + "?"
        + urlencode([("item", code), ("from", hall), *said.pairs])
    )
    return render_template(
        "kiosk/ways.html",
        item=row,
        few=_few(told, WAYS["big" in request.args]) if told else [],
        told=told,
        trouble=trouble,
        qr=telling.code_picture(onward),
        once=fresh_key(),
        more=_more(said),
        **shown,
    )


@blueprint.get("/kiosk/<hall>/i/<code>/film")
def film(hall: str, code: str) -> str:
    """How it is done, as a film; NotFound where there is none."""
    with reading() as call:
        place, row, said = _asked(call, hall, code)
        shown = frame(call, place, "film", back=_here("item", hall, code, said))
    found = films.of(row)
    if found is None:
        raise NotFound(what=code, field="item")
    films.let_in(found)
    return render_template("kiosk/film.html", item=row, film=found, **shown)


def _found(call: Call, words: str, most: int) -> finder.Found:
    """While she types letter by letter nothing is counted as searched for."""
    if not words:
        return finder.Found("")
    if "pad" not in request.args:
        return finder.find(call, words, most)
    codes = [each.code for each in catalogue.suggestions(call.session, words, most)]
    by_code = {each.code: each for each in catalogue.items_ever(call.session, codes)}
    return finder.Found(words, finder.in_a_list(call, [by_code[code] for code in dict.fromkeys(codes)]))


def _few(told: Ways, most: int) -> list[Way]:
    """The best online, the best machine, the best counters, with one reason each: a phone tells more."""
    first = {way.channel: way for way in reversed(told.ways)}
    online = next((way for way in told.ways if way.channel in wording.ONLINE), None)
    ways = [way for way in told.ways if way in (online, first.get("kiosk")) or way.channel == "counter"]
    return [replace(way, reasons=way.reasons[:1]) for way in ways[:most]]


def _asked(call: Call, hall: str, code: str) -> tuple[Hall, Item, Said]:
    """The hall, the item, and what was answered as far as it fits."""
    row = catalogue.item(call.session, code)
    return halls.hall(call.session, hall), row, answering.fitting(row, answering.read(request.args))


def _notice(call: Call, place: Hall, row: Item, said: Said) -> telling_once.Notice:
    return telling_once.notice(call.session, row, said.answers, Point(place.lat, place.lon))


def _back(hall: str) -> str:
    """To life's word, or to the words she typed."""
    if group := request.args.get("g"):
        return at("kiosk.group", hall=hall, code=group)
    if words := request.args.get("q"):
        pad = {"pad": "1"} if "pad" in request.args else {}
        return at("kiosk.find", hall=hall, q=words, **pad)
    return at("kiosk.start", hall=hall)


def _kept() -> dict[str, str]:
    """Where she came from."""
    return {name: request.values[name] for name in ("g", "q", "pad") if name in request.values}


def _pairs() -> list[tuple[str, str]]:
    return [*modes(), *_kept().items()]


def _more(said: Said) -> str:
    """The end of an address of this item: size, height, where she came from, what she answered."""
    text = urlencode([*_pairs(), *said.pairs])
    return f"?{text}" if text else ""


def _here(step: str, hall: str, code: str, said: Said, **more: Any) -> str:  # noqa: ANN401 - whatever stands in an address
    """Another screen of this item."""
    query: dict[str, Any] = {**_kept(), **more}
    for name, value in said.pairs:
        query.setdefault(name, []).append(value)
    return at(f"kiosk.{step}", hall=hall, code=code, **query)
