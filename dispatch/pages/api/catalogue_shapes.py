"""What is told of items beyond the items themselves: questions, situations, suggestions, searches in vain."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel

from dispatch.catalogue.models import MODES
from dispatch.notices.wording import SECTIONS
from dispatch.pages.api.words import OneOf


class AnswerShown(BaseModel):
    """One answer to choose."""

    code: str
    label: str
    label_en: str


class QuestionShown(BaseModel):
    """The next thing to ask: the `number`-th `of` as many as the answers so far make it."""

    code: str
    question: str
    question_en: str
    answers: list[AnswerShown]
    number: int
    of: int


class PaperShown(BaseModel):
    """A paper to bring; a `shared` one is fetched from another office, a `deferrable` one may come later.

    Besides the original so many `copies`; `source` is where somebody gets it who has none. Null: nothing is known.
    """

    name: str
    name_en: str
    shared: bool
    deferrable: bool
    copies: int | None
    source: str | None
    source_en: str | None


class FeeShown(BaseModel):
    """What is charged, in yuan, and for what."""

    name: str
    name_en: str
    yuan: float


class SituationShown(BaseModel):
    """What it takes, as far as the answers tell; `perhaps` depends on the questions still `open`.

    `fees` are null where nothing is known of them, or an answer still decides; empty where nothing is charged.
    """

    code: str
    answers: dict[str, str]
    channels: list[str]
    papers: list[PaperShown]
    perhaps: list[PaperShown]
    open: list[str]
    fees: list[FeeShown] | None
    exact: bool


class NoticePlace(BaseModel):
    """A hall that takes the item; `distance_m` is null where nobody said from where."""

    hall: str
    name: str
    name_en: str
    mode: Annotated[str, OneOf(MODES)]
    distance_m: int | None


class NoticeRow(BaseModel):
    """One thing, and what else is to be said of it."""

    text: str
    notes: list[str]


class NoticeSection(BaseModel):
    """One question that the notice answers, in the caller's language."""

    code: Annotated[str, OneOf(SECTIONS)]
    title: str
    rows: list[NoticeRow]


class CatalogueEdition(BaseModel):
    """Since when the catalogue is as it is; `mark` begins the hash of the city's log entry that made it so."""

    since: datetime
    mark: str


class NoticeShown(BaseModel):
    """A one-time notice: all that it takes for these answers, as data and in words.

    `places` are the nearest of `taken_by` halls. `url` leads back to the notice as a page.
    """

    item: str
    name: str
    name_en: str
    situation: SituationShown
    promise_days: int | None
    day_unit: str
    places: list[NoticePlace]
    taken_by: int
    catalogue: CatalogueEdition | None
    sections: list[NoticeSection]
    url: str


class SuggestionShown(BaseModel):
    """Words to choose while typing, and the item they are of."""

    words: str
    code: str
    name: str
    name_en: str


class Suggestions(BaseModel):
    """What somebody may be about to type, the likeliest first."""

    suggestions: list[SuggestionShown]


class UnfoundShown(BaseModel):
    """What was searched for in vain, how often, on how many days, and last on which."""

    words: str
    count: int
    days: int
    last: date


class UnfoundList(BaseModel):
    """Searches in vain, the most wanted first."""

    unfound: list[UnfoundShown]
