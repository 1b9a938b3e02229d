"""The format of a city directory, as models. What spans several values is judged in `reading`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Level = Literal["city", "district", "street", "village"]
HallKind = Literal["hall", "partner", "kiosk_site"]
PartnerKind = Literal[
    "police",
    "tax",
    "vehicle",
    "marriage",
    "realestate",
    "hospital",
    "bank",
    "enterprise_centre",
    "utility",
    "post",
    "court",
]
WindowKind = Literal["general", "acceptance", "payment", "agent", "tidal"]
Zone = Literal["A", "B", "C", "D"]
Mode = Literal["handle", "receive", "agent"]
Channel = Literal["app", "web", "kiosk", "counter"]
Presence = Literal["in_person", "first_time_in_person", "site_visit", "none"]
Territory = Literal["any", "district", "home"]
DayUnit = Literal["working", "calendar"]
ServiceObject = Literal["person", "legal", "both"]
Need = Literal["must", "one_of", "alternative", "conditional", "optional", "selectable"]
MemberLevel = Literal["city", "district", "street", "village", "partner", "online"]
DayKind = Literal["holiday", "workday"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

LEVELS: tuple[Level, ...] = get_args(Level)
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

CODE = r"^[A-Z0-9]+(-[A-Z0-9]+)*$"
LETTER = r"^[A-Z]$"
WINDOW_CODE = r"^[A-Z0-9]{1,8}$"
SLUG = r"^[a-z][a-z0-9_]*$"
CHOICE = r"^[a-z][a-z0-9_]*=[a-z][a-z0-9_]*$"
CLOCK_TIME = r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"
TEXT = r"^\S(.*\S)?$"
LINK = r"^https://\S+$"
VIDEO = r"^https://[A-Za-z0-9.\-]+(:[0-9]{1,5})?/[A-Za-z0-9_.~%/\-]+$"
# What to tell people in place of a regular expression.
SHAPES = {
    CODE: "must be capitals and digits, parted by dashes",
    LETTER: "must be one capital letter",
    WINDOW_CODE: "must be 1 to 8 capitals and digits",
    SLUG: "must be small letters, digits and _, a letter first",
    CHOICE: "must be question=answer, by their codes",
    CLOCK_TIME: "must be a time from 00:00 to 24:00",
    TEXT: "must be one line that neither begins nor ends with white space",
    LINK: "must be an https address",
    VIDEO: "must be the https address of a film, host and path only",
}

Code = Annotated[str, Field(pattern=CODE, max_length=32)]
Letter = Annotated[str, Field(pattern=LETTER)]
WindowCode = Annotated[str, Field(pattern=WINDOW_CODE)]
Slug = Annotated[str, Field(pattern=SLUG, max_length=32)]
ZoneCode = Annotated[str, Field(pattern=SLUG, max_length=20)]
Choice = Annotated[str, Field(pattern=CHOICE, max_length=65)]
ClockTime = Annotated[str, Field(pattern=CLOCK_TIME)]
Video = Annotated[str, Field(pattern=VIDEO, max_length=300)]
Span = tuple[ClockTime, ClockTime]
Point = tuple[
    Annotated[float, Field(ge=-90, le=90)],
    Annotated[float, Field(ge=-180, le=180)],
]

# The lengths that boards, tickets and phones have room for.
Name = Annotated[str, Field(pattern=TEXT, max_length=60)]
NameEn = Annotated[str, Field(pattern=TEXT, max_length=140)]
Sentence = Annotated[str, Field(pattern=TEXT, max_length=200)]
SentenceEn = Annotated[str, Field(pattern=TEXT, max_length=400)]


class Part(BaseModel):
    """What every part of the format is: unknown fields are refused, nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Credit(Part):
    """Whom the data owes thanks, shown where the data is shown."""

    text: Sentence
    text_en: SentenceEn
    url: Annotated[str, Field(pattern=LINK, max_length=300)] | None = None


class Skill(Part):
    """A skill that items may ask of whoever serves them."""

    code: Slug
    name: Name
    name_en: NameEn


class SkillNeed(Part):
    """The skill an item asks for, and the least grade of it."""

    code: Slug
    grade: Annotated[int, Field(ge=1, le=5)]


class Profile(Part):
    """`city.json`: the city as a whole."""

    name: Name
    name_en: NameEn
    tz: str
    box: tuple[Point, Point]  # south-west, north-east
    credits: tuple[Credit, ...] = ()
    skills: tuple[Skill, ...] = ()


class Weekly(Part):
    """Opening spans of each day of the week; a day without spans is closed."""

    mon: tuple[Span, ...] = ()
    tue: tuple[Span, ...] = ()
    wed: tuple[Span, ...] = ()
    thu: tuple[Span, ...] = ()
    fri: tuple[Span, ...] = ()
    sat: tuple[Span, ...] = ()
    sun: tuple[Span, ...] = ()

    def on(self, day: Weekday) -> tuple[Span, ...]:
        """The spans of one day."""
        spans: tuple[Span, ...] = getattr(self, day)
        return spans


class Hours(Part):
    """When a hall is open, with what it does on days the calendar moves."""

    weekly: Weekly
    makeup_workdays: bool
    public_holidays: bool


class Queue(Part):
    """One queue of a hall; its code is its letter. One that stands in a zone has a letter of it."""

    code: Letter
    letter: Letter
    name: Name
    name_en: NameEn
    zone: ZoneCode | None = None


class Window(Part):
    """One window; `name` is the number people read, `queues` those it may call from."""

    code: WindowCode
    name: Annotated[str, Field(pattern=TEXT, max_length=12)]
    name_en: Annotated[str, Field(pattern=TEXT, max_length=24)]
    kind: WindowKind
    queues: Annotated[tuple[Letter, ...], Field(min_length=1)]
    zone: ZoneCode | None = None
    arrow: Literal["left", "right", "ahead", "none"] | None = None


class Voice(Part):
    """How calls are spoken in a zone: languages in their order, speed and loudness, the speaker's name."""

    languages: Annotated[tuple[Literal["zh", "en"], ...], Field(min_length=1, max_length=2)] = ("zh",)
    rate: Annotated[float, Field(ge=0.5, le=2)] = 1.0
    volume: Annotated[float, Field(ge=0, le=1)] = 1.0
    speaker: Annotated[str, Field(max_length=40)] = ""


class HallZone(Part):
    """A part of a hall with letters, screens and a speaker of its own."""

    code: ZoneCode
    name: Name
    name_en: NameEn
    letters: Annotated[tuple[Letter, ...], Field(min_length=1)]
    voice: Voice = Voice()


class Hall(Part):
    """A place where things are done: a hall, a partner's hall, or a site with kiosks only."""

    code: Code
    name: Name
    name_en: NameEn
    level: Level
    kind: HallKind
    partner_kind: PartnerKind | None = None
    parent: Code | None
    lat: float
    lon: float
    address: Sentence | None = None
    address_en: SentenceEn | None = None
    hours: Hours
    queues: tuple[Queue, ...]
    windows: tuple[Window, ...]
    zones: tuple[HallZone, ...] = ()
    kiosks: Annotated[int, Field(ge=0, le=500)]
    demo_values: tuple[str, ...] = ()


class CalendarDay(Part):
    """A day that is not what its weekday says."""

    date: date
    kind: DayKind
    name: Name
    name_en: NameEn


class Accept(Part):
    """Who takes an item: halls of a level, or partners of a kind."""

    level: Level | None = None
    partner_kind: PartnerKind | None = None
    mode: Mode


class Channels(Part):
    """By which ways the item can be done."""

    app: bool
    web: bool
    kiosk: bool
    counter: bool


class Paper(Part):
    """A paper to bring; `when` names the answer (`question=answer`) that asks for it.

    `copies` are brought besides the original; `source` is where somebody gets it who has none.
    """

    name: Name
    name_en: NameEn
    shared: bool
    deferrable: bool
    when: Choice | None = None
    copies: Annotated[int, Field(ge=1, le=20)] | None = None
    source: Name | None = None
    source_en: NameEn | None = None


class Fee(Part):
    """What is charged, in yuan, and for what; `when` names the answer that asks for it."""

    name: Name
    name_en: NameEn
    yuan: Annotated[float, Field(ge=0, le=1_000_000)]
    when: Choice | None = None


class Answer(Part):
    """One answer; `channels`, where given, are the only ones that remain with it."""

    code: Slug
    label: Name
    label_en: NameEn
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] | None = None


class Situation(Part):
    """A question that tells situations apart; `when` names the earlier answer that brings it up."""

    code: Slug
    question: Sentence
    question_en: SentenceEn
    answers: Annotated[tuple[Answer, ...], Field(min_length=2)]
    when: Choice | None = None


class Item(Part):
    """An item of the catalogue."""

    code: Code
    name: Name
    name_en: NameEn
    department: Name
    department_en: NameEn
    service_object: ServiceObject
    accept: Annotated[tuple[Accept, ...], Field(min_length=1)]
    zone: Zone
    channels: Channels
    minutes: Annotated[int, Field(ge=1, le=240)]
    promise_days: Annotated[int, Field(ge=0, le=365)]
    statutory_days: Annotated[int, Field(ge=0, le=365)] | None
    day_unit: DayUnit
    presence: Presence
    online_first: bool = False
    territory: Territory
    bookable: bool
    papers: tuple[Paper, ...]
    situations: tuple[Situation, ...] = ()
    aliases: tuple[Name, ...] = ()
    sayings: tuple[Name, ...] = ()
    skill: SkillNeed | None = None
    fees: tuple[Fee, ...] | None = None
    video: Video | None = None


class Member(Part):
    """A member item of a bundle; without `item` it is done outside the halls' catalogue."""

    item: Code | None
    name: Name
    name_en: NameEn
    department: Name
    department_en: NameEn
    need: Need
    stage: Annotated[int, Field(ge=1, le=9)]
    level: MemberLevel
    condition: Sentence | None = None
    condition_en: SentenceEn | None = None
    when: Choice | None = None


class Reduction(Part):
    """A figure before a bundle was made, and after."""

    before: Annotated[float, Field(gt=0)]
    after: Annotated[float, Field(ge=0)]


class Figures(Part):
    """What a bundle saves; only what is known."""

    days: Reduction | None = None
    papers: Reduction | None = None
    visits: Reduction | None = None
    fields: Reduction | None = None
    source: Sentence
    source_en: SentenceEn


class EntryPoint(Part):
    """Where people come upon a bundle."""

    name: Name
    name_en: NameEn


class Bundle(Part):
    """Several items done as one."""

    code: Code
    name: Name
    name_en: NameEn
    aliases: tuple[Name, ...] = ()
    sayings: tuple[Name, ...] = ()
    number: Annotated[int, Field(ge=0, le=999)]
    service_object: ServiceObject
    lead_department: Name
    lead_department_en: NameEn
    key_item: Code
    members: Annotated[tuple[Member, ...], Field(min_length=2)]
    situations: tuple[Situation, ...] = ()
    figures: Figures | None
    entry_points: tuple[EntryPoint, ...] = ()


class WordGroup(Part):
    """Words that people here use for the same."""

    code: Slug
    role: Literal["thing", "deed", "hint", "filler", "other"]
    words: Annotated[tuple[Sentence, ...], Field(min_length=1)]


@dataclass(frozen=True)
class City:
    """A whole city that has been read and found sound; halls stand parents before children.

    Without a file of its own words a city goes on with those it has.
    """

    profile: Profile
    halls: tuple[Hall, ...]
    calendar: tuple[CalendarDay, ...]
    items: tuple[Item, ...]
    bundles: tuple[Bundle, ...]
    words: tuple[WordGroup, ...] | None = None
