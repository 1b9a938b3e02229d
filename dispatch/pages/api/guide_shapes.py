"""What the guide desk sends and is told."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from dispatch.catalogue.models import ENQUIRY_KINDS
from dispatch.pages.api.forms import Body, Code, Form, Priority, Query, Text
from dispatch.pages.api.shapes import TicketShown
from dispatch.pages.api.words import OneOf
from dispatch.tickets.prechecks import PAPER_STATES, RESULTS

EnquiryKind = Annotated[str, OneOf(ENQUIRY_KINDS)]
PaperState = Annotated[str, OneOf(PAPER_STATES)]
Result = Annotated[str, OneOf(RESULTS)]
IdKind = Literal["resident_id", "passport", "hk_macao_taiwan_permit", "foreign_permanent_resident"]
IdNumber = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9A-Za-z]{5,20}$")]
PaperName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
MOST_PAPERS = 40


class Find(Body):
    """Whom to find: the holder of a document, somebody of this name, or whoever holds today's number here."""

    id_kind: IdKind = "resident_id"
    id_number: IdNumber | None = None
    name: Text | None = None
    number: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{1,4}\d{1,6}$")] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "Find":
        if sum(given is not None for given in (self.id_number, self.name, self.number)) != 1:
            raise ValueError("exactly one of id_number, name and number")
        return self


class PriorityGiven(Body):
    """The legal group she belongs to; `none` takes it back."""

    priority: Priority


class WantedAtGuide(Form):
    """An item and how often."""

    item: Code
    count: int = Field(1, ge=1, le=50)


class PaperFound(Form):
    """A paper of the item, by its Chinese name, and how it was found."""

    name: PaperName
    state: PaperState


class NewPrecheck(Body):
    """The papers of one item, each named once; the result may be worse than they allow, never better."""

    item: Code
    papers: Annotated[list[PaperFound], Field(max_length=MOST_PAPERS)] = []
    result: Result

    @model_validator(mode="after")
    def _each_once(self) -> "NewPrecheck":
        if len({paper.name for paper in self.papers}) != len(self.papers):
            raise ValueError("a paper is named twice")
        return self

    @property
    def found(self) -> dict[str, str]:
        """The state of each paper by its name."""
        return {paper.name: paper.state for paper in self.papers}


class GuidePerson(Form):
    """Whoever swiped a card that the city does not know yet: the number, and the name if she said it."""

    id_kind: IdKind
    id_number: IdNumber
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] = ""


class NewGuideTickets(Body):
    """Tickets at the desk in one go: `apart` gives one ticket for each queue that the items belong to.

    `holder` is a reference that a search here gave, `person` whoever is not known yet. `journey` is the id of the
    journey by which she was expected here: the first ticket ends it, and replaces one that she kept elsewhere.
    """

    items: Annotated[list[WantedAtGuide], Field(min_length=1, max_length=20)]
    priority: Priority = "none"
    apart: bool = False
    holder: Code | None = None
    person: GuidePerson | None = None
    journey: Code | None = None
    prechecks: Annotated[list[NewPrecheck], Field(max_length=20)] = []


class NewEnquiry(Body):
    """Somebody asked: about an item, a bundle, or something else."""

    item: Code | None = None
    bundle: Code | None = None
    kind: EnquiryKind = "desk"

    @model_validator(mode="after")
    def _not_both(self) -> "NewEnquiry":
        if self.item and self.bundle:
            raise ValueError("an item or a bundle, not both")
        return self


class DayQuery(Query):
    """Of which day; today if none is named."""

    day: date | None = None


class PersonMasked(BaseModel):
    """A person as a desk sees her: never the whole name or number."""

    ref: str
    name: str
    id_kind: str | None
    id: str | None
    phone: str | None


class PaperSeen(BaseModel):
    """A paper and how it was found."""

    name: str
    name_en: str
    state: PaperState


class PrecheckShown(BaseModel):
    """The latest pre-check of an item."""

    item: str
    result: Result
    papers: list[PaperSeen]
    at: datetime


class Prechecks(BaseModel):
    """The pre-checks of a ticket, the latest of each item."""

    prechecks: list[PrecheckShown]


class TicketAtGuide(TicketShown):
    """A ticket with its hall's name and its pre-checks."""

    hall_name: str
    hall_name_en: str
    mine: bool = Field(description="whether its hall lies in the caller's part of the city")
    prechecks: list[PrecheckShown]


class OwnerShown(BaseModel):
    """Somebody and her tickets of the last days, the newest first."""

    person: PersonMasked | None
    tickets: list[TicketAtGuide]


class Found(BaseModel):
    """Whom the search found."""

    owners: list[OwnerShown]


class Given(BaseModel):
    """The tickets given out."""

    tickets: list[TicketShown]


class CalledShown(BaseModel):
    """A number being called now."""

    ticket: str
    number: str
    queue: str
    window: str
    window_name: str
    called_at: datetime
    calls: int
    coming_at: datetime | None


class NearShown(BaseModel):
    """Somebody not seen here yet whose turn is near."""

    ticket: str
    number: str
    queue: str
    ahead: int


class MissedShown(BaseModel):
    """Somebody who was called and did not come."""

    ticket: str
    number: str
    queue: str
    called_at: datetime | None
    may_return: bool


class GuideShown(BaseModel):
    """What the guide desk watches."""

    called: list[CalledShown]
    near: list[NearShown]
    missed: list[MissedShown]


class AskedShown(BaseModel):
    """How often something was asked about."""

    item: str | None
    bundle: str | None
    kind: EnquiryKind
    count: int


class Enquiries(BaseModel):
    """What was asked on a day, the most asked first."""

    day: date
    total: int
    asked: list[AskedShown]
