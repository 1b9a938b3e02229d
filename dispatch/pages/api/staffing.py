"""Who works where and when: shifts, leave, posts, skills, duty days, zones, and the plan against what happened."""

from collections.abc import Callable
from datetime import time, timedelta

from flask import Response
from pydantic import BaseModel

from dispatch.foundation.access import require
from dispatch.foundation.errors import NotSignedIn
from dispatch.halls import configuring
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall, Window
from dispatch.halls.zones import Voice, ZoneSpec
from dispatch.pages.api import staffing_shapes as shapes
from dispatch.pages.api import staffing_showing as showing
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Body, HallPath, Query
from dispatch.pages.shared.calls import Call, answer, once
from dispatch.pages.shared.rosters import roster, told_of
from dispatch.staffing import duty_days, finding, leaves, posts, shifts, skills
from dispatch.staffing.duty_rules import Rule
from dispatch.staffing.life import LEAVE_STATES
from dispatch.staffing.models import Leave
from dispatch.staffing.spans import Span
from dispatch.tickets import unserved

SEE, EDIT = "staffing.see", "staffing.edit"
AHEAD = timedelta(days=31)
TAG = "staffing"


def judged(call: Call, hall: str, permission: str) -> Hall:
    """The hall, for somebody who holds the permission there; NotFound, NotSignedIn, NotAllowed."""
    place = halls.hall(call.session, hall)
    require(call.actor, permission, place.path, field="hall")
    return place


@api.get(
    "/halls/<string:hall>/staffing", **door(TAG, "staff", shapes.StaffingShown, 401, 403, 404, permission=SEE)
)
def show_staffing(path: HallPath, query: shapes.DayQuery) -> Response:
    """A hall's day: who should be where, and who really was; today unless another day is asked for."""

    def read(call: Call) -> shapes.StaffingShown:
        place = judged(call, path.hall, SEE)
        return showing.staffing(call.session, roster(call, place, query.day), call.actor)

    return answer(read)


@api.get(
    "/halls/<string:hall>/staffing/gaps",
    **door(TAG, "staff", shapes.GapsShown, 401, 403, 404, permission=SEE),
)
def show_gaps(path: HallPath, query: Query) -> Response:
    """Who waits for something that nobody at an open window may serve."""

    def read(call: Call) -> shapes.GapsShown:
        place = judged(call, path.hall, SEE)
        found = unserved.in_hall(call.session, place, now=call.now)
        rows = [
            shapes.GapShown(queue=gap.queue, items=list(gap.items), waiting=gap.waiting, because=gap.because)
            for gap in found
        ]
        return shapes.GapsShown(hall=place.code, as_of=call.now, gaps=rows)

    return answer(read)


@api.get("/staffing/me", **door(TAG, "self", shapes.MyStaffing, 401))
def show_my_staffing(query: Query) -> Response:
    """One's own next month."""

    def read(call: Call) -> shapes.MyStaffing:
        if call.actor.kind != "staff":
            raise NotSignedIn
        session, now = call.session, call.now
        account = finding.account(session, call.actor.id)
        place = halls.hall(session, account.hall)
        names, during = {account.id: account.username}, Span(now - timedelta(days=1), now + AHEAD)
        own = finding.shifts_of(session, account.id, during)
        away = finding.leaves_of(session, [account.id], during, LEAVE_STATES)
        return shapes.MyStaffing(
            account=account.id,
            hall=place.code,
            as_of=now,
            shifts=[showing.shift(told_of(session, shift, now), names, place.tz) for shift in own],
            leave=[showing.leave(row, names, call.actor, place, decides=False) for row in away],
            posts=[
                showing.post(row, names, place.tz) for row in finding.posts_of(session, account.id, during)
            ],
            skills=showing.skills(session, finding.skills_of(session, [account.id]), now, place.tz),
        )

    return answer(read)


# --- shifts ---------------------------------------------------------------------------------------------


@api.post(
    "/halls/<string:hall>/shifts",
    **door(TAG, "staff", shapes.ShiftShown, 401, 403, 404, 409, status=201, permission=EDIT),
)
def plan_shift(path: HallPath, body: shapes.NewShift) -> Response:
    """Plan somebody for the hall: one person in one place at a time, one window with one person."""

    def do(call: Call) -> shapes.ShiftShown:
        place = judged(call, path.hall, EDIT)
        account = finding.account(call.session, body.account)
        shift = shifts.plan(
            call.session,
            place,
            account,
            _span(body),
            window=_window(call, body.window),
            breaks=[_span(pause) for pause in body.breaks],
            now=call.now,
            actor=call.actor,
        )
        names = {account.id: account.username}
        return showing.shift(told_of(call.session, shift, call.now), names, place.tz)

    return once(do, status=201)


@api.delete(
    "/halls/<string:hall>/shifts/<string:id>", **door(TAG, "staff", None, 401, 403, 404, 409, permission=EDIT)
)
def drop_shift(path: shapes.HallPartPath) -> Response:
    """The shift is off."""

    def do(call: Call) -> None:
        judged(call, path.hall, EDIT)
        shift = finding.shift(call.session, path.hall, path.id)
        shifts.drop(call.session, shift, now=call.now, actor=call.actor)

    return once(do)


# --- leave ----------------------------------------------------------------------------------------------


@api.post(
    "/halls/<string:hall>/leave",
    **door(TAG, "self", shapes.LeaveShown, 401, 403, 404, 409, status=201),
)
def ask_leave(path: HallPath, body: shapes.NewLeave) -> Response:
    """Ask for leave: for oneself in one's own hall, for others with the permission to plan there."""

    def do(call: Call) -> shapes.LeaveShown:
        place = halls.hall(call.session, path.hall)
        if call.actor.kind != "staff":
            raise NotSignedIn
        if body.account not in (None, call.actor.id):
            require(call.actor, EDIT, place.path, field="hall")
        account = finding.account_of(call.session, place, body.account or call.actor.id)
        leave = leaves.ask(
            call.session, place, account, body.kind, _span(body), now=call.now, actor=call.actor
        )
        return _leave_shown(call, leave)

    return once(do, status=201)


@api.post(
    "/halls/<string:hall>/leave/<string:id>/grant",
    **door(TAG, "staff", shapes.LeaveShown, 401, 403, 404, 409, permission=EDIT),
)
def grant_leave(path: shapes.HallPartPath, body: shapes.Granted) -> Response:
    """Grant it; 409 `leave_over_shifts` while shifts lie in that time, unless `drop_shifts` takes them off."""

    def do(call: Call) -> shapes.LeaveShown:
        judged(call, path.hall, EDIT)
        leave = finding.leave(call.session, path.hall, path.id)
        leaves.grant(call.session, leave, drop_shifts=body.drop_shifts, now=call.now, actor=call.actor)
        return _leave_shown(call, leave)

    return once(do)


@api.post(
    "/halls/<string:hall>/leave/<string:id>/refuse",
    **door(TAG, "staff", shapes.LeaveShown, 401, 403, 404, 409, permission=EDIT),
)
def refuse_leave(path: shapes.HallPartPath, body: Body) -> Response:
    """Refuse it."""

    def do(call: Call) -> shapes.LeaveShown:
        judged(call, path.hall, EDIT)
        leave = finding.leave(call.session, path.hall, path.id)
        leaves.refuse(call.session, leave, now=call.now, actor=call.actor)
        return _leave_shown(call, leave)

    return once(do)


@api.post(
    "/halls/<string:hall>/leave/<string:id>/withdraw",
    **door(TAG, "self", shapes.LeaveShown, 401, 403, 404, 409),
)
def withdraw_leave(path: shapes.HallPartPath, body: Body) -> Response:
    """Take it back before it begins: whoever asked for it, or whoever plans here."""
    return once(lambda call: _own_leave(call, path, leaves.withdraw))


@api.post(
    "/halls/<string:hall>/leave/<string:id>/return",
    **door(TAG, "self", shapes.LeaveShown, 401, 403, 404, 409),
)
def return_from_leave(path: shapes.HallPartPath, body: Body) -> Response:
    """Back before its time: the leave ends now."""
    return once(lambda call: _own_leave(call, path, leaves.come_back))


# --- posts ----------------------------------------------------------------------------------------------


@api.post(
    "/halls/<string:hall>/posts",
    **door(TAG, "staff", shapes.PostShown, 401, 403, 404, 409, status=201, permission=EDIT),
)
def give_post(path: HallPath, body: shapes.NewPost) -> Response:
    """Post somebody of another hall here: who does so plans in both halls."""

    def do(call: Call) -> shapes.PostShown:
        place = judged(call, path.hall, EDIT)
        account = finding.account(call.session, body.account)
        require(call.actor, EDIT, finding.home_of(call.session, account).path, field="account")
        post = posts.give(call.session, account, place, _span(body), now=call.now, actor=call.actor)
        return showing.post(post, {account.id: account.username}, place.tz)

    return once(do, status=201)


@api.post(
    "/halls/<string:hall>/posts/<string:id>/end",
    **door(TAG, "staff", None, 401, 403, 404, 409, permission=EDIT),
)
def end_post(path: shapes.HallPartPath, body: Body) -> Response:
    """End a post before its time."""

    def do(call: Call) -> None:
        judged(call, path.hall, EDIT)
        posts.end(
            call.session, finding.post(call.session, path.hall, path.id), now=call.now, actor=call.actor
        )

    return once(do)


# --- skills ---------------------------------------------------------------------------------------------


@api.post(
    "/halls/<string:hall>/skills",
    **door(TAG, "staff", shapes.SkillShown, 401, 403, 404, 409, status=201, permission=EDIT),
)
def grant_skill(path: HallPath, body: shapes.NewSkill) -> Response:
    """Grant a skill to somebody who belongs to the hall, or change its grade or expiry."""

    def do(call: Call) -> shapes.SkillShown:
        place = judged(call, path.hall, EDIT)
        skill = skills.grant(
            call.session,
            place,
            finding.account_of(call.session, place, body.account),
            body.skill,
            body.grade,
            expires=body.expires,
            now=call.now,
            actor=call.actor,
        )
        return showing.skills(call.session, [skill], call.now, place.tz)[0]

    return once(do, status=201)


@api.delete(
    "/halls/<string:hall>/skills/<string:account>/<string:skill>",
    **door(TAG, "staff", None, 401, 403, 404, 409, permission=EDIT),
)
def withdraw_skill(path: shapes.SkillPath) -> Response:
    """Take a skill away."""

    def do(call: Call) -> None:
        place = judged(call, path.hall, EDIT)
        account = finding.account_of(call.session, place, path.account)
        skills.withdraw(call.session, place, account, path.skill, now=call.now, actor=call.actor)

    return once(do)


# --- duty days and zones --------------------------------------------------------------------------------


@api.get("/halls/<string:hall>/duty-days", **door(TAG, "anyone", shapes.DutyDaysShown, 404))
def show_duty_days(path: HallPath, query: Query) -> Response:
    """When leaders of which office sit here, with the next dates."""
    return answer(
        lambda call: showing.duty_days_of(call.session, halls.hall(call.session, path.hall), call.now)
    )


@api.post(
    "/halls/<string:hall>/duty-days",
    **door(TAG, "staff", shapes.DutyDayShown, 401, 403, 404, status=201, permission=EDIT),
)
def set_duty_day(path: HallPath, body: shapes.NewDutyDay) -> Response:
    """From now on leaders of an office sit here by this rule."""

    def do(call: Call) -> shapes.DutyDayShown:
        place = judged(call, path.hall, EDIT)
        office = duty_days.Office(
            body.office, body.office_en, time.fromisoformat(body.starts), time.fromisoformat(body.ends)
        )
        row = duty_days.set_day(
            call.session,
            place,
            office,
            Rule(body.every, body.on, body.if_closed),
            window=_window(call, body.window),
            now=call.now,
            actor=call.actor,
        )
        return showing.duty_day(duty_days.with_dates(call.session, place, row, now=call.now))

    return once(do, status=201)


@api.delete(
    "/halls/<string:hall>/duty-days/<string:id>", **door(TAG, "staff", None, 401, 403, 404, permission=EDIT)
)
def drop_duty_day(path: shapes.HallPartPath) -> Response:
    """They no longer do."""

    def do(call: Call) -> None:
        judged(call, path.hall, EDIT)
        row = finding.duty_day(call.session, path.hall, path.id)
        duty_days.drop(call.session, row, now=call.now, actor=call.actor)

    return once(do)


@api.get("/halls/<string:hall>/zones", **door(TAG, "anyone", shapes.ZonesShown, 404))
def show_zones(path: HallPath, query: Query) -> Response:
    """The hall's zones with their letters and voices."""
    return answer(lambda call: showing.zones_of(call.session, halls.hall(call.session, path.hall)))


@api.put(
    "/halls/<string:hall>/zones/<string:zone>",
    **door(TAG, "staff", shapes.ZonesShown, 401, 403, 404, permission=EDIT),
)
def set_zone(path: shapes.ZonePath, body: shapes.SetZone) -> Response:
    """Make a zone what is described: names, letters and voice. Which queues stand in it is the hall's description."""

    def do(call: Call) -> shapes.ZonesShown:
        place = judged(call, path.hall, EDIT)
        voice = Voice(**body.voice.model_dump())
        spec = ZoneSpec(path.zone, body.name, body.name_en, body.letters, voice)
        configuring.set_zone(call.session, place.code, spec, now=call.now, actor=call.actor)
        return showing.zones_of(call.session, place)

    return once(do)


def _own_leave(call: Call, path: shapes.HallPartPath, verb: Callable[..., None]) -> BaseModel:
    """A verb on a leave that its owner may use too."""
    place = halls.hall(call.session, path.hall)
    if call.actor.kind != "staff":
        raise NotSignedIn
    leave = finding.leave(call.session, path.hall, path.id)
    if leave.account != call.actor.id:
        require(call.actor, EDIT, place.path, field="hall")
    verb(call.session, leave, now=call.now, actor=call.actor)
    return _leave_shown(call, leave)


def _leave_shown(call: Call, leave: Leave) -> shapes.LeaveShown:
    place = halls.hall(call.session, leave.hall)
    names = finding.named(call.session, [leave.account])
    return showing.leave(leave, names, call.actor, place, decides=call.actor.may(EDIT, place.path))


def _window(call: Call, ident: str | None) -> Window | None:
    return halls.window(call.session, ident) if ident else None


def _span(told: shapes.Stretch) -> Span:
    return Span(told.starts, told.ends)
