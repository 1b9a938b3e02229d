"""What whoever asks for a route sends, and is told."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, StrictBool

from dispatch.pages.api.forms import Body, Code, CodeOrItem, Form
from dispatch.pages.api.shapes import Channel, Kind, Level, Waiting
from dispatch.pages.api.words import OneOf
from dispatch.ports.maps import Mode
from dispatch.routing.coordinates import System
from dispatch.routing.wording import AGAINST, FOR, NOTES

MOST_ITEMS = 10
Said = Annotated[str, Field(min_length=1, max_length=60)]
Answers = dict[Said, Said | dict[Said, Said]]


class HerAbilities(Form):
    """What she can do: without a phone of her own, or as an elderly person, she goes straight to a counter."""

    own_phone: StrictBool = True
    elderly: StrictBool = False
    company: StrictBool = Field(False, description="she comes for a company")


class NewRoute(Body):
    """What somebody wants done, and from where. The place is used for this answer and not kept."""

    items: Annotated[list[CodeOrItem], Field(min_length=1, max_length=MOST_ITEMS)]
    answers: Answers = Field({}, description="question → answer, or item → question → answer", max_length=100)
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)
    crs: System = "wgs84"
    at: AwareDatetime | None = Field(None, description="when she sets out; now, if nothing is said")
    travel_mode: Mode = "transit"
    abilities: HerAbilities = HerAbilities()
    home: Code | None = Field(None, description="the hall of her own town, for items of one's home only")


class ReasonShown(BaseModel):
    """Why, by a stable code and in words."""

    code: Annotated[str, OneOf((*FOR, *AGAINST))]
    text: str


class Note(BaseModel):
    """What is to be said of the whole answer."""

    code: Annotated[str, OneOf((*NOTES,))]
    text: str


class Named(BaseModel):
    """A hall by its code and names."""

    code: str
    name: str
    name_en: str


class PlaceShown(Named):
    """A hall to go to; `lat` and `lon` are WGS-84."""

    level: Level
    kind: Kind
    lat: float
    lon: float


class Action(BaseModel):
    """What she can do next: open a page, or a map with the way there."""

    kind: Literal["app", "web", "hall", "amap", "baidu", "tencent", "apple"]
    url: str


class RouteOption(Waiting):
    """One way to get it done.

    Where she goes nowhere, there are no place, way and times. `finish_at` is without a wait where none is known.
    `visits` is how often she goes in all if she takes this one; `later` says that it is for another day.
    """

    rank: int
    channel: Channel
    place: PlaceShown | None
    items: list[str]
    distance_m: int | None
    travel_s: int | None
    arrive_at: datetime | None
    service_s: int | None
    finish_at: datetime | None
    visits: int
    extra_days: int
    later: bool
    reasons: list[ReasonShown]
    actions: list[Action]


class RouteExcluded(BaseModel):
    """A channel, or a hall by a channel, that is left out, and why; or `count` halls further off, not named."""

    channel: Channel
    place: Named | None
    count: int | None
    reasons: list[ReasonShown]


class ItemRouted(Named):
    """One of the things she wants done."""

    count: int


class PaperToBring(BaseModel):
    """A paper; a `shared` one is fetched from another office, a `deferrable` one may come later."""

    name: str
    name_en: str
    shared: bool
    deferrable: bool


class ItemSituation(BaseModel):
    """Her situation in one item: what she answered, what is still open, and the papers it takes."""

    item: str
    code: str
    answers: dict[str, str]
    open: list[str]
    papers: list[PaperToBring]
    perhaps: list[PaperToBring]


class SituationShown(BaseModel):
    """Her situation in all of it; `exact` when no question is open."""

    exact: bool
    items: list[ItemSituation]


class BundleOffered(Named):
    """A bundle that holds what she wants: to be done together, if she likes."""

    members: int


class RouteShown(BaseModel):
    """A route: where to go for it, in order, and why not by each other way.

    It can be followed until it expires. Bundles are to be offered before anything else.
    """

    id: str
    expires_at: datetime
    items: list[ItemRouted]
    situation: SituationShown
    bundles: list[BundleOffered]
    notes: list[Note]
    options: list[RouteOption]
    excluded: list[RouteExcluded]
