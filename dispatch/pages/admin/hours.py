"""When a hall is open: its week, its seasons, and the days that are different."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from dispatch.foundation.access import require
from dispatch.foundation.errors import BadInput
from dispatch.halls import calendar, finding, hours, rescheduling
from dispatch.halls.models import DAY_KINDS, REASONS, Hall, HallDay
from dispatch.halls.refusals import WrongOpenings
from dispatch.halls.wording import REASON_WORDS
from dispatch.pages.admin.shell import blueprint, enter, page, press
from dispatch.pages.shared.calls import Call, reading

ROOM, EDIT = "hours", "halls.hours"
AHEAD = 14
LONGEST_NOTE = 200
_SPAN = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)\s*[-–—~]\s*([01]?\d|2[0-4]):([0-5]\d)")
_BETWEEN = re.compile(r"[,,、;;\n]")


@dataclass(frozen=True)
class DayRow:
    """A coming day: its openings and breaks as written on the door, and what is particular about it."""

    day: date
    weekday: int
    calendar: str | None
    openings: list[str]
    breaks: list[str]
    particular: HallDay | None


@blueprint.get("/admin/<hall>/hours")
def hall_hours(hall: str) -> Response:
    """A hall's week, its seasons and its next two weeks."""
    with reading() as call:
        desk = enter(call, ROOM, hall)
        place = finding.hall(call.session, hall)
        today = call.now.astimezone(ZoneInfo(place.tz)).date()
        rows = [_row(call, place, today + timedelta(days=n)) for n in range(AHEAD)]
        shown = {
            "week": {day: written(place.hours["weekly"].get(day, [])) for day in hours.WEEKDAYS},
            "seasons": [{**each, "lines": _lines(each["weekly"])} for each in place.seasons or ()],
            "days": rows,
            "today": today,
            "kinds": DAY_KINDS,
            "reasons": [(code, REASON_WORDS[code]) for code in REASONS],
            "warnings": calendar.warnings(
                calendar.all_days(call.session), today, {today.year, rows[-1].day.year}
            ),
        }
    return page("admin/hours/hours.html", desk, **shown)


@blueprint.post("/admin/<hall>/hours/week")
def set_week(hall: str) -> AnyResponse:
    """Give the hall another week."""

    def do(call: Call) -> str:
        place = judged(call, hall, EDIT)
        weekly = {day: spans_of(request.form.get(day, "")) for day in hours.WEEKDAYS}
        rescheduling.set_week(call.session, place, weekly=weekly, now=call.now, actor=call.actor)
        return f"/admin/{hall}/hours?done=week"

    return press(do)


@blueprint.post("/admin/<hall>/hours/seasons")
def add_season(hall: str) -> AnyResponse:
    """Add a season, or take one off."""

    def do(call: Call) -> str:
        place = judged(call, hall, EDIT)
        kept = [_season(each) for each in place.seasons or ()]
        if (dropped := request.form.get("drop", "")).isdigit():
            kept = [each for n, each in enumerate(kept) if n != int(dropped)]
        else:
            workdays, weekend = (
                spans_of(request.form.get("workdays", "")),
                spans_of(request.form.get("weekend", "")),
            )
            weekly = {day: weekend if day in ("sat", "sun") else workdays for day in hours.WEEKDAYS}
            name, name_en = text_of("name", 40), text_of("name_en", 60)
            if name is None:
                raise BadInput(reason="name", field="name")
            first, last = day_of("first"), day_of("last")
            kept.append(rescheduling.Season(first, last, weekly, name, name_en or name))
        rescheduling.set_week(call.session, place, seasons=kept, now=call.now, actor=call.actor)
        return f"/admin/{hall}/hours?done=seasons"

    return press(do)


@blueprint.post("/admin/<hall>/hours/days")
def set_day(hall: str) -> AnyResponse:
    """Make one day different, or ordinary again."""

    def do(call: Call) -> str:
        place = judged(call, hall, EDIT)
        kind = request.form.get("kind", "")
        if kind not in DAY_KINDS:
            raise BadInput(reason=kind, field="kind")
        rescheduling.set_day(
            call.session,
            place,
            day_of("day"),
            kind,
            openings=spans_of(request.form.get("openings", "")) if kind in ("duty", "shortened") else None,
            reason=None if kind == "ordinary" else reason_of(),
            note=text_of("note", LONGEST_NOTE),
            note_en=text_of("note_en", LONGEST_NOTE),
            now=call.now,
            actor=call.actor,
        )
        return f"/admin/{hall}/hours?done=day"

    return press(do)


def judged(call: Call, hall: str, permission: str) -> Hall:
    """A hall in which the caller may do this."""
    place = finding.hall(call.session, hall)
    require(call.actor, permission, place.path, field="hall")
    return place


def spans_of(text: str) -> list[list[str]]:
    """Openings as one writes them, `08:30-12:00, 13:30-17:00`; WrongOpenings."""
    spans = []
    for part in filter(None, (each.strip() for each in _BETWEEN.split(text))):
        found = _SPAN.fullmatch(part)
        if found is None:
            raise WrongOpenings(reason=part[:40], field="openings")
        start_hour, start, end_hour, end = found.groups()
        spans.append([f"{int(start_hour):02d}:{start}", f"{int(end_hour):02d}:{end}"])
    if any(clock > hours.MIDNIGHT for span in spans for clock in span):
        raise WrongOpenings(reason=text[:40], field="openings")
    return spans


def written(spans: list[list[str]]) -> str:
    """Openings as one writes them."""
    return ", ".join(f"{start}–{end}" for start, end in spans)


def text_of(name: str, longest: int) -> str | None:
    """A short text of the form, or None where nothing was written."""
    return request.form.get(name, "").strip()[:longest] or None


def reason_of() -> str:
    """A reason from the list; BadInput."""
    reason = request.form.get("reason", "")
    if reason not in REASONS:
        raise BadInput(reason=reason[:20], field="reason")
    return reason


def day_of(name: str) -> date:
    """A day of the form; BadInput."""
    said = request.form.get(name, "")
    try:
        return date.fromisoformat(said)
    except ValueError as error:
        raise BadInput(reason=said[:20], field=name) from error


def _row(call: Call, place: Hall, day: date) -> DayRow:
    found = finding.openings(call.session, place, day)
    row = finding.hall_day(call.session, place.code, day)
    return DayRow(
        day,
        day.weekday(),
        finding.kind_of(call.session)(day),
        [f"{each.start:%H:%M}–{each.end:%H:%M}" for each in found],
        [f"{each.start:%H:%M}–{each.end:%H:%M}" for each in hours.breaks(found)],
        row if row is not None and (row.kind != "ordinary" or row.closed_from is not None) else None,
    )


def _lines(weekly: dict[str, list[list[str]]]) -> list[tuple[int, str]]:
    return [(n, written(weekly.get(day, []))) for n, day in enumerate(hours.WEEKDAYS)]


def _season(row: dict[str, str]) -> rescheduling.Season:
    first, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
    return rescheduling.Season(first, last, row["weekly"], row["name"], row["name_en"])  # type: ignore[arg-type]
