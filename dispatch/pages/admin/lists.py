"""What a hall can do and often does: what is so now, what was published, and how two versions differ."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Response, current_app, make_response, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.lists import drawing, finding, publishing
from dispatch.catalogue.lists.differing import Difference, difference
from dispatch.catalogue.lists.drawing import Drawn, Listed, Often
from dispatch.catalogue.lists.models import KINDS, HallList
from dispatch.catalogue.models import Item
from dispatch.foundation.access import require
from dispatch.foundation.errors import BadInput, NotFound
from dispatch.foundation.words import Language, local, translate
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.pages.admin.shell import blueprint, enter, page, press
from dispatch.pages.shared.calls import Call, language, reading
from dispatch.people.models import Account

ROOM, PUBLISH = "lists", "lists.publish"
NAMES = {"can": "可办", "often": "常办"}
MODES = {"handle": "办理", "receive": "代收", "agent": "代办"}
COLUMNS = ("item", "name", "name_en", "department", "mode", "count", "share")


@dataclass(frozen=True)
class Row:
    """An item of a list."""

    code: str
    name: str
    department: str
    mode: str
    count: int | None
    share: str


@dataclass(frozen=True)
class DifferenceTold:
    """Items by their names."""

    came: list[str]
    went: list[str]
    otherwise: list[str]


@dataclass(frozen=True)
class VersionTold:
    """A version, who published it, and whether it holds today."""

    row: HallList
    at: datetime
    by: str
    holds: bool


@dataclass(frozen=True)
class Part:
    """One of the two lists: as it is now, how that differs from what holds, and every version."""

    kind: str
    name: str
    drawn: Drawn
    rows: list[Row]
    new: DifferenceTold | None
    versions: list[VersionTold]


@blueprint.get("/admin/<hall>/lists")
def show_lists(hall: str) -> Response:
    """Both lists of a hall."""
    with reading() as call:
        desk = enter(call, ROOM, hall)
        place = halls.hall(call.session, hall)
        today = _today(call, place)
        parts = [_part(call, place, kind, today) for kind in KINDS]
    return page("admin/lists/lists.html", desk, parts=parts, today=today, often=_often())


@blueprint.post("/admin/<hall>/lists/<kind>")
def publish_list(hall: str, kind: str) -> AnyResponse:
    """Make the list as it is now a version that holds from the day the form names."""

    def do(call: Call) -> str:
        place = halls.hall(call.session, hall)
        require(call.actor, PUBLISH, place.path, field="hall")
        today = _today(call, place)
        drawn = _drawn(call.session, place, _kind(kind), today)
        publishing.publish(
            call.session,
            place.code,
            kind,
            drawn,
            since=_day(request.form.get("since", "")),
            today=today,
            now=call.now,
            actor=call.actor,
        )
        return f"/admin/{place.code}/lists?done=published"

    return press(do)


@blueprint.get("/admin/<hall>/lists/<kind>/<int:number>")
def show_list(hall: str, kind: str, number: int) -> Response:
    """One version, and how it differs from another."""
    with reading() as call:
        desk = enter(call, ROOM, hall)
        row = finding.version(call.session, hall, _kind(kind), number)
        others = [each for each in finding.versions(call.session, hall, kind) if each is not row]
        other = _other(others, row)
        known = _known(call.session, row.items, other.items if other else ())
        lang = language()
        shown = {
            "row": row,
            "name": translate(lang, NAMES[kind]),
            "rows_shown": [_row(each, known, lang) for each in row.items],
            "others": others,
            "other": other,
            "told": _told(difference(other.items, row.items), known, lang) if other else None,
        }
    return page("admin/lists/list.html", desk, **shown)


@blueprint.get("/admin/<hall>/lists/<kind>/<int:number>.csv")
def download_list(hall: str, kind: str, number: int) -> Response:
    """One version as a file; its marks at the beginning let Excel read the Chinese in it."""
    with reading() as call:
        enter(call, ROOM, hall)
        row = finding.version(call.session, hall, _kind(kind), number)
        known = _known(call.session, row.items)
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for each in row.items:
            item = known[each["item"]]
            names = (item.code, item.name, item.name_en, item.department)
            writer.writerow([*names, each["mode"], each.get("count", ""), each.get("share", "")])
    response = make_response("\ufeff" + text.getvalue())
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{hall}-{kind}-{number}.csv"'
    return response


def _part(call: Call, place: Hall, kind: str, today: date) -> Part:
    session, lang = call.session, language()
    drawn = _drawn(session, place, kind, today)
    holds = finding.in_force(session, place.code, kind, today)
    before = holds.items if holds else ()
    known = _known(session, drawn.items, before)
    new = difference(before, drawn.items)
    names = {row.id: row.username for row in session.execute(select(Account.id, Account.username))}
    return Part(
        kind,
        translate(lang, NAMES[kind]),
        drawn,
        [_row(each, known, lang) for each in drawn.items],
        _told(new, known, lang) if new else None,
        [
            VersionTold(
                row,
                row.published_at.astimezone(ZoneInfo(place.tz)),
                names.get(row.published_by.partition(":")[2], row.published_by),
                holds is not None and row.version == holds.version,
            )
            for row in finding.versions(session, place.code, kind)
        ],
    )


def _drawn(session: Session, place: Hall, kind: str, today: date) -> Drawn:
    return drawing.draw(session, place.code, kind, today, _often())


def _often() -> Often:
    """What counts as often in this city."""
    told: Often = current_app.extensions["often"]
    return told


def _known(session: Session, *lists: Sequence[Listed]) -> dict[str, Item]:
    codes = {each["item"] for items in lists for each in items}
    return {item.code: item for item in catalogue.items_ever(session, codes)}


def _row(each: Listed, known: dict[str, Item], lang: Language) -> Row:
    item = known[each["item"]]
    return Row(
        item.code,
        local(item, lang),
        local(item, lang, "department"),
        translate(lang, MODES[each["mode"]]),
        each.get("count"),
        f"{100 * each['share']:.1f}%" if "share" in each else "",
    )


def _told(found: Difference, known: dict[str, Item], lang: Language) -> DifferenceTold:
    return DifferenceTold(
        *([local(known[code], lang) for code in codes] for codes in (found.came, found.went, found.otherwise))
    )


def _other(others: Sequence[HallList], row: HallList) -> HallList | None:
    """The version it is laid beside: the one asked for, else the one before it."""
    said = request.args.get("beside", "")
    wanted = int(said) if said.isdecimal() else row.version - 1
    return next((each for each in others if each.version == wanted), None)


def _kind(said: str) -> str:
    if said not in KINDS:
        raise NotFound(what=said)
    return said


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said.strip())
    except ValueError as error:
        raise BadInput(reason=said[:20], field="since") from error


def _today(call: Call, place: Hall) -> date:
    return call.now.astimezone(ZoneInfo(place.tz)).date()
