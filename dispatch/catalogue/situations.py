"""From an item to the exact situation: questions one after another, then what it takes.

Pure: asks no database. `ask` is for whoever asks one question at a time; `settle` for whoever must go on with the
answers that are there.

    ask(item, {})                                 -> Question(code="age", …, number=1, of=2)
    ask(item, {"age": "adult"})                   -> Question(code="hukou", …, number=2, of=2)
    ask(item, {"age": "adult", "hukou": "city"})  -> Situation(…, exact=True)
    settle(item, {"age": "adult"})                -> Situation(…, open=("hukou",), exact=False)

Answers that do not fit are refused by both, with `field` `answers.QUESTION`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dispatch.catalogue.models import Bundle, Item
from dispatch.catalogue.refusals import AnswerNotAsked, NoSuchAnswer, NoSuchQuestion

Answers = Mapping[str, str]
"""Question → answer, both by their codes."""
LAST_RESORT = "counter"
"""What is left where answers leave no channel together: a person at a counter can always help."""


@dataclass(frozen=True)
class Answer:
    """One answer to choose."""

    code: str
    label: str
    label_en: str


@dataclass(frozen=True)
class Question:
    """The next thing to ask: the `number`-th `of` as many as the answers so far make it."""

    code: str
    question: str
    question_en: str
    answers: tuple[Answer, ...]
    number: int
    of: int


@dataclass(frozen=True)
class Paper:
    """A paper to bring; a `shared` one is fetched from another office, a `deferrable` one may come later.

    Besides the original so many `copies`; `source` is where somebody gets it who has none, if the catalogue says so.
    """

    name: str
    name_en: str
    shared: bool
    deferrable: bool
    copies: int | None = None
    source: str | None = None
    source_en: str | None = None


@dataclass(frozen=True)
class Fee:
    """What is charged, in yuan, and for what."""

    name: str
    name_en: str
    yuan: float


@dataclass(frozen=True)
class Situation:
    """What it takes, as far as the answers tell: by which channels it can be done, and with which papers.

    `papers` are needed in any case, `perhaps` only with some answer to a question still `open`. `code` is the same for
    the same answers, in whatever order they came; it is empty where nothing was answered. `fees` are None where the
    catalogue knows nothing of them or an answer still decides, and empty where nothing is charged.
    """

    code: str
    answers: dict[str, str]
    channels: tuple[str, ...]
    papers: tuple[Paper, ...]
    perhaps: tuple[Paper, ...]
    open: tuple[str, ...]
    fees: tuple[Fee, ...] | None = None

    @property
    def exact(self) -> bool:
        """Whether nothing is left to ask."""
        return not self.open


def ask(item: Item, answers: Answers) -> Question | Situation:
    """What to ask next, or the situation when all is answered. NoSuchQuestion, NoSuchAnswer, AnswerNotAsked."""
    return next_question(item, answers) or settle(item, answers)


def next_question(of: Item | Bundle, answers: Answers, passed: Collection[str] = ()) -> Question | None:
    """What to ask next about an item or a bundle, if anything, but for what was `passed` over; refuses as `ask`."""
    check(of, answers)
    asked = list(_asked(of, answers))
    for number, question in enumerate(asked, start=1):
        if question["code"] not in answers and question["code"] not in passed:
            return Question(
                question["code"],
                question["question"],
                question["question_en"],
                tuple(Answer(a["code"], a["label"], a["label_en"]) for a in question["answers"]),
                number,
                len(asked),
            )
    return None


def settle(item: Item, answers: Answers) -> Situation:
    """The situation as far as these answers tell it; refuses as `ask`."""
    check(item, answers)
    asked = [question["code"] for question in _asked(item, answers)]
    given = {code: answers[code] for code in asked if code in answers}
    still_open = tuple(code for code in asked if code not in given)
    later = {*still_open, *_may_follow(item, still_open)}
    papers = item.details["papers"]
    return Situation(
        code=",".join(f"{question}={answer}" for question, answer in given.items()),
        answers=given,
        channels=_channels(item, given),
        papers=_papers(paper for paper in papers if holds(paper.get("when"), given)),
        perhaps=_papers(p for p in papers if not holds(p.get("when"), given) and _of(p["when"]) in later),
        open=still_open,
        fees=_fees(item, given, later),
    )


def check(of: Item | Bundle, answers: Answers) -> None:
    """Refuse answers that do not fit: NoSuchQuestion, NoSuchAnswer, AnswerNotAsked."""
    questions = {question["code"]: question for question in _questions(of)}
    for code, said in answers.items():
        if code not in questions:
            raise NoSuchQuestion(field=f"answers.{code}", of=of.code, question=code)
        choices = [answer["code"] for answer in questions[code]["answers"]]
        if said not in choices:
            raise NoSuchAnswer(
                field=f"answers.{code}", question=code, answer=said, choices=", ".join(choices)
            )
    asked = {question["code"] for question in _asked(of, answers)}
    for code in answers:
        if code not in asked:
            raise AnswerNotAsked(field=f"answers.{code}", question=code)


def fitting(of: Item | Bundle, answers: Answers) -> dict[str, str]:
    """What of these answers fits: some may be from before the catalogue changed."""
    left = dict(answers)
    while True:
        try:
            check(of, left)
        except (NoSuchQuestion, NoSuchAnswer, AnswerNotAsked) as misfit:
            del left[misfit.data["question"]]
        else:
            return left


def holds(when: str | None, answers: Answers) -> bool:
    """Whether something is meant with these answers; `when` is `question=answer`, or None for always."""
    if when is None:
        return True
    question, _, answer = when.partition("=")
    return answers.get(question) == answer


def _questions(of: Item | Bundle) -> Sequence[dict[str, Any]]:
    found: Sequence[dict[str, Any]] = of.details.get("situations", ())
    return found


def _asked(of: Item | Bundle, answers: Answers) -> Iterator[dict[str, Any]]:
    """The questions that these answers leave to ask, those answered too. One hangs on an earlier one at most."""
    asked: set[str] = set()
    for question in _questions(of):
        when = question.get("when")
        if when is None or (holds(when, answers) and _of(when) in asked):
            asked.add(question["code"])
            yield question


def _may_follow(of: Item | Bundle, still_open: Sequence[str]) -> Iterator[str]:
    """Questions that an answer to an open one may yet bring up."""
    before = set(still_open)
    for question in _questions(of):
        when = question.get("when")
        if when is not None and _of(when) in before:
            before.add(question["code"])
            yield question["code"]


def _of(when: str) -> str:
    return when.partition("=")[0]


def _channels(item: Item, given: Answers) -> tuple[str, ...]:
    """Those of the item that every answer leaves, in the item's order."""
    left = [channel for channel, there in item.channels.items() if there]
    for question in _questions(item):
        for answer in question["answers"]:
            if given.get(question["code"]) == answer["code"] and answer.get("channels"):
                left = [channel for channel in left if channel in answer["channels"]]
    return tuple(left) or (LAST_RESORT,)


def _papers(papers: Iterator[dict[str, Any]]) -> tuple[Paper, ...]:
    """One of each name, even where two answers ask for it."""
    return tuple({paper["name"]: _paper(paper) for paper in papers}.values())


def _paper(told: dict[str, Any]) -> Paper:
    return Paper(
        told["name"],
        told["name_en"],
        told["shared"],
        told["deferrable"],
        told.get("copies"),
        told.get("source"),
        told.get("source_en"),
    )


def _fees(item: Item, given: Answers, later: Collection[str]) -> tuple[Fee, ...] | None:
    """What is charged with these answers; None where that is not known, or hangs on what is `later` to be asked."""
    fees = item.details.get("fees")
    if fees is None or any(fee.get("when") and _of(fee["when"]) in later for fee in fees):
        return None
    return tuple(
        Fee(fee["name"], fee["name_en"], fee["yuan"]) for fee in fees if holds(fee.get("when"), given)
    )
