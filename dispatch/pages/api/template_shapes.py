"""What is sent and told about templates, and about what an import would do."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from dispatch.halls.templates.models import ROLLOUT_STATES, TEMPLATE_LEVELS, VERSION_STATES
from dispatch.halls.templates.rules import KINDS
from dispatch.pages.api.forms import Body, Code, Text
from dispatch.pages.api.words import OneOf

Level = Annotated[str, OneOf(TEMPLATE_LEVELS)]
State = Annotated[str, OneOf(VERSION_STATES)]
RolloutState = Annotated[str, OneOf(ROLLOUT_STATES)]
OriginKind = Annotated[str, OneOf(KINDS)]
TemplateCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$", max_length=40)]
FieldPath = Annotated[str, StringConstraints(min_length=1, max_length=120)]
FileName = Literal["city.json", "halls.json", "calendar.csv", "items.json", "bundles.json", "words.json"]


class TemplatePath(BaseModel):
    """A template by its code."""

    code: Code


class VersionPath(BaseModel):
    """A version of a template."""

    code: Code
    version: Annotated[int, Field(ge=1, le=2**31 - 1)]


class NewTemplate(Body):
    """A template for the part of the city below a hall; what its parent says is inherited first."""

    code: TemplateCode
    name: Text
    name_en: Text
    level: Level
    hall: Code
    parent: Code | None = None


class NewVersion(Body):
    """What the template says, nested by field (`{"hours": {"weekly": {"mon": [["09:00", "17:00"]]}}}`), and its locks.

    A locked path holds with everything below it.
    """

    body: dict[str, Any]
    locked: Annotated[list[FieldPath], Field(max_length=200)] = []


class Moment(Body):
    """From when on; at once where it is not said."""

    effective_from: AwareDatetime | None = None


class RollBack(Body):
    """Which version to go back to, and from when on; at once where that is not said."""

    to: Annotated[int, Field(ge=1, le=2**31 - 1)]
    effective_from: AwareDatetime | None = None


class Inherit(Body):
    """The template that the hall inherits from; null for none."""

    template: Code | None


class Overrides(Body):
    """Every field in which the hall goes its own way, by path; what is not named is inherited again."""

    values: Annotated[dict[FieldPath, Any], Field(max_length=500)]


class CityFiles(Body):
    """The files of a city's directory as texts, by their names."""

    files: Annotated[dict[FileName, str], Field(min_length=1)]


class VersionShown(BaseModel):
    """A version of a template. `restores` is the one that it goes back to."""

    template: str
    version: int
    state: State
    effective_from: datetime | None
    body: dict[str, Any]
    locked: list[str]
    restores: int | None
    by: str
    at: datetime


class TemplateShown(BaseModel):
    """A template: which version holds, which are planned, how many halls inherit it and how many wait for it."""

    code: str
    name: str
    name_en: str
    level: Level
    parent: str | None
    hall: str
    live: int | None
    planned: list[int]
    halls: list[str]
    waiting: list[str]


class Templates(BaseModel):
    """Templates, parents before children."""

    templates: list[TemplateShown]


class Versions(BaseModel):
    """Versions of a template, the newest first."""

    versions: list[VersionShown]


class HeldShown(BaseModel):
    """What cannot go yet (a queue, its letter or a window) and the ticket numbers that hold it."""

    part: str
    code: str
    name: str
    numbers: list[str]


class RolloutShown(BaseModel):
    """How far a version has come in a hall."""

    template: str
    version: int
    hall: str
    state: RolloutState
    held: list[HeldShown]
    at: datetime


class FieldShown(BaseModel):
    """A field of a hall: its value, and where it comes from. `source` is a template's code or the hall's own."""

    field: str
    value: Any
    origin: OriginKind
    source: str


class HallTemplateShown(BaseModel):
    """What a hall inherits, field by field, and which versions have not arrived yet."""

    hall: str
    template: str | None
    chain: list[str]
    overrides: dict[str, Any]
    fields: list[FieldShown]
    on_the_way: list[RolloutShown]


class ChangeShown(BaseModel):
    """A part that would become another; the differing fields before and after."""

    part: str
    code: str
    name: str
    what: Literal["added", "changed", "retired"]
    before: dict[str, Any]
    after: dict[str, Any]


class TouchShown(BaseModel):
    """What is alive and would be touched: tickets by number, windows by name. One that `blocks` forbids the change."""

    kind: Literal["tickets", "windows", "bookings"]
    part: str
    code: str
    named: list[str]
    blocks: bool


class HallPreviewShown(BaseModel):
    """What would change in a hall, and whom it would touch."""

    hall: str
    name: str
    name_en: str
    new: bool
    blocked: bool
    changes: list[ChangeShown]
    touches: list[TouchShown]


class TemplatePreview(BaseModel):
    """What a version would change were it live now; halls that stay as they are among them."""

    halls: list[HallPreviewShown]


class CityPreviewShown(BaseModel):
    """What an import would do; with `problems` nothing else is told. `missing` halls stand and are not in the files."""

    sound: bool
    problems: list[str]
    touched: bool
    blocked: bool
    halls: list[HallPreviewShown]
    city: list[ChangeShown]
    missing: list[str]
