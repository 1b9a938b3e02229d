"""What callers send: every field named, bounded and strict."""

from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from dispatch.pages.api.words import OneOf
from dispatch.people.citizens import PersonData
from dispatch.queues.rules import PRIORITIES
from dispatch.tickets.calling import LARGEST_GROUP
from dispatch.tickets.life import CHANNELS, PARK_REASONS, VOID_REASONS
from dispatch.tickets.wanting import Wanted

CODE = r"^[A-Za-z0-9_][A-Za-z0-9_.\-]{0,59}$"
Code = Annotated[str, StringConstraints(pattern=CODE)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Channel = Annotated[str, OneOf(CHANNELS)]
Priority = Annotated[str, OneOf(PRIORITIES)]
ANSWER = r"^[a-z][a-z0-9_]*=[a-z][a-z0-9_]*$"
MOST_ROWS = 500
NEAR = r"^-?\d{1,3}(\.\d{1,10})?,-?\d{1,3}(\.\d{1,10})?$"


class Form(BaseModel):
    """A body or query: unknown fields are refused, so that a misspelled one is not silently lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(Form):
    """A JSON body; no body at all is an empty one."""

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_empty(cls, value: Any) -> Any:  # noqa: ANN401 - whatever came
        return {} if value is None else value


def _with_example(**example: Any) -> ConfigDict:  # noqa: ANN401 - JSON values
    """A body's configuration with an example for the document; the tests run every one of them."""
    shown = {"examples": {"example": {"value": example}}}
    return ConfigDict(openapi_extra=shown)  # type: ignore[typeddict-unknown-key]


class HallPath(BaseModel):
    """A hall by its code."""

    hall: Code


class CodePath(BaseModel):
    """An item or bundle by its code."""

    code: Code


class IdPath(BaseModel):
    """A ticket or window by its id."""

    id: Code


class Query(Form):
    """What every read may be asked: in which language refusals are worded."""

    lang: Literal["zh", "en"] | None = None


class Page(Query):
    """A part of a list: at most `limit` rows, going on after `cursor`."""

    limit: int = Field(100, ge=1, le=MOST_ROWS)
    cursor: int = Field(0, ge=0, le=1_000_000, description="what the previous answer gave as next_cursor")


class ItemQuery(Page):
    """Items, all or those that these words may mean."""

    q: str = Field("", max_length=120, description="in one's own words, in pinyin or by initials")


class TypedQuery(Query):
    """What has been typed so far."""

    q: str = Field(
        max_length=120, description="the beginning of a word, as written, in pinyin or by initials"
    )
    limit: int = Field(8, ge=1, le=20)


class AnswersQuery(Query):
    """Answers to an item's questions, as far as they are known."""

    answers: list[Annotated[str, StringConstraints(pattern=ANSWER, max_length=65)]] = Field(
        [], max_length=20, description="each `question=answer`, by their codes"
    )

    @property
    def by_question(self) -> dict[str, str]:
        """Question → answer; of two answers to one question the last."""
        return dict(answer.split("=", 1) for answer in self.answers)


class NoticeQuery(AnswersQuery):
    """Whose notice: what she answered, and from where she comes."""

    near: str | None = Field(None, pattern=NEAR, description="lat,lon in WGS-84")


class UnfoundQuery(Query):
    """Searches in vain of the last days, the most wanted first."""

    days: int = Field(30, ge=1, le=90)
    limit: int = Field(100, ge=1, le=MOST_ROWS)


class HallQuery(Page):
    """Halls, all or those that take an item; with `near`, the nearest first."""

    item: Code | None = None
    near: str | None = Field(None, pattern=NEAR, description="lat,lon in WGS-84")


class WaitQuery(Query):
    """Whose wait: for one item, joining now or arriving at a later time."""

    item: Code | None = None
    at: AwareDatetime | None = None


class LogQuery(Query):
    """Entries of a hall's log after a number."""

    after: int = Field(0, ge=0, le=2**53 - 1)
    limit: int = Field(100, ge=1, le=1000)


class Person(Form):
    """Who it is for. Kept sealed; boards and logs never know it."""

    name: Text
    phone: Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 \-]{4,18}[0-9]$")] | None = None
    id_kind: (
        Literal["resident_id", "passport", "hk_macao_taiwan_permit", "foreign_permanent_resident"] | None
    ) = None
    id_number: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{5,20}$")] | None = None

    @property
    def data(self) -> PersonData:
        """As the rooms know it."""
        return PersonData(**self.model_dump())


class WantedItem(Form):
    """An item and how often, such as an accountant's five firms; once, or as the body says, where nothing is said."""

    item: Code
    count: int | None = Field(None, ge=1, le=50)


def _a_bare_code(value: Any) -> Any:  # noqa: ANN401 - whatever came
    return {"item": value} if isinstance(value, str) else value


CodeOrItem = Annotated[
    WantedItem,
    BeforeValidator(_a_bare_code),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": CODE, "maxLength": 60}, WantedItem.model_json_schema()]}
    ),
]
WantedItems = Annotated[list[CodeOrItem], Field(max_length=20)]


def wanted(items: list[WantedItem], count: int = 1) -> list[Wanted]:
    """The items of a body as the rooms know them; the same one named twice without a count is one."""
    return [Wanted(each.item, each.count or count) for each in dict.fromkeys(items)]


class JourneyEnding(Form):
    """The journey that ends with this ticket, by what POST /journeys told."""

    id: Code
    secret: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class NewTicket(Body):
    """A ticket: at a hall, for items or straight for a queue."""

    model_config = _with_example(hall="H-331082112", items=["HR-CARD"], channel="app")

    hall: Code
    items: WantedItems = []
    queue: Code | None = None
    channel: Channel
    person: Person | None = None
    priority: Priority = "none"
    count: int = Field(1, ge=1, le=50, description="how often each item that is named by its bare code")
    journey: JourneyEnding | None = Field(None, description="she was under way here, and counts no longer")


class NewSession(Body):
    """Name and password of a staff account."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    otp: Annotated[str, StringConstraints(min_length=6, max_length=40)] | None = Field(
        None, description="the one-time code, or a recovery code"
    )


class CallNext(Body):
    """How to call: `finish` ends whoever is at the window first."""

    finish: StrictBool = False


class Claimed(Body):
    """`claim` is the fencing number the call returned; a stale one is refused."""

    claim: StrictInt | None = Field(None, ge=0, le=2**31 - 1)


class Finished(Claimed):
    """How she is done: `items` say what was really done, where the ticket said otherwise."""

    items: WantedItems = []


class Changed(Claimed):
    """What she really wants."""

    items: Annotated[list[CodeOrItem], Field(min_length=1, max_length=20)]


class Parked(Claimed):
    """Why she is set aside."""

    reason: Annotated[str, OneOf(PARK_REASONS)] = "other"


class Resumed(Body):
    """At which window she goes on; the one that parked her unless another is named."""

    window: Code | None = None


class Moved(Claimed):
    """Where she goes: to a queue or a window of this hall, or to another hall."""

    queue: Code | None = None
    window: Code | None = None
    hall: Code | None = None
    items: WantedItems = []


class Voided(Claimed):
    """Why the staff end the ticket."""

    reason: Annotated[str, OneOf(VOID_REASONS)] = "other"


class CallNumber(Body):
    """The ticket to call: its id, or today's number as the slip says it."""

    ticket: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=60)]


class CallGroup(Body):
    """How many are called together; `finish` ends whoever is at the window first."""

    count: int = Field(ge=1, le=LARGEST_GROUP)
    finish: StrictBool = False


class Served(Body):
    """What somebody without a ticket wants; nothing named is whatever the window's first queue is for."""

    items: WantedItems = []
    queue: Code | None = None
    person: Person | None = None
    priority: Priority = "none"


class SetClock(Body):
    """The demo's clock: forward to `now`, running at `speed`."""

    now: AwareDatetime | None = None
    speed: float | None = Field(None, ge=0, le=3600, allow_inf_nan=False)
