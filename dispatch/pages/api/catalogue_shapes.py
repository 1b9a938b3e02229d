"""What is told of items beyond the items themselves: questions, situations, suggestions, searches in vain."""

from datetime import date

from pydantic import BaseModel


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
    """A paper to bring; a `shared` one is fetched from another office, a `deferrable` one may come later."""

    name: str
    name_en: str
    shared: bool
    deferrable: bool


class SituationShown(BaseModel):
    """What it takes, as far as the answers tell; `perhaps` depends on the questions still `open`."""

    code: str
    answers: dict[str, str]
    channels: list[str]
    papers: list[PaperShown]
    perhaps: list[PaperShown]
    open: list[str]
    exact: bool


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
