"""What callers send and are told about shifts, leave, posts, skills, duty days and zones."""

from datetime import UTC, date, datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, Field, StrictBool, StringConstraints, model_validator

from dispatch.halls.models import WINDOW_KINDS, WINDOW_STATES
from dispatch.halls.zones import LANGUAGES, RATE, VOLUME
from dispatch.pages.api.forms import Body, Code, Query, Text
from dispatch.pages.api.words import OneOf
from dispatch.staffing import gaps
from dispatch.staffing.duty_rules import EVERY, IF_CLOSED
from dispatch.staffing.life import LEAVE_KINDS, LEAVE_STATES
from dispatch.staffing.reality import STANDINGS
from dispatch.staffing.skill_rules import GRADES
from dispatch.staffing.skill_rules import STANDINGS as SKILL_STANDINGS

MOST_BREAKS = 4
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
Moment = Annotated[AwareDatetime, Field(ge=_FIRST, lt=_LAST)]
Day = Annotated[date, Field(ge=_FIRST.date(), lt=_LAST.date())]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Grade = Annotated[int, Field(ge=GRADES[0], le=GRADES[-1])]
LeaveKind = Annotated[str, OneOf(LEAVE_KINDS)]
LeaveState = Annotated[str, OneOf(LEAVE_STATES)]
Every = Annotated[str, OneOf(EVERY)]
IfClosed = Annotated[str, OneOf(IF_CLOSED)]
ZoneCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,19}$")]
Language = Annotated[str, OneOf(LANGUAGES)]


class DayQuery(Query):
    """Which day of the hall; its service day unless another is named."""

    day: Day | None = None


class HallPartPath(BaseModel):
    """Something of a hall, by its id."""

    hall: Code
    id: Code


class SkillPath(BaseModel):
    """A skill of somebody who belongs to a hall."""

    hall: Code
    account: Code
    skill: Code


class ZonePath(BaseModel):
    """A zone of a hall."""

    hall: Code
    zone: ZoneCode


class Stretch(Body):
    """From one moment to another."""

    starts: Moment
    ends: Moment


class NewShift(Stretch):
    """Somebody is to work in the hall, at a window or wherever needed."""

    account: Code
    window: Code | None = None
    breaks: Annotated[list[Stretch], Field(max_length=MOST_BREAKS)] = []


class NewLeave(Stretch):
    """Somebody wishes to be away; without `account`, the caller."""

    account: Code | None = None
    kind: LeaveKind


class Granted(Body):
    """How a leave is granted: with `drop_shifts` what this hall planned meanwhile is off."""

    drop_shifts: StrictBool = False


class NewPost(Stretch):
    """Somebody of another hall works here for a while."""

    account: Code


class NewSkill(Body):
    """What somebody may do, how well, and until when."""

    account: Code
    skill: Code
    grade: Grade
    expires: Moment | None = None


class NewDutyDay(Body):
    """Leaders of an office sit here every month on day `on` (1–31), or every week on weekday `on` (0 is Monday)."""

    office: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    office_en: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=140)]
    every: Every
    on: int = Field(ge=0, le=31)
    if_closed: IfClosed = "next"
    starts: Clock
    ends: Clock
    window: Code | None = None


class Voice(Body):
    """How calls are spoken in a zone."""

    languages: Annotated[list[Language], Field(min_length=1, max_length=2)] = ["zh"]
    rate: float = Field(1.0, ge=RATE[0], le=RATE[1], allow_inf_nan=False)
    volume: float = Field(1.0, ge=VOLUME[0], le=VOLUME[1], allow_inf_nan=False)
    speaker: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.languages)) < len(self.languages):
            raise ValueError("a language stands twice")
        return self


class SetZone(Body):
    """A zone as it should be."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    name_en: Text
    letters: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]], Field(min_length=1, max_length=26)
    ]
    voice: Voice = Voice()


class StretchShown(BaseModel):
    """From one moment to another."""

    starts: datetime
    ends: datetime


class ShiftShown(BaseModel):
    """A shift, and how it stands: late or left early by so many seconds beyond the grace, or served by another."""

    id: str
    account: str
    username: str
    hall: str
    window: str | None
    starts: datetime
    ends: datetime
    breaks: list[StretchShown]
    standing: Annotated[str, OneOf(STANDINGS)]
    opened_at: datetime | None
    late_s: int
    left_early_s: int
    covered_by: str | None


class SittingShown(BaseModel):
    """A window was open or paused, and still is where `ends` is null."""

    window: str
    account: str | None
    username: str | None
    state: Annotated[str, OneOf(("open", "paused"))]
    starts: datetime
    ends: datetime | None


class LeaveShown(BaseModel):
    """A leave; its kind is told to whom it concerns and to whoever decides it."""

    id: str
    account: str
    username: str
    hall: str
    kind: LeaveKind | None
    starts: datetime
    ends: datetime
    state: LeaveState


class PostShown(BaseModel):
    """Somebody works for a while in another hall."""

    id: str
    account: str
    username: str
    hall: str
    starts: datetime
    ends: datetime


class SkillShown(BaseModel):
    """A skill, and whether it holds."""

    account: str
    skill: str
    name: str
    name_en: str
    grade: int
    expires: datetime | None
    standing: Annotated[str, OneOf(SKILL_STANDINGS)]


class WindowPlace(BaseModel):
    """A window, where it stands and what it is for."""

    id: str
    name: str
    name_en: str
    kind: Annotated[str, OneOf(WINDOW_KINDS)]
    zone: str | None
    state: Annotated[str, OneOf(WINDOW_STATES)]


class StaffShown(BaseModel):
    """Somebody who works here."""

    account: str
    username: str
    role: str
    hall: str


class StaffingShown(BaseModel):
    """A hall's day: who should be where, who was, and what stands in the way."""

    hall: str
    day: date
    as_of: datetime
    planned_now: int
    open_now: int
    windows: list[WindowPlace]
    staff: list[StaffShown]
    shifts: list[ShiftShown]
    sittings: list[SittingShown]
    unplanned: list[str]
    leave: list[LeaveShown]
    asked: list[LeaveShown]
    posts: list[PostShown]
    skills: list[SkillShown]


class MyStaffing(BaseModel):
    """One's own next month: shifts, leave, posts and skills."""

    account: str
    hall: str
    as_of: datetime
    shifts: list[ShiftShown]
    leave: list[LeaveShown]
    posts: list[PostShown]
    skills: list[SkillShown]


class GapShown(BaseModel):
    """So many wait in a queue with such items, and nobody at an open window may serve them."""

    queue: str
    items: list[str]
    waiting: int
    because: Annotated[str, OneOf(gaps.REASONS)]


class GapsShown(BaseModel):
    """Whom nobody may serve just now."""

    hall: str
    as_of: datetime
    gaps: list[GapShown]


class DutyDayShown(BaseModel):
    """When leaders of an office sit here, with the next dates."""

    id: str
    office: str
    office_en: str
    every: Every
    on: int
    if_closed: IfClosed
    window: str | None
    window_name: str | None
    starts: Clock
    ends: Clock
    dates: list[date]


class DutyDaysShown(BaseModel):
    """A hall's duty days, the soonest first."""

    duty_days: list[DutyDayShown]


class ZoneShown(BaseModel):
    """A part of a hall with letters, screens and a speaker of its own."""

    code: str
    name: str
    name_en: str
    letters: list[str]
    voice: Voice
    queues: list[str]
    windows: list[str]


class ZonesShown(BaseModel):
    """A hall's zones."""

    zones: list[ZoneShown]
