"""Stopping what cannot go on: outages in two steps, paused queues, an early close and the end of a day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Item
from dispatch.foundation.errors import BadInput
from dispatch.halls import finding, intake, outages, standing
from dispatch.halls.models import AFTERWARDS, REASONS, Hall, Outage, Queue
from dispatch.halls.wording import REASON_WORDS
from dispatch.pages.admin.hours import LONGEST_NOTE, judged, reason_of, text_of
from dispatch.pages.admin.shell import blueprint, enter, page, press
from dispatch.pages.shared import telling
from dispatch.pages.shared.calls import Call, reading
from dispatch.tickets import closing, interrupting
from dispatch.tickets import finding as tickets
from dispatch.tickets.life import AT_A_WINDOW

ROOM, OUTAGE, CLOSE = "halting", "halls.outage", "halls.close"


@dataclass(frozen=True)
class Live:
    """An outage that holds, with the names of what it is about and how many it touches."""

    row: Outage
    queues: list[Queue]
    items: list[Item]
    waiting: int
    since: str
    until: str


@dataclass(frozen=True)
class QueueRow:
    """A queue, how it stands, and how many wait."""

    queue: Queue
    stands: standing.Standing
    waiting: int
    until: str


@dataclass(frozen=True)
class Asked:
    """An outage as the form says it."""

    scope: outages.Scope
    why: outages.Why
    until: datetime | None
    city: bool


@blueprint.get("/admin/<hall>/halting")
def halting(hall: str) -> Response:
    """What is out of order in a hall, which queues give no numbers, whether it closes early."""
    with reading() as call:
        desk = enter(call, ROOM, hall)
        place = finding.hall(call.session, hall)
        day = finding.service_day(call.session, place, call.now)
        queues = finding.queues_of(call.session, hall)
        shown = {
            "live": [_live(call, place, row) for row in outages.of_hall(call.session, hall)],
            "city": _city(call, place),
            "queues": _queues(call, place, queues),
            "items": _items(call, place),
            "day": finding.hall_day(call.session, hall, day),
            "hours": telling.hours_of(call.session, place, day),
            "others": [
                each for each in finding.all_halls(call.session) if each.code != hall and each.kind == "hall"
            ],
            "tz": ZoneInfo(place.tz),
            "is_top": place.parent is None,
            **_words(),
        }
    return page("admin/hours/halting.html", desk, **shown)


@blueprint.get("/admin/<hall>/halting/check")
def check_outage(hall: str) -> Response:
    """The second step: whom it touches."""
    with reading() as call:
        desk = enter(call, ROOM, hall)
        place = finding.hall(call.session, hall)
        asked = _asked(call, place, request.args)
        where = None if asked.city else hall
        shown = {
            "asked": asked,
            "waiting": interrupting.touched(call.session, where, asked.scope),
            "serving": interrupting.touched(call.session, where, asked.scope, AT_A_WINDOW),
            "queues": [
                row for row in finding.queues_of(call.session, hall) if row.code in asked.scope.queues
            ],
            "items": catalogue.items_ever(call.session, asked.scope.items),
            "halls": len(finding.all_halls(call.session)) if asked.city else 1,
            "until": f"{asked.until.astimezone(ZoneInfo(place.tz)):%H:%M}" if asked.until else "",
            "args": request.args,
            **_words(),
        }
    return page("admin/hours/check.html", desk, **shown)


@blueprint.post("/admin/<hall>/halting/outages")
def begin_outage(hall: str) -> AnyResponse:
    """It stops now."""

    def do(call: Call) -> str:
        place = judged(call, hall, OUTAGE)
        asked = _asked(call, place, request.form)
        said: dict[str, Any] = {"until": asked.until, "now": call.now, "actor": call.actor}
        if asked.city:
            finding.require_city(call.session, call.actor, OUTAGE, field="hall")
            outages.begin_city(call.session, asked.scope, asked.why, **said)
        else:
            outages.begin(call.session, place, asked.scope, asked.why, **said)
        return f"/admin/{hall}/halting?done=begun"

    return press(do)


@blueprint.post("/admin/<hall>/halting/outages/<ident>/end")
def end_outage(hall: str, ident: str) -> AnyResponse:
    """It works again."""

    def do(call: Call) -> str:
        judged(call, hall, OUTAGE)
        if request.form.get("city"):
            finding.require_city(call.session, call.actor, OUTAGE, field="hall")
        row = outages.outage(call.session, ident, None if request.form.get("city") else hall)
        outages.end(call.session, row, now=call.now, actor=call.actor)
        return f"/admin/{hall}/halting?done=ended"

    return press(do)


@blueprint.post("/admin/<hall>/halting/queues/<queue>")
def turn_queue(hall: str, queue: str) -> AnyResponse:
    """Pause a queue, or let it go on."""

    def do(call: Call) -> str:
        place = judged(call, hall, CLOSE)
        row = finding.queue(call.session, hall, queue)
        if request.form.get("verb") == "resume":
            intake.resume(call.session, row, now=call.now, actor=call.actor)
        else:
            intake.pause(
                call.session,
                row,
                reason=reason_of(),
                until=_clock(call, place, request.form, "until"),
                note=text_of("note", LONGEST_NOTE),
                note_en=text_of("note_en", LONGEST_NOTE),
                now=call.now,
                actor=call.actor,
            )
        return f"/admin/{hall}/halting?done=queue"

    return press(do)


@blueprint.post("/admin/<hall>/halting/close")
def close_early(hall: str) -> AnyResponse:
    """Close early."""

    def do(call: Call) -> str:
        place = judged(call, hall, CLOSE)
        afterwards = request.form.get("then", "")
        if afterwards not in AFTERWARDS:
            raise BadInput(reason=afterwards[:20], field="then")
        closing.close_early(
            call.session,
            place,
            at=_clock(call, place, request.form, "at"),
            reason=reason_of(),
            afterwards=afterwards,
            to_hall=text_of("to_hall", 40) if afterwards == "move" else None,
            note=text_of("note", LONGEST_NOTE),
            note_en=text_of("note_en", LONGEST_NOTE),
            now=call.now,
            actor=call.actor,
        )
        return f"/admin/{hall}/halting?done=closed"

    return press(do)


@blueprint.post("/admin/<hall>/halting/reopen")
def reopen(hall: str) -> AnyResponse:
    """Go on today."""

    def do(call: Call) -> str:
        closing.reopen(call.session, judged(call, hall, CLOSE), now=call.now, actor=call.actor)
        return f"/admin/{hall}/halting?done=reopened"

    return press(do)


@blueprint.post("/admin/<hall>/halting/end-day")
def end_day(hall: str) -> AnyResponse:
    """The service day is over."""

    def do(call: Call) -> str:
        closing.end_day(
            call.session,
            judged(call, hall, CLOSE),
            reason=reason_of(),
            note=text_of("note", LONGEST_NOTE),
            note_en=text_of("note_en", LONGEST_NOTE),
            now=call.now,
            actor=call.actor,
        )
        return f"/admin/{hall}/halting?done=day_over"

    return press(do)


def _asked(call: Call, place: Hall, said: MultiDict[str, str]) -> Asked:
    about, reason = said.get("about", ""), said.get("reason", "")
    if about not in ("all", "queues", "items", "city"):
        raise BadInput(reason=about[:20], field="about")
    if reason not in REASONS:
        raise BadInput(reason=reason[:20], field="reason")
    queues = tuple(sorted(set(said.getlist("queues")))) if about == "queues" else ()
    items = tuple(sorted(set(said.getlist("items")))) if about == "items" else ()
    for code in items:
        catalogue.item(call.session, code)
    if about in ("queues", "items") and not (queues or items):
        raise BadInput(reason="—", field=about)
    note, note_en = (said.get(name, "").strip()[:LONGEST_NOTE] or None for name in ("note", "note_en"))
    return Asked(
        outages.Scope(queues, items, about in ("all", "city")),
        outages.Why(reason, note, note_en),
        _clock(call, place, said, "until"),
        about == "city",
    )


def _clock(call: Call, place: Hall, said: MultiDict[str, str], name: str) -> datetime | None:
    """A clock time of today in the hall; BadInput for one that is over."""
    text = said.get(name, "").strip()
    if not text:
        return None
    here = call.now.astimezone(ZoneInfo(place.tz))
    try:
        hour, minute = (int(part) for part in text.split(":")[:2])
        moment = here.replace(hour=hour, minute=minute, second=0, microsecond=0)
    except ValueError as error:
        raise BadInput(reason=text[:20], field=name) from error
    if moment <= here:
        raise BadInput(reason=text[:20], field=name)
    return moment


def _live(call: Call, place: Hall, row: Outage) -> Live:
    queues = {each.code: each for each in finding.queues_of(call.session, place.code)}
    scope = outages.Scope(tuple(row.queues), tuple(row.items), row.whole)
    zone = ZoneInfo(place.tz)
    return Live(
        row,
        [queues[code] for code in row.queues if code in queues],
        catalogue.items_ever(call.session, row.items) if row.items else [],
        interrupting.touched(call.session, row.hall, scope),
        f"{row.began_at.astimezone(zone):%H:%M}",
        f"{row.until.astimezone(zone):%H:%M}" if row.until else "",
    )


def _city(call: Call, place: Hall) -> list[Live]:
    return [_live(call, place, row) for row in outages.of_city(call.session)]


def _queues(call: Call, place: Hall, queues: list[Queue]) -> list[QueueRow]:
    stand = standing.of_queues(call.session, place.code, queues, call.now)
    counts = tickets.waiting_counts(call.session, [place.code])
    zone = ZoneInfo(place.tz)
    rows = []
    for queue in queues:
        stands = stand[queue.code]
        until = f"{stands.until.astimezone(zone):%H:%M}" if stands.until else ""
        rows.append(QueueRow(queue, stands, counts.get((place.code, queue.code), 0), until))
    return rows


def _items(call: Call, place: Hall) -> list[Item]:
    codes = {row.item for row in catalogue.taken_in(call.session, place.code)}
    return sorted(catalogue.items_ever(call.session, codes), key=lambda item: (item.department, item.code))


def _words() -> dict[str, Any]:
    return {"reasons": [(code, REASON_WORDS[code]) for code in REASONS], "reason_words": REASON_WORDS}
