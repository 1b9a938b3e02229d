"""What callers are told."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from dispatch.halls.models import KINDS, LEVELS, WINDOW_KINDS, WINDOW_STATES
from dispatch.halls.standing import QUEUE_STATES
from dispatch.pages.api.catalogue_shapes import QuestionShown, SituationShown
from dispatch.pages.api.words import OneOf
from dispatch.tickets.life import CHANNELS, STATES
from dispatch.waits.reasons import REASONS

Unknown = Annotated[str, OneOf(REASONS)]
Level = Annotated[str, OneOf(LEVELS)]
Kind = Annotated[str, OneOf(KINDS)]
QueueState = Annotated[str, OneOf(QUEUE_STATES)]
WindowKind = Annotated[str, OneOf(WINDOW_KINDS)]
WindowState = Annotated[str, OneOf(WINDOW_STATES)]
TicketState = Annotated[str, OneOf(STATES)]
Channel = Annotated[str, OneOf(CHANNELS)]


class Wait(BaseModel):
    """A wait: the middle, and the range that holds nine times out of ten. Seconds."""

    point_s: int
    low_s: int
    high_s: int
    level: float
    as_of: datetime
    method: str


class OwnWait(Wait):
    """The rest of the wait of somebody in line; `slipped_at` when it had to be put later than the range promised."""

    slipped_at: datetime | None = None


class Waiting(BaseModel):
    """A wait, or null and why it is not known; both are null for whoever does not wait."""

    wait: Wait | None
    unknown_because: Unknown | None


class FieldError(BaseModel):
    """One input at fault."""

    field: str
    message: str


class Problem(BaseModel):
    """Why not (RFC 9457), with a stable code."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str | None = None
    errors: list[FieldError] | None = None


class ItemFound(BaseModel):
    """An item in a list; `score` says how well it fits the words, from 0 to 1."""

    code: str
    name: str
    name_en: str
    department: str
    department_en: str
    levels: list[Level]
    channels: dict[str, bool]
    score: float | None


class BundleFound(BaseModel):
    """A bundle in a list; `score` as with items, null where nothing was searched for."""

    code: str
    name: str
    name_en: str
    members: int
    score: float | None


class Items(BaseModel):
    """Items, the likeliest first, and the bundles that the words may mean."""

    items: list[ItemFound]
    bundles: list[BundleFound]
    next_cursor: int | None


class AcceptedAt(BaseModel):
    """A hall that takes the item, in which queue, and how."""

    hall: str
    name: str
    name_en: str
    queue: str
    mode: str


class ItemShown(BaseModel):
    """An item with its papers, questions, days and the halls that take it."""

    code: str
    name: str
    name_en: str
    department: str
    department_en: str
    channels: dict[str, bool]
    minutes: float
    promise_days: int
    statutory_days: int | None
    day_unit: str
    presence: str
    bookable: bool
    papers: list[dict[str, Any]]
    situations: list[dict[str, Any]]
    aliases: list[str]
    accepted_at: list[AcceptedAt]
    situation: SituationShown
    next_question: QuestionShown | None
    bundles: list[str]


class Bundles(BaseModel):
    """All bundles."""

    bundles: list[BundleFound]


class BundleShown(BaseModel):
    """A bundle with its members in their stages, questions and figures."""

    code: str
    name: str
    name_en: str
    key_item: str
    lead_department: str
    lead_department_en: str
    members: list[dict[str, Any]]
    situations: list[dict[str, Any]]
    figures: dict[str, Any] | None
    entry_points: list[dict[str, Any]]


class HallFound(Waiting):
    """A hall in a list."""

    code: str
    name: str
    name_en: str
    level: Level
    kind: Kind
    parent: str | None
    lat: float
    lon: float
    open: bool
    opens_at: datetime | None
    distance_m: int | None
    waiting: int


class Halls(BaseModel):
    """Halls, from the top of the tree or from the nearest."""

    halls: list[HallFound]
    next_cursor: int | None


class QueueShown(Waiting):
    """A queue and how many wait in it; where no numbers are given out, why and until when."""

    code: str
    letter: str
    name: str
    name_en: str
    waiting: int
    state: QueueState
    reason: str | None
    note: str | None
    note_en: str | None
    until: datetime | None


class WindowBrief(BaseModel):
    """A window as everybody may know it."""

    id: str
    name: str
    name_en: str
    kind: WindowKind
    zone: str | None
    state: WindowState
    queues: list[str]


class OutageBrief(BaseModel):
    """What cannot be worked just now, as everybody may know it."""

    id: str
    queues: list[str]
    items: list[str]
    all: bool
    reason: str
    note: str | None
    note_en: str | None
    began_at: datetime
    until: datetime | None


class OpenStretch(BaseModel):
    """From when to when."""

    start: datetime
    end: datetime


class KiosksShown(BaseModel):
    """A hall's kiosks: how many, how many work just now, and what those can do."""

    count: int
    working: int
    abilities: list[str]


class HallShown(HallFound):
    """A hall with its queues, windows, hours and where its log stands."""

    queues: list[QueueShown]
    windows: list[WindowBrief]
    hours: dict[str, Any]
    kiosks: KiosksShown
    openings_today: list[OpenStretch]
    breaks_today: list[OpenStretch]
    outages: list[OutageBrief]
    time_zone: str
    address: str | None
    address_en: str | None
    demo_values: list[str]
    epoch: int
    log_seq: int


class QueueWait(Waiting):
    """The wait in one queue."""

    queue: str
    waiting: int


class Waits(BaseModel):
    """The waits of a hall."""

    queues: list[QueueWait]


class ItemOnTicket(BaseModel):
    """What somebody came for."""

    item: str
    name: str
    name_en: str
    count: int


class MovedShown(BaseModel):
    """Where somebody is moved to: the hall, and once it has taken her, her number there.

    `secret` opens the new ticket; only the holder of the old one is told it.
    """

    hall: str
    number: str | None = None
    secret: str | None = None


class TicketShown(Waiting):
    """A ticket. `secret` is told only to whoever took it."""

    wait: OwnWait | None
    id: str
    number: str
    hall: str
    queue: str
    state: TicketState
    ahead: int | None
    items: list[ItemOnTicket]
    channel: Channel
    priority: str
    service_day: date
    issued_at: datetime
    called_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    window: str | None
    window_name: str | None
    claim: int | None
    calls: int
    seat: int
    stage: int
    parked_at: datetime | None
    kept_for: str | None
    undo_until: datetime | None = None
    moved_to: str | None = None
    moved: MovedShown | None = None
    secret: str | None = None


class TicketsShown(BaseModel):
    """Tickets called together, in their order."""

    tickets: list[TicketShown]


class NextInLine(BaseModel):
    """Somebody who waits, as a window sees her."""

    ticket: str
    number: str
    queue: str
    items: list[ItemOnTicket]
    issued_at: datetime
    channel: str
    priority: str


class WindowShown(BaseModel):
    """A window as its clerk sees it: who is there, who comes next, what was done today."""

    id: str
    name: str
    name_en: str
    hall: str
    state: WindowState
    lapsed: bool
    queues: list[str]
    ticket: TicketShown | None
    group: list[TicketShown]
    parked: list[TicketShown]
    next: list[NextInLine]
    waiting: int
    served_today: int
    missed_today: int


class SessionShown(BaseModel):
    """A staff session; the token is told this once."""

    token: str
    role: str
    duty: str | None = None
    hall: str
    scope: str
    expires_at: datetime
    recovery_codes: list[str] | None = Field(None, description="told once, when a second factor was set up")


class HallLoad(Waiting):
    """How one hall stands."""

    code: str
    name: str
    name_en: str
    level: str
    open: bool
    waiting: int
    longest_wait_s: int | None
    windows: int
    windows_open: int
    served_today: int
    service_level: float | None


class CityShown(BaseModel):
    """How the halls in the caller's scope stand."""

    as_of: datetime
    halls: list[HallLoad]


class Entry(BaseModel):
    """An entry of a log; its `body` is the very text that was hashed."""

    seq: int
    hash: str
    prev: str
    body: str


class Log(BaseModel):
    """Entries of a hall's log, in order."""

    entries: list[Entry]


class ClockShown(BaseModel):
    """The demo's clock."""

    now: datetime
    speed: float
