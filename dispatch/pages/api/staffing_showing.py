"""From the rows of staffing to what callers are told, in the hall's own time."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.halls import finding as halls
from dispatch.halls import zones
from dispatch.halls.models import Hall
from dispatch.pages.api import staffing_shapes as shapes
from dispatch.pages.shared.rosters import Roster, Told
from dispatch.people.models import Post
from dispatch.staffing import duty_days, finding
from dispatch.staffing.models import Leave, Skill
from dispatch.staffing.skill_rules import standing

Names = dict[str, str]


def staffing(session: Session, roster: Roster, actor: Actor) -> shapes.StaffingShown:
    """A hall's day."""
    place = roster.hall
    decides = actor.may("staffing.edit", place.path)
    zone = ZoneInfo(place.tz)
    return shapes.StaffingShown(
        hall=place.code,
        day=roster.day,
        as_of=roster.now.astimezone(zone),
        planned_now=roster.planned_now,
        open_now=roster.open_now,
        windows=[
            shapes.WindowPlace(
                id=row.id, name=row.name, name_en=row.name_en, kind=row.kind, zone=row.zone, state=row.state
            )
            for row in roster.windows
        ],
        staff=[
            shapes.StaffShown(account=row.id, username=row.username, role=row.role, hall=row.hall)
            for row in roster.staff
        ],
        shifts=[shift(told, roster.names, place.tz) for told in roster.shifts],
        sittings=[
            shapes.SittingShown(
                window=row.window,
                account=row.who,
                username=roster.names.get(row.who) if row.who else None,
                state=row.state,
                starts=row.starts.astimezone(zone),
                ends=row.ends.astimezone(zone) if row.ends else None,
            )
            for row in roster.sittings
        ],
        unplanned=sorted({row.window for row in roster.unplanned}),
        leave=[leave(row, roster.names, actor, place, decides=decides) for row in roster.leaves],
        asked=[leave(row, roster.names, actor, place, decides=decides) for row in roster.asked],
        posts=[post(row, roster.names, place.tz) for row in roster.posts],
        skills=skills(session, roster.skills, roster.now, place.tz),
    )


def shift(told: Told, names: Names, tz: str) -> shapes.ShiftShown:
    """A shift and how it stands."""
    row, stands, zone = told.shift, told.standing, ZoneInfo(tz)
    return shapes.ShiftShown(
        id=row.id,
        account=row.account,
        username=names[row.account],
        hall=row.hall,
        window=row.window,
        starts=row.starts.astimezone(zone),
        ends=row.ends.astimezone(zone),
        breaks=[
            shapes.StretchShown(starts=each.starts.astimezone(zone), ends=each.ends.astimezone(zone))
            for each in told.breaks
        ],
        standing=stands.standing,
        opened_at=stands.opened_at.astimezone(zone) if stands.opened_at else None,
        late_s=stands.late_s,
        left_early_s=stands.left_early_s,
        covered_by=stands.other,
    )


def leave(row: Leave, names: Names, actor: Actor, place: Hall, *, decides: bool) -> shapes.LeaveShown:
    """A leave; why somebody is away is told to herself and to whoever decides it."""
    zone = ZoneInfo(place.tz)
    return shapes.LeaveShown(
        id=row.id,
        account=row.account,
        username=names[row.account],
        hall=row.hall,
        kind=row.kind if decides or actor.id == row.account else None,
        starts=row.starts.astimezone(zone),
        ends=row.ends.astimezone(zone),
        state=row.state,
    )


def post(row: Post, names: Names, tz: str) -> shapes.PostShown:
    """A post."""
    zone = ZoneInfo(tz)
    return shapes.PostShown(
        id=row.id,
        account=row.account,
        username=names[row.account],
        hall=row.hall,
        starts=row.starts.astimezone(zone),
        ends=row.ends.astimezone(zone),
    )


def skills(session: Session, rows: Sequence[Skill], now: datetime, tz: str) -> list[shapes.SkillShown]:
    """Skills with their names, and whether they hold."""
    kinds = {kind.code: kind for kind in finding.skill_kinds(session)}
    return [
        shapes.SkillShown(
            account=row.account,
            skill=row.skill,
            name=kinds[row.skill].name,
            name_en=kinds[row.skill].name_en,
            grade=row.grade,
            expires=row.expires.astimezone(ZoneInfo(tz)) if row.expires else None,
            standing=standing(row.expires, now),
        )
        for row in rows
    ]


def duty_days_of(session: Session, place: Hall, now: datetime) -> shapes.DutyDaysShown:
    """The hall's duty days, as everybody may know them."""
    return shapes.DutyDaysShown(
        duty_days=[duty_day(found) for found in duty_days.announced(session, place, now=now)]
    )


def duty_day(found: duty_days.Announced) -> shapes.DutyDayShown:
    """One duty day with its next dates."""
    row = found.row
    return shapes.DutyDayShown(
        id=row.id,
        office=row.office,
        office_en=row.office_en,
        every=row.every,
        on=row.on,
        if_closed=row.if_closed,
        window=row.window,
        window_name=found.window.name if found.window else None,
        starts=row.starts,
        ends=row.ends,
        dates=found.dates,
    )


def zones_of(session: Session, place: Hall) -> shapes.ZonesShown:
    """The hall's zones, with what stands in each."""
    queues, windows = halls.queues_of(session, place.code), halls.windows_of(session, place.code)
    return shapes.ZonesShown(
        zones=[
            shapes.ZoneShown(
                code=row.code,
                name=row.name,
                name_en=row.name_en,
                letters=row.letters,
                voice=shapes.Voice(**row.voice),
                queues=[queue.code for queue in queues if queue.zone == row.code],
                windows=[window.id for window in windows if window.zone == row.code],
            )
            for row in zones.zones_of(session, place.code)
        ]
    )
