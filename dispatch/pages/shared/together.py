"""Several items asked about as one: each item's questions, the same question only once.

A question of them all is `ITEM.QUESTION`, by the first item that asks it. Two items ask the same where the words, the
answers to choose and what it hangs on are the same: `who`, say, in most.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dispatch.catalogue.models import Bundle, Item
from dispatch.pages.shared.answering import Said


def together(items: Sequence[Item]) -> Bundle:
    """The items as one thing that `situations` and `answering` ask about; it stands in no table."""
    asked: dict[str, dict[str, Any]] = {}
    for _, _, question in _questions(items):
        asked.setdefault(question["code"], question)
    code = "+".join(item.code for item in items)
    return Bundle(code=code, details={"situations": list(asked.values())})


def apart(items: Sequence[Item], said: Said) -> dict[str, Said]:
    """What was said of all of them, by item, as it is said of that one alone; it must fit."""
    answers: dict[str, dict[str, str]] = {item.code: {} for item in items}
    unsure: dict[str, list[str]] = {item.code: [] for item in items}
    for item, own, question in _questions(items):
        if question["code"] in said.answers:
            answers[item][own] = said.answers[question["code"]]
        elif question["code"] in said.unsure:
            unsure[item].append(own)
    return {code: Said(answers[code], unsure[code]) for code in answers}


def _questions(items: Sequence[Item]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every item with each question by its own code, and the question as it is asked for all of them."""
    first: dict[tuple[object, ...], str] = {}
    for item in items:
        codes: dict[str, str] = {}
        for question in item.details.get("situations", ()):
            own, when = question["code"], _renamed(question.get("when"), codes)
            alike = (
                question["question"],
                tuple((each["code"], each["label"]) for each in question["answers"]),
                when,
            )
            codes[own] = first.setdefault(alike, f"{item.code}.{own}")
            yield item.code, own, {**question, "code": codes[own], "when": when}


def _renamed(when: str | None, codes: Mapping[str, str]) -> str | None:
    if when is None:
        return None
    question, _, answer = when.partition("=")
    return f"{codes[question]}={answer}"
