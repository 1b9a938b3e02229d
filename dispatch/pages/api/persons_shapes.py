"""What is asked and told about a person, and who asked."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from dispatch.pages.api.forms import Body, Form
from dispatch.pages.api.words import OneOf
from dispatch.people.models import READ_KINDS, REASONS

Ref = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Told = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class PersonPath(Form):
    """The random reference that a ticket has of its person."""

    ref: Ref


class Because(Body):
    """Why somebody needs a person's data; `other` needs a note."""

    reason: Annotated[str, OneOf(REASONS)]
    note: Note | None = None


class Correction(Body):
    """Only what is to be different; an empty phone or document is told as null."""

    name: Told | None = None
    phone: Told | None = None
    id_kind: Told | None = None
    id_number: Told | None = None
    note: Note | None = None


class ReadsQuery(Form):
    """Which access rows: by whom, of which kind, for which reason, when."""

    actor: Annotated[str, StringConstraints(max_length=80)] | None = None
    kind: Annotated[str, OneOf(READ_KINDS)] | None = None
    reason: Annotated[str, OneOf(REASONS)] | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    limit: int = Field(100, ge=1, le=500)
    cursor: int = Field(0, ge=0, le=2**31 - 1)


class PersonMasked(BaseModel):
    """A person as staff see her without a reason."""

    ref: str
    name: str
    id_kind: str | None
    id_number: str | None
    phone: str | None


class PersonShown(BaseModel):
    """A person's data in full."""

    ref: str
    name: str
    phone: str | None
    id_kind: str | None
    id_number: str | None


class ReadShown(BaseModel):
    """Somebody had a person's data before him."""

    id: str
    ref: str
    by: str
    kind: str
    reason: str
    note: str | None
    fields: list[str]
    at: datetime


class Reads(BaseModel):
    """Access rows, the latest first."""

    reads: list[ReadShown]
    next_cursor: int | None = None


class PersonExport(BaseModel):
    """Everything the city holds about a person."""

    ref: str
    kept_since: datetime
    data: dict[str, Any]
    tickets: list[dict[str, Any]]
    reads: list[dict[str, Any]]
