"""Several items are asked about as one: nothing twice, and each of them as exactly as alone."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dispatch.catalogue import situations
from dispatch.catalogue.models import Item
from dispatch.demo import CITY
from dispatch.pages.shared import answering
from dispatch.pages.shared.answering import Said
from dispatch.pages.shared.together import apart, together

ITEMS = [
    Item(code=told["code"], channels=told["channels"], details=told)
    for told in json.loads((CITY / "items.json").read_text(encoding="utf-8"))["items"]
]
ASKING = [item for item in ITEMS if item.details["situations"]]
some = st.lists(st.sampled_from(ASKING), min_size=2, max_size=6, unique_by=lambda item: item.code)


def alone(item: Item) -> list[str]:
    return [question["question"] for question in item.details["situations"]]


@given(items=some, data=st.data())
def test_whatever_is_answered_fits_each_item_and_leaves_nothing_open(
    items: list[Item], data: st.DataObject
) -> None:
    of, said, asked = together(items), Said(), list[str]()
    while step := answering.step(of, said):
        asked.append(step.question.code)
        chosen = data.draw(st.sampled_from([None, *(answer.code for answer in step.question.answers)]))
        if chosen is None:
            said = replace(said, unsure=[*said.unsure, step.question.code])
        else:
            said = replace(said, answers={**said.answers, step.question.code: chosen})
    assert len(asked) == len(set(asked)) <= sum(len(alone(item)) for item in items)
    assert answering.fitting(of, said).answers == said.answers
    for item in items:
        mine = apart(items, said)[item.code]
        situation = situations.settle(item, mine.answers)
        assert set(situation.open) == set(mine.unsure)
        assert answering.step(item, mine) is None


@given(items=some)
def test_the_same_question_is_asked_once_and_answers_all(items: list[Item]) -> None:
    of = together(items)
    said = Said()
    while step := answering.step(of, said):
        said = replace(said, answers={**said.answers, step.question.code: step.question.answers[0].code})
    for item in items:
        for question, answer in apart(items, said)[item.code].answers.items():
            known = {each["code"]: each for each in item.details["situations"]}
            assert answer == known[question]["answers"][0]["code"]
