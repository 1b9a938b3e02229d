"""Who works where today: the plan against what happens, leave, skills, posts and duty days of one hall."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from dispatch.catalogue import finding as catalogue
from dispatch.catalogue.models import Item
from dispatch.foundation.access import require
from dispatch.foundation.errors import BadInput
from dispatch.halls import finding as halls
from dispatch.halls import zones
from dispatch.halls.models import Hall
from dispatch.pages.admin.shell import blueprint, enter, page, press
from dispatch.pages.admin.timeline import timeline
from dispatch.pages.shared.calls import Call, reading
from dispatch.pages.shared.rosters import Roster, roster
from dispatch.pages.shared.rosters import Told as Shown
from dispatch.people.models import Account
from dispatch.staffing import duty_days, finding, leaves, posts, shifts, skills
from dispatch.staffing.duty_rules import Rule
from dispatch.staffing.gaps import Gap
from dispatch.staffing.models import Leave, Skill
from dispatch.staffing.reality import WANTS_SOMEBODY
from dispatch.staffing.skill_rules import standing
from dispatch.staffing.spans import Span
from dispatch.tickets import unserved

ROOM, EDIT = "staff", "staffing.edit"
LEAVE_VERBS: dict[str, Callable[..., None]] = {
    "grant": leaves.grant,
    "refuse": leaves.refuse,
    "withdraw": leaves.withdraw,
    "return": leaves.come_back,
}
LONGEST_NAME = 60


@dataclass(frozen=True)
class Asked:
    """A leave that wants an answer, and how many shifts lie in its way."""

    leave: Leave
    shifts: int
    own: bool


@dataclass(frozen=True)
class Held:
    """A cell of the skills matrix: the grade, whether it holds, and how many days are left."""

    skill: Skill
    standing: str
    days: int | None


@dataclass(frozen=True)
class Told:
    """A gap with the names of its queue and items."""

    gap: Gap
    queue: str
    items: list[Item]


@blueprint.get("/admin/<hall>/staff")
def staff(hall: str) -> Response:
    """The day of a hall."""
    with reading() as call:
        desk = enter(call, ROOM, hall)
        place = halls.hall(call.session, hall)
        day = _day(request.args.get("day", "")) if request.args.get("day") else None
        told = roster(call, place, day)
        today = halls.service_day(call.session, place, call.now)
        shown = {
            "roster": told,
            "timeline": timeline(told),
            "today": today,
            "wanting": _wanting(told),
            "gaps": _gaps(call, place) if told.day == today else [],
            "asked": _asked(call, told),
            "kinds": finding.skill_kinds(call.session),
            "held": _held(told),
            "duty_days": duty_days.announced(call.session, place, now=call.now),
            "zones": {zone.code: zone for zone in zones.zones_of(call.session, hall)},
            "halls": {each.code: each for each in halls.all_halls(call.session)},
            "at_windows": [account for account in told.staff if account.role in ("clerk", "supervisor")],
            "own": [account for account in told.staff if account.hall == hall],
            "elsewhere": _elsewhere(call, place),
            "edits": call.actor.may(EDIT, place.path),
            "me": call.actor.id,
            "windows": {window.id: window for window in told.windows},
            "week": timedelta(days=7),
            "tz": ZoneInfo(place.tz),
            "before": told.day - timedelta(days=1),
            "after": told.day + timedelta(days=1),
        }
    return page("admin/staff/page.html", desk, **shown)


@blueprint.post("/admin/<hall>/staff/shifts")
def plan_shift(hall: str) -> AnyResponse:
    """Plan somebody for a day."""

    def do(call: Call) -> str:
        place, day = _judged(call, hall), _day(request.form.get("day", ""))
        window = request.form.get("window") or None
        shifts.plan(
            call.session,
            place,
            finding.account(call.session, request.form.get("account", "")),
            _span(place, day, "starts", "ends"),
            window=halls.window(call.session, window) if window else None,
            breaks=[_span(place, day, "break_starts", "break_ends")]
            if request.form.get("break_starts")
            else [],
            now=call.now,
            actor=call.actor,
        )
        return _back(hall, day, "planned")

    return press(do)


@blueprint.post("/admin/<hall>/staff/shifts/<ident>/drop")
def drop_shift(hall: str, ident: str) -> AnyResponse:
    """Take a shift off."""

    def do(call: Call) -> str:
        place = _judged(call, hall)
        shift = finding.shift(call.session, hall, ident)
        day = shift.starts.astimezone(ZoneInfo(place.tz)).date()
        shifts.drop(call.session, shift, now=call.now, actor=call.actor)
        return _back(hall, day, "dropped")

    return press(do)


@blueprint.post("/admin/<hall>/staff/repeat")
def repeat_day(hall: str) -> AnyResponse:
    """Plan a day as another one was."""

    def do(call: Call) -> str:
        place, day = _judged(call, hall), _day(request.form.get("day", ""))
        like = _day(request.form.get("like", ""))
        done = shifts.repeat(call.session, place, like, day, now=call.now, actor=call.actor)
        return _back(hall, day, "repeated" if not done.left_out else "repeated_in_part")

    return press(do)


@blueprint.post("/admin/<hall>/staff/leave")
def ask_leave(hall: str) -> AnyResponse:
    """Ask for leave: one's own, or with the permission to plan here somebody's."""

    def do(call: Call) -> str:
        place = halls.hall(call.session, hall)
        ident = request.form.get("account") or call.actor.id
        if ident != call.actor.id:
            require(call.actor, EDIT, place.path, field="hall")
        account = finding.account_of(call.session, place, ident)
        span = Span(_moment(place, "starts"), _moment(place, "ends"))
        kind = request.form.get("kind", "")
        leaves.ask(call.session, place, account, kind, span, now=call.now, actor=call.actor)
        return _back(hall, None, "asked")

    return press(do)


@blueprint.post("/admin/<hall>/staff/leave/<ident>/<verb>")
def decide_leave(hall: str, ident: str, verb: str) -> AnyResponse:
    """Grant, refuse, withdraw, or end a leave."""

    def do(call: Call) -> str:
        place = halls.hall(call.session, hall)
        leave = finding.leave(call.session, hall, ident)
        if verb not in LEAVE_VERBS:
            raise BadInput(reason=verb, field="verb")
        if verb in ("grant", "refuse") or leave.account != call.actor.id:
            require(call.actor, EDIT, place.path, field="hall")
        more = {"drop_shifts": request.form.get("drop_shifts") == "yes"} if verb == "grant" else {}
        LEAVE_VERBS[verb](call.session, leave, **more, now=call.now, actor=call.actor)
        return _back(hall, None, verb)

    return press(do)


@blueprint.post("/admin/<hall>/staff/skills")
def grant_skill(hall: str) -> AnyResponse:
    """Grant a skill, change it, or with grade 0 take it away."""

    def do(call: Call) -> str:
        place = _judged(call, hall)
        account = finding.account_of(call.session, place, request.form.get("account", ""))
        skill, grade = request.form.get("skill", ""), request.form.get("grade", "")
        if grade == "0":
            skills.withdraw(call.session, place, account, skill, now=call.now, actor=call.actor)
            return _back(hall, None, "skill_gone")
        until = request.form.get("expires")
        skills.grant(
            call.session,
            place,
            account,
            skill,
            _whole(grade, "grade"),
            expires=finding.day_of(place, _day(until)).ends if until else None,
            now=call.now,
            actor=call.actor,
        )
        return _back(hall, None, "skilled")

    return press(do)


@blueprint.post("/admin/<hall>/staff/posts")
def give_post(hall: str) -> AnyResponse:
    """Post somebody of another hall here."""

    def do(call: Call) -> str:
        place = _judged(call, hall)
        account = finding.account(call.session, request.form.get("account", ""))
        require(call.actor, EDIT, finding.home_of(call.session, account).path, field="account")
        first, last = (_day(request.form.get(name, "")) for name in ("first", "last"))
        span = Span(finding.day_of(place, first).starts, finding.day_of(place, last).ends)
        posts.give(call.session, account, place, span, now=call.now, actor=call.actor)
        return _back(hall, None, "posted")

    return press(do)


@blueprint.post("/admin/<hall>/staff/posts/<ident>/end")
def end_post(hall: str, ident: str) -> AnyResponse:
    """End a post before its time."""

    def do(call: Call) -> str:
        _judged(call, hall)
        post = finding.post(call.session, hall, ident)
        posts.end(call.session, post, now=call.now, actor=call.actor)
        return _back(hall, None, "post_ended")

    return press(do)


@blueprint.post("/admin/<hall>/staff/duty-days")
def set_duty_day(hall: str) -> AnyResponse:
    """Leaders of an office sit here by a rule."""

    def do(call: Call) -> str:
        place = _judged(call, hall)
        every, _, on = request.form.get("rule", "").partition(":")
        window = request.form.get("window") or None
        office = duty_days.Office(_name("office"), _name("office_en"), _clock("starts"), _clock("ends"))
        duty_days.set_day(
            call.session,
            place,
            office,
            Rule("week" if every == "week" else "month", _whole(on, "rule")),
            window=halls.window(call.session, window) if window else None,
            now=call.now,
            actor=call.actor,
        )
        return _back(hall, None, "duty_set")

    return press(do)


@blueprint.post("/admin/<hall>/staff/duty-days/<ident>/drop")
def drop_duty_day(hall: str, ident: str) -> AnyResponse:
    """They no longer do."""

    def do(call: Call) -> str:
        _judged(call, hall)
        row = finding.duty_day(call.session, hall, ident)
        duty_days.drop(call.session, row, now=call.now, actor=call.actor)
        return _back(hall, None, "duty_gone")

    return press(do)


def _wanting(told: Roster) -> list[Shown]:
    """Shifts that want somebody, in the order of their windows."""
    places = {window.id: place for place, window in enumerate(told.windows)}
    wanting = [row for row in told.shifts if row.standing.standing in WANTS_SOMEBODY]
    return sorted(wanting, key=lambda row: places.get(row.shift.window or "", len(places)))


def _gaps(call: Call, place: Hall) -> list[Told]:
    found = unserved.in_hall(call.session, place, now=call.now)
    names = {
        item.code: item
        for item in catalogue.items_ever(call.session, {i for gap in found for i in gap.items})
    }
    letters = {queue.code: queue.letter for queue in halls.queues_of(call.session, place.code)}
    return [
        Told(gap, letters.get(gap.queue, gap.queue), [names[i] for i in gap.items if i in names])
        for gap in found
    ]


def _asked(call: Call, told: Roster) -> list[Asked]:
    return [
        Asked(
            leave,
            len(finding.shifts_of(call.session, leave.account, Span(leave.starts, leave.ends))),
            leave.account == call.actor.id,
        )
        for leave in told.asked
    ]


def _held(told: Roster) -> dict[tuple[str, str], Held]:
    return {
        (skill.account, skill.skill): Held(
            skill,
            standing(skill.expires, told.now),
            None if skill.expires is None else (skill.expires - told.now).days,
        )
        for skill in told.skills
    }


def _elsewhere(call: Call, place: Hall) -> list[tuple[Account, Hall]]:
    """Whom the caller may post here: clerks and guides of other halls that he plans for."""
    by_code = {each.code: each for each in halls.all_halls(call.session)}
    return [
        (account, by_code[account.hall])
        for account in finding.movable(call.session)
        if not place.path.startswith(by_code[account.hall].path)
        and call.actor.may(EDIT, by_code[account.hall].path)
    ]


def _judged(call: Call, hall: str) -> Hall:
    place = halls.hall(call.session, hall)
    require(call.actor, EDIT, place.path, field="hall")
    return place


def _back(hall: str, day: date | None, done: str) -> str:
    return f"/admin/{hall}/staff?{f'day={day.isoformat()}&' if day else ''}done={done}"


def _day(told: str) -> date:
    try:
        day = date.fromisoformat(told)
    except ValueError as error:
        raise BadInput(reason=told[:20], field="day") from error
    if not 2000 <= day.year < 2200:
        raise BadInput(reason=told[:20], field="day")
    return day


def _clock(field: str) -> time:
    told = request.form.get(field, "")
    try:
        return time.fromisoformat(told).replace(tzinfo=None)
    except ValueError as error:
        raise BadInput(reason=told[:20], field=field) from error


def _span(place: Hall, day: date, starts: str, ends: str) -> Span:
    zone = ZoneInfo(place.tz)
    return Span(datetime.combine(day, _clock(starts), zone), datetime.combine(day, _clock(ends), zone))


def _moment(place: Hall, field: str) -> datetime:
    told = request.form.get(field, "")
    day, _, clock = told.partition("T")
    try:
        return datetime.combine(_day(day), time.fromisoformat(clock).replace(tzinfo=None), ZoneInfo(place.tz))
    except ValueError as error:
        raise BadInput(reason=told[:20], field=field) from error


def _whole(told: str, field: str) -> int:
    if not (told.isascii() and told.isdigit() and len(told) <= 3):
        raise BadInput(reason=told[:20], field=field)
    return int(told)


def _name(field: str) -> str:
    told = request.form.get(field, "").strip()
    if not 0 < len(told) <= LONGEST_NAME:
        raise BadInput(reason=told[:20], field=field)
    return told
