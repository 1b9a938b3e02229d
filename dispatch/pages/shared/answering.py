"""The questions that lead to somebody's exact situation, one on each screen; her answers stand in the address.

`answers=QUESTION=ANSWER`, once for each question answered, as in `GET /items/{code}`; `unsure=QUESTION` for each that
she passed over, which stays open. Going back is dropping the last of them. Bundles are asked in the same way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from dispatch.catalogue import situations
from dispatch.catalogue.models import Bundle, Item
from dispatch.catalogue.situations import Question

ANSWERS, UNSURE = "answers", "unsure"
Pairs = Sequence[tuple[str, str]]
"""A query, key by key."""


@dataclass(frozen=True)
class Said:
    """What somebody has answered, and what she passed over, in the order of the questions."""

    answers: Mapping[str, str] = field(default_factory=dict)
    unsure: Sequence[str] = ()

    @property
    def pairs(self) -> Pairs:
        """The same as the keys of an address."""
        return [
            *((ANSWERS, f"{question}={answer}") for question, answer in self.answers.items()),
            *((UNSURE, question) for question in self.unsure),
        ]

    @property
    def asked_again(self) -> "Said":
        """The same with what was passed over open again."""
        return Said(self.answers)

    @property
    def query(self) -> str:
        """The same as the text of an address; empty where nothing was said."""
        return urlencode(self.pairs)


@dataclass(frozen=True)
class Step:
    """The screen of one question: what has been said, and what was said one screen before, if anything was."""

    question: Question
    said: Said
    before: Said | None


@dataclass(frozen=True)
class AnsweredSo:
    """One answer as a person reads it, and the address's pairs that ask this question once more."""

    question: str
    question_en: str
    answer: str
    answer_en: str
    again: Said


def read(args: MultiDict[str, str]) -> Said:
    """What an address says, whether or not it fits."""
    pairs = (said.split("=", 1) for said in args.getlist(ANSWERS) if "=" in said)
    return Said(dict(pairs), tuple(dict.fromkeys(args.getlist(UNSURE))))


def fitting(of: Item | Bundle, said: Said) -> Said:
    """What of this fits the item or bundle, in the order it asks; an answer counts before a doubt."""
    answers = situations.fitting(of, said.answers)
    in_order = [question["code"] for question in of.details.get("situations", ())]
    return Said(
        {code: answers[code] for code in in_order if code in answers},
        tuple(code for code in in_order if code in said.unsure and code not in answers),
    )


def step(of: Item | Bundle, said: Said) -> Step | None:
    """The next screen, or None when nothing is left to ask; what was said must fit."""
    question = situations.next_question(of, said.answers, said.unsure)
    if question is None:
        return None
    return Step(question, said, before(of, said))


def before(of: Item | Bundle, said: Said) -> Said | None:
    """What had been said one screen earlier."""
    codes = [question["code"] for question in of.details.get("situations", ())]
    given = [code for code in codes if code in said.answers or code in said.unsure]
    return _without(of, said, given[-1:]) if given else None


def in_words(of: Item | Bundle, said: Said) -> list[AnsweredSo]:
    """Every answer as it was chosen."""
    told = []
    for question in of.details.get("situations", ()):
        chosen = said.answers.get(question["code"])
        for answer in question["answers"]:
            if answer["code"] == chosen:
                again = _without(of, said, [question["code"]])
                told.append(
                    AnsweredSo(
                        question["question"],
                        question["question_en"],
                        answer["label"],
                        answer["label_en"],
                        again,
                    )
                )
    return told


def _without(of: Item | Bundle, said: Said, codes: Sequence[str]) -> Said:
    """The same with these questions open again, and those that hung on them."""
    answers = {code: answer for code, answer in said.answers.items() if code not in codes}
    return fitting(of, Said(answers, [code for code in said.unsure if code not in codes]))
