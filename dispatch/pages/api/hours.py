"""When halls are open, what is out of order, and the city's working days."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Response, request
from sqlalchemy.orm import Session

from dispatch.catalogue import finding as catalogue
from dispatch.foundation.access import require
from dispatch.foundation.words import translate
from dispatch.halls import calendar, finding, intake, outages, rescheduling
from dispatch.halls import hours as rules
from dispatch.halls.models import Hall, HallDay, Outage
from dispatch.pages.api import hours_shapes as shapes
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Body, HallPath, IdPath
from dispatch.pages.api.shapes import OpenStretch
from dispatch.pages.shared.calls import Call, answer, language, once
from dispatch.tickets import closing, interrupting

OUTAGE, CLOSE, HOURS, CALENDAR = "halls.outage", "halls.close", "halls.hours", "halls.calendar"
YEAR_WORDS = {
    "year_unknown": "日历里还没有 %(year)s 年的节假日,先按星期几算",
    "next_year_missing": "日历里还没有 %(year)s 年的节假日,通知出来后请录入",
}


@api.get("/halls/<string:hall>/outages", **door("hours", "anyone", shapes.Outages, 404))
def list_outages(path: HallPath, query: shapes.OutagesQuery) -> Response:
    """What cannot be worked in a hall, the latest first."""

    def read(call: Call) -> shapes.Outages:
        place = finding.hall(call.session, path.hall)
        rows = outages.of_hall(call.session, place.code, over_too=query.over)
        return shapes.Outages(outages=[_outage(call, row) for row in rows])

    return answer(read)


@api.post(
    "/halls/<string:hall>/outages",
    **door("hours", "staff", shapes.OutageShown, 401, 403, 404, 409, status=201, permission=OUTAGE),
)
def begin_outage(path: HallPath, body: shapes.NewOutage) -> Response:
    """Queues, items or the whole hall are out of order: no numbers, nobody is called, every place is kept."""

    def do(call: Call) -> shapes.OutageShown:
        place = _place(call, path.hall, OUTAGE)
        scope = outages.Scope(_each(body.queues), _items(call.session, body.items), body.all)
        why = outages.Why(body.reason, body.note, body.note_en)
        row = outages.begin(call.session, place, scope, why, until=body.until, now=call.now, actor=call.actor)
        return _outage(call, row)

    return once(do, status=201)


@api.post(
    "/halls/<string:hall>/outages/<string:id>/end",
    **door("hours", "staff", shapes.OutageShown, 401, 403, 404, permission=OUTAGE),
)
def end_outage(path: shapes.HallOutagePath, body: Body) -> Response:
    """It works again."""

    def do(call: Call) -> shapes.OutageShown:
        place = _place(call, path.hall, OUTAGE)
        row = outages.outage(call.session, path.id, place.code)
        outages.end(call.session, row, now=call.now, actor=call.actor)
        return _outage(call, row)

    return once(do)


@api.get("/city/outages", **door("hours", "anyone", shapes.Outages))
def list_city_outages(query: shapes.OutagesQuery) -> Response:
    """What cannot be worked in the whole city."""

    def read(call: Call) -> shapes.Outages:
        rows = outages.of_city(call.session, over_too=query.over)
        return shapes.Outages(outages=[_outage(call, row) for row in rows])

    return answer(read)


@api.post(
    "/city/outages",
    **door("hours", "staff", shapes.OutageShown, 401, 403, 404, 409, status=201, permission=OUTAGE),
)
def begin_city_outage(body: shapes.NewCityOutage) -> Response:
    """Items, or everything, cannot be worked in any hall."""

    def do(call: Call) -> shapes.OutageShown:
        finding.require_city(call.session, call.actor, OUTAGE, field="hall")
        scope = outages.Scope(items=_items(call.session, body.items), whole=body.all)
        why = outages.Why(body.reason, body.note, body.note_en)
        row = outages.begin_city(call.session, scope, why, until=body.until, now=call.now, actor=call.actor)
        return _outage(call, row)

    return once(do, status=201)


@api.post(
    "/city/outages/<string:id>/end",
    **door("hours", "staff", shapes.OutageShown, 401, 403, 404, permission=OUTAGE),
)
def end_city_outage(path: IdPath, body: Body) -> Response:
    """It works again in every hall."""

    def do(call: Call) -> shapes.OutageShown:
        finding.require_city(call.session, call.actor, OUTAGE, field="hall")
        row = outages.outage(call.session, path.id, None)
        outages.end(call.session, row, now=call.now, actor=call.actor)
        return _outage(call, row)

    return once(do)


@api.post(
    "/halls/<string:hall>/queues/<string:queue>/pause",
    **door("hours", "staff", shapes.QueueIntake, 401, 403, 404, permission=CLOSE),
)
def pause_queue(path: shapes.HallQueuePath, body: shapes.Pause) -> Response:
    """No numbers in this queue for a while; those who wait are served."""

    def do(call: Call) -> shapes.QueueIntake:
        place = _place(call, path.hall, CLOSE)
        row = finding.queue(call.session, place.code, path.queue)
        said = body.model_dump(include={"reason", "until", "note", "note_en"})
        intake.pause(call.session, row, **said, now=call.now, actor=call.actor)
        return _intake(call, place, path.queue)

    return once(do)


@api.post(
    "/halls/<string:hall>/queues/<string:queue>/resume",
    **door("hours", "staff", shapes.QueueIntake, 401, 403, 404, permission=CLOSE),
)
def resume_queue(path: shapes.HallQueuePath, body: Body) -> Response:
    """Numbers in this queue again; what the rule has stopped stays so."""

    def do(call: Call) -> shapes.QueueIntake:
        place = _place(call, path.hall, CLOSE)
        row = finding.queue(call.session, place.code, path.queue)
        intake.resume(call.session, row, now=call.now, actor=call.actor)
        return _intake(call, place, path.queue)

    return once(do)


@api.post(
    "/halls/<string:hall>/close-early",
    **door("hours", "staff", shapes.DayShown, 401, 403, 404, 409, permission=CLOSE),
)
def close_early(path: HallPath, body: shapes.CloseEarly) -> Response:
    """No more numbers today from `at` on; those who wait are served, moved to another hall, or told."""

    def do(call: Call) -> shapes.DayShown:
        place = _place(call, path.hall, CLOSE)
        row = closing.close_early(
            call.session,
            place,
            at=body.at,
            reason=body.reason,
            afterwards=body.then,
            to_hall=body.to_hall,
            note=body.note,
            note_en=body.note_en,
            now=call.now,
            actor=call.actor,
        )
        return _day(call.session, place, row.day)

    return once(do)


@api.post(
    "/halls/<string:hall>/reopen",
    **door("hours", "staff", shapes.DayShown, 401, 403, 404, permission=CLOSE),
)
def reopen(path: HallPath, body: Body) -> Response:
    """The hall goes on today as it would have, with the numbers where they were."""

    def do(call: Call) -> shapes.DayShown:
        place = _place(call, path.hall, CLOSE)
        row = closing.reopen(call.session, place, now=call.now, actor=call.actor)
        return _day(call.session, place, row.day)

    return once(do)


@api.post(
    "/halls/<string:hall>/end-day",
    **door("hours", "staff", shapes.DayShown, 401, 403, 404, permission=CLOSE),
)
def end_day(path: HallPath, body: shapes.EndDay) -> Response:
    """The service day is over: whoever waits expires, windows where nobody sits close."""

    def do(call: Call) -> shapes.DayShown:
        place = _place(call, path.hall, CLOSE)
        said = body.model_dump(include={"reason", "note", "note_en"})
        row = closing.end_day(call.session, place, **said, now=call.now, actor=call.actor)
        return _day(call.session, place, row.day)

    return once(do)


@api.get("/halls/<string:hall>/hours", **door("hours", "anyone", shapes.HoursShown, 404))
def show_hours(path: HallPath, query: shapes.HoursQuery) -> Response:
    """When a hall is open: its week, its seasons, and the coming days as they will be."""

    def read(call: Call) -> shapes.HoursShown:
        place = finding.hall(call.session, path.hall)
        first = query.first or call.now.astimezone(ZoneInfo(place.tz)).date()
        return _hours(call, place, first, query.days)

    return answer(read)


@api.put(
    "/halls/<string:hall>/hours",
    **door("hours", "staff", shapes.HoursShown, 401, 403, 404, permission=HOURS),
)
def set_hours(path: HallPath, body: shapes.SetHours) -> Response:
    """Give a hall another week, or other seasons."""

    def do(call: Call) -> shapes.HoursShown:
        place = _place(call, path.hall, HOURS)
        seasons = None if body.seasons is None else [_season(form) for form in body.seasons]
        rescheduling.set_week(
            call.session,
            place,
            weekly=None if body.weekly is None else _week(body.weekly),
            seasons=seasons,
            now=call.now,
            actor=call.actor,
        )
        return _hours(call, place, call.now.astimezone(ZoneInfo(place.tz)).date(), 14)

    return once(do)


@api.put(
    "/halls/<string:hall>/days/<string:day>",
    **door("hours", "staff", shapes.DayShown, 401, 403, 404, permission=HOURS),
)
def set_day(path: shapes.HallDayPath, body: shapes.SetDay) -> Response:
    """Make one day different: a Saturday on duty, a shorter day, a closure; or ordinary again."""

    def do(call: Call) -> shapes.DayShown:
        place = _place(call, path.hall, HOURS)
        said = body.model_dump(include={"openings", "reason", "note", "note_en"})
        rescheduling.set_day(call.session, place, path.day, body.kind, **said, now=call.now, actor=call.actor)
        return _day(call.session, place, path.day)

    return once(do)


@api.get("/calendar", **door("hours", "anyone", shapes.CalendarShown))
def show_calendar(query: shapes.CalendarQuery) -> Response:
    """A year's public holidays and make-up workdays; a year not known is warned of."""
    return answer(lambda call: _calendar(call, query.year))


@api.put("/calendar", **door("hours", "staff", shapes.CalendarShown, 401, 403, 412, permission=CALENDAR))
def set_calendar(body: shapes.SetCalendar) -> Response:
    """Replace a year's days; with `If-Match` only if nobody else has since."""

    def do(call: Call) -> shapes.CalendarShown:
        require(call.actor, CALENDAR)
        days = (
            calendar.read_csv(body.csv)
            if body.csv is not None
            else [calendar.Day(each.day, each.kind, each.name, each.name_en) for each in body.days or ()]
        )
        expected = request.headers.get("If-Match")
        calendar.replace_year(
            call.session,
            body.year,
            days,
            expected=expected.strip('"') if expected else None,
            now=call.now,
            actor=call.actor,
        )
        return _calendar(call, body.year)

    return once(do)


def _place(call: Call, hall: str, permission: str) -> Hall:
    """A hall in which the caller may do this."""
    place = finding.hall(call.session, hall)
    require(call.actor, permission, place.path, field="hall")
    return place


def _items(session: Session, codes: Iterable[str]) -> tuple[str, ...]:
    for code in codes:
        catalogue.item(session, code)
    return _each(codes)


def _each(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(codes)))


def _outage(call: Call, row: Outage) -> shapes.OutageShown:
    zone = ZoneInfo(finding.hall(call.session, row.hall).tz) if row.hall else call.now.tzinfo
    told = {
        name: getattr(row, name)
        for name in ("id", "hall", "city", "queues", "items", "reason", "note", "note_en")
    }
    scope = outages.Scope(tuple(row.queues), tuple(row.items), row.whole)
    return shapes.OutageShown(
        **told,
        all=row.whole,
        began_at=row.began_at.astimezone(zone),
        until=row.until.astimezone(zone) if row.until else None,
        ended_at=row.ended_at.astimezone(zone) if row.ended_at else None,
        waiting=0 if row.ended_at else interrupting.touched(call.session, row.hall, scope),
    )


def _intake(call: Call, place: Hall, code: str) -> shapes.QueueIntake:
    row = finding.queue(call.session, place.code, code)
    return shapes.QueueIntake(
        hall=place.code,
        queue=row.code,
        state=row.intake,
        reason=row.intake_reason,
        note=row.intake_note,
        note_en=row.intake_note_en,
        until=row.intake_until.astimezone(ZoneInfo(place.tz)) if row.intake_until else None,
    )


def _week(told: dict[shapes.Weekday, list[list[str]]]) -> dict[str, list[list[str]]]:
    return {str(day): spans for day, spans in told.items()}


def _season(form: shapes.SeasonForm) -> rescheduling.Season:
    return rescheduling.Season(form.first, form.last, _week(form.weekly), form.name, form.name_en)


def _hours(call: Call, place: Hall, first: date, days: int) -> shapes.HoursShown:
    last = first + timedelta(days=days - 1)
    return shapes.HoursShown(
        hall=place.code,
        weekly=place.hours["weekly"],
        makeup_workdays=bool(place.hours.get("makeup_workdays")),
        public_holidays=bool(place.hours.get("public_holidays")),
        seasons=place.seasons or [],
        days=[_day(call.session, place, first + timedelta(days=n)) for n in range(days)],
        warnings=_warnings(call, {first.year, last.year}),
    )


def _day(session: Session, place: Hall, day: date) -> shapes.DayShown:
    row = finding.hall_day(session, place.code, day) or HallDay(hall=place.code, day=day, kind="ordinary")
    zone = ZoneInfo(place.tz)
    found = finding.openings(session, place, day)
    told = {
        name: getattr(row, name)
        for name in (
            "kind",
            "reason",
            "note",
            "note_en",
            "closed_why",
            "closed_note",
            "closed_note_en",
            "to_hall",
        )
    }
    return shapes.DayShown(
        **told,
        day=day,
        calendar=finding.kind_of(session)(day),
        openings=[OpenStretch(start=each.start, end=each.end) for each in found],
        breaks=[OpenStretch(start=each.start, end=each.end) for each in rules.breaks(found)],
        closed_from=_here(row.closed_from, zone),
        then=row.afterwards,
        ended_at=_here(row.ended_at, zone),
    )


def _here(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return moment.astimezone(zone) if moment else None


def _calendar(call: Call, year: int | None) -> shapes.CalendarShown:
    asked = year or finding.city_day(call.session, call.now).year
    days = calendar.days_of(call.session, asked)
    return shapes.CalendarShown(
        year=asked,
        days=[
            shapes.CalendarDayShown(day=each.day, kind=each.kind, name=each.name, name_en=each.name_en)
            for each in days
        ],
        calendar_known_until=calendar.known_until(calendar.all_days(call.session)),
        version=calendar.version(days),
        warnings=_warnings(call, {asked}),
    )


def _warnings(call: Call, years: set[int]) -> list[shapes.CalendarWarning]:
    found = calendar.warnings(
        calendar.all_days(call.session), finding.city_day(call.session, call.now), years
    )
    return [
        shapes.CalendarWarning(
            code=each.code,
            year=each.year,
            message=translate(language(), YEAR_WORDS[each.code], year=each.year),
        )
        for each in found
    ]
