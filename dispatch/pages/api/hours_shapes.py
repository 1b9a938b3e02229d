"""What callers send and are told about hours, closures and outages."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, model_validator

from dispatch.halls.models import AFTERWARDS, DAY_KINDS, INTAKES, REASONS
from dispatch.pages.api.forms import Body, Code, Query
from dispatch.pages.api.shapes import OpenStretch
from dispatch.pages.api.words import OneOf

Reason = Annotated[str, OneOf(REASONS)]
Intake = Annotated[str, OneOf(INTAKES)]
DayKind = Annotated[str, OneOf(DAY_KINDS)]
Afterwards = Annotated[str, OneOf(AFTERWARDS)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Clock = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Span = Annotated[list[Clock], Field(min_length=2, max_length=2)]
Spans = Annotated[list[Span], Field(max_length=6)]
Year = Annotated[int, Field(ge=2000, le=2200)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MOST_DAYS = 62


class HallQueuePath(BaseModel):
    """A queue of a hall."""

    hall: Code
    queue: Code


class HallOutagePath(BaseModel):
    """An outage of a hall."""

    hall: Code
    id: Code


class HallDayPath(BaseModel):
    """A day of a hall."""

    hall: Code
    day: date


class Because(Body):
    """Why, from a list; a note beside it is shown to people as it stands."""

    reason: Reason
    note: Note | None = None
    note_en: Note | None = None


class NewOutage(Because):
    """What cannot be worked: exactly one of `queues`, `items` and `all`."""

    queues: Annotated[list[Code], Field(max_length=50)] = []
    items: Annotated[list[Code], Field(max_length=500)] = []
    all: bool = False
    until: AwareDatetime | None = None


class NewCityOutage(Because):
    """What cannot be worked in any hall: either `items` or `all`."""

    items: Annotated[list[Code], Field(max_length=500)] = []
    all: bool = False
    until: AwareDatetime | None = None


class Pause(Because):
    """No numbers in this queue, until then or until somebody says so."""

    until: AwareDatetime | None = None


class CloseEarly(Because):
    """From `at` on, or from now, no more numbers today; `then` is for those who wait."""

    at: AwareDatetime | None = None
    then: Afterwards
    to_hall: Code | None = Field(None, description="where they are moved, with `then: move`")


class EndDay(Because):
    """The service day is over."""


class SetDay(Body):
    """One day of a hall: `duty` or `shortened` with openings, `closed`, or `ordinary` again."""

    kind: DayKind
    openings: Spans | None = None
    reason: Reason | None = None
    note: Note | None = None
    note_en: Note | None = None


class SeasonForm(Body):
    """A range of days with a week of its own."""

    first: date
    last: date
    weekly: dict[Weekday, Spans]
    name: Note
    name_en: Note


class SetHours(Body):
    """A hall's ordinary week, its seasons, or both."""

    weekly: dict[Weekday, Spans] | None = None
    seasons: Annotated[list[SeasonForm], Field(max_length=24)] | None = None


class CalendarDayForm(Body):
    """A day that is not what its weekday says."""

    day: date
    kind: Literal["holiday", "workday"]
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    name_en: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class SetCalendar(Body):
    """A whole year: its days one by one, or as the text of a CSV file."""

    year: Year
    days: Annotated[list[CalendarDayForm], Field(max_length=366)] | None = None
    csv: Annotated[str, StringConstraints(max_length=60_000)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.days is None) is (self.csv is None):
            raise ValueError("either days or csv")
        return self


class CalendarQuery(Query):
    """A year; this one, if none is named."""

    year: Year | None = None


class HoursQuery(Query):
    """So many days from a day on; two weeks from today, if nothing is said."""

    first: date | None = None
    days: int = Field(14, ge=1, le=MOST_DAYS)


class OutagesQuery(Query):
    """Outages that hold now; with `over`, those of before too."""

    over: bool = False


class OutageShown(BaseModel):
    """An outage; `waiting` counts those who keep their places meanwhile."""

    id: str
    hall: str | None
    city: str | None = Field(description="the city's own outage that this is the hall's part of")
    queues: list[str]
    items: list[str]
    all: bool
    reason: Reason
    note: str | None
    note_en: str | None
    began_at: datetime
    until: datetime | None
    ended_at: datetime | None
    waiting: int


class Outages(BaseModel):
    """Outages, the latest first."""

    outages: list[OutageShown]


class QueueIntake(BaseModel):
    """Whether a queue gives out numbers, and if not, why and until when."""

    hall: str
    queue: str
    state: Intake
    reason: Reason | None
    note: str | None
    note_en: str | None
    until: datetime | None


class DayShown(BaseModel):
    """One day of a hall: what is particular about it, and its openings with the breaks between them."""

    day: date
    kind: DayKind
    calendar: str | None = Field(description="holiday or workday, where the calendar says so")
    openings: list[OpenStretch]
    breaks: list[OpenStretch]
    reason: Reason | None
    note: str | None
    note_en: str | None
    closed_from: datetime | None
    closed_why: Reason | None
    closed_note: str | None
    closed_note_en: str | None
    then: Afterwards | None
    to_hall: str | None
    ended_at: datetime | None


class CalendarWarning(BaseModel):
    """A year that the calendar doesn't know: such days are taken for what their weekdays say."""

    code: Literal["year_unknown", "next_year_missing"]
    year: int
    message: str


class HoursShown(BaseModel):
    """When a hall is open: its week, its seasons, and the coming days as they will be."""

    hall: str
    weekly: dict[str, Any]
    makeup_workdays: bool
    public_holidays: bool
    seasons: list[dict[str, Any]]
    days: list[DayShown]
    warnings: list[CalendarWarning]


class CalendarDayShown(BaseModel):
    """A day that is not what its weekday says."""

    day: date
    kind: str
    name: str
    name_en: str


class CalendarShown(BaseModel):
    """A year of the city's calendar; `version` goes into `If-Match` when it is changed."""

    year: int
    days: list[CalendarDayShown]
    calendar_known_until: date | None
    version: str
    warnings: list[CalendarWarning]
