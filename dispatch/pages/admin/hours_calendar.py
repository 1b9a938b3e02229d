"""The city's calendar of working days: a year to look at, and to change as a whole."""

import calendar as months
from dataclasses import dataclass
from datetime import date

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from dispatch.foundation.access import require
from dispatch.foundation.errors import BadInput
from dispatch.halls import calendar, finding
from dispatch.halls.models import CalendarDay
from dispatch.pages.admin.shell import blueprint, enter, page, press
from dispatch.pages.shared.calls import Call, reading

ROOM, EDIT = "calendar", "halls.calendar"
YEARS = range(2000, 2201)


@dataclass(frozen=True)
class Square:
    """A day in a month's grid; `kind` is holiday, workday or nothing, `rest` an ordinary weekend."""

    day: date
    kind: str
    rest: bool
    name: str
    name_en: str


@blueprint.get("/admin/calendar")
def year_of_days() -> Response:
    """A year with its holidays and make-up workdays."""
    with reading() as call:
        desk = enter(call, ROOM)
        today = finding.city_day(call.session, call.now)
        year = _year(request.args.get("year", str(today.year)))
        days = calendar.days_of(call.session, year)
        every = calendar.all_days(call.session)
        shown = {
            "year": year,
            "today": today,
            "months": [_month(year, month, {each.day: each for each in days}) for month in range(1, 13)],
            "days": days,
            "text": "\n".join(
                [",".join(calendar.COLUMNS)]
                + [f"{each.day},{each.kind},{each.name},{each.name_en}" for each in days]
            ),
            "version": calendar.version(days),
            "known_until": calendar.known_until(every),
            "warnings": calendar.warnings(every, today, {year}),
        }
    return page("admin/hours/calendar.html", desk, **shown)


@blueprint.post("/admin/calendar")
def replace_year() -> AnyResponse:
    """Make a year's days those of the file."""

    def do(call: Call) -> str:
        require(call.actor, EDIT)
        year = _year(request.form.get("year", ""))
        days = calendar.read_csv(request.form.get("csv", "").replace("\r\n", "\n").strip() + "\n")
        expected = request.form.get("version")
        calendar.replace_year(call.session, year, days, expected=expected, now=call.now, actor=call.actor)
        return f"/admin/calendar?year={year}&done=saved"

    return press(do)


def _year(said: str) -> int:
    if not said.isdigit() or int(said) not in YEARS:
        raise BadInput(reason=said[:10], field="year")
    return int(said)


def _month(year: int, month: int, days: dict[date, CalendarDay]) -> list[list[Square | None]]:
    weeks = months.Calendar().monthdatescalendar(year, month)
    return [[_square(day, days.get(day)) if day.month == month else None for day in week] for week in weeks]


def _square(day: date, named: CalendarDay | None) -> Square:
    kind = named.kind if named else ""
    rest = day.weekday() >= calendar.SATURDAY and not kind
    return Square(day, kind, rest, named.name if named else "", named.name_en if named else "")
