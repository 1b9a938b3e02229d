"""From an item to the exact situation: every way of answering ends, and what does not fit is refused by its name."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.catalogue.models import Item
from dispatch.catalogue.refusals import AnswerNotAsked, NoSuchAnswer, NoSuchQuestion
from dispatch.catalogue.situations import Question, Situation, ask, next_question, settle
from dispatch.foundation.words import translate
from dispatch.wiring.importing import applying
from dispatch.wiring.importing.format import City
from tests.standing_city import item_row


def question(code: str, *answers: str, when: str | None = None, **only: list[str]) -> dict[str, Any]:
    told = [{"code": a, "label": a, "label_en": a, "channels": only.get(a)} for a in answers]
    return {"code": code, "question": code, "question_en": code, "answers": told, "when": when}


def paper(name: str, when: str | None = None) -> dict[str, Any]:
    return {"name": name, "name_en": name, "shared": False, "deferrable": False, "when": when}


def item(*questions: dict[str, Any], papers: tuple[dict[str, Any], ...] = (), **channels: bool) -> Item:
    ways = {"app": True, "web": True, "kiosk": False, "counter": True, **channels}
    return Item(code="ITEM", channels=ways, details={"situations": list(questions), "papers": list(papers)})


TREE = item(
    question("kind", "sale", "gift", sale=["app", "counter"]),
    question("loan", "yes", "no", when="kind=sale", yes=["counter"]),
    question("bank", "near", "far", when="loan=yes"),
    question("kin", "child", "other", when="kind=gift"),
    papers=(
        paper("always"),
        paper("contract", "kind=sale"),
        paper("deed", "loan=yes"),
        paper("tree", "kin=child"),
    ),
)


def names(situation: Situation) -> tuple[list[str], list[str]]:
    return [each.name for each in situation.papers], [each.name for each in situation.perhaps]


def test_questions_come_one_after_another_and_follow_the_answers() -> None:
    first = ask(TREE, {})
    assert isinstance(first, Question)
    assert (first.code, first.number, first.of) == ("kind", 1, 1)
    second = ask(TREE, {"kind": "sale"})
    assert isinstance(second, Question)
    assert (second.code, second.number, second.of) == ("loan", 2, 2)
    done = ask(TREE, {"kind": "sale", "loan": "no"})
    assert isinstance(done, Situation)
    assert done.exact
    assert done.code == "kind=sale,loan=no"


def test_papers_are_told_as_far_as_they_are_known() -> None:
    assert names(settle(TREE, {})) == (["always"], ["contract", "deed", "tree"])
    assert names(settle(TREE, {"kind": "sale"})) == (["always", "contract"], ["deed"])
    assert names(settle(TREE, {"kind": "sale", "loan": "no"})) == (["always", "contract"], [])
    assert names(settle(TREE, {"kind": "gift"})) == (["always"], ["tree"])


def test_channels_are_those_that_all_answers_leave() -> None:
    assert settle(TREE, {}).channels == ("app", "web", "counter")
    assert settle(TREE, {"kind": "sale"}).channels == ("app", "counter")
    assert settle(TREE, {"kind": "sale", "loan": "yes"}).channels == ("counter",)


def test_a_counter_is_left_where_answers_leave_nothing() -> None:
    torn = item(question("a", "x", "y", x=["app"]), question("b", "x", "y", x=["web"]))
    assert settle(torn, {"a": "x", "b": "x"}).channels == ("counter",)


def test_the_order_of_answers_makes_no_difference() -> None:
    answers = [("kind", "sale"), ("loan", "yes"), ("bank", "far")]
    assert len({settle(TREE, dict(order)).code for order in permutations(answers)}) == 1


@pytest.mark.parametrize(
    ("answers", "refusal", "field"),
    [
        ({"size": "big"}, NoSuchQuestion, "answers.size"),
        ({"kind": "theft"}, NoSuchAnswer, "answers.kind"),
        ({"kind": "gift", "loan": "yes"}, AnswerNotAsked, "answers.loan"),
        ({"loan": "yes"}, AnswerNotAsked, "answers.loan"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(
    answers: dict[str, str], refusal: type[Exception], field: str
) -> None:
    for verb in (ask, settle):
        with pytest.raises(refusal) as refused:
            verb(TREE, answers)
        assert refused.value.field == field  # type: ignore[attr-defined]
        for lang in ("zh", "en"):
            assert translate(lang, refused.value.sentence, **refused.value.data)  # type: ignore[attr-defined]


def test_an_item_without_questions_is_a_situation_at_once() -> None:
    plain = ask(item(papers=(paper("always"),)), {})
    assert isinstance(plain, Situation)
    assert (plain.code, plain.exact, names(plain)) == ("", True, (["always"], []))


def test_answers_of_every_item_of_the_demo_end_in_a_situation(demo: City) -> None:
    for row in applying.item_rows(demo):
        known, answers = Item(**row), dict[str, str]()
        while asked := next_question(known, answers):
            assert asked.number == len(answers) + 1 <= asked.of
            answers[asked.code] = asked.answers[-1].code
        found = ask(known, answers)
        assert isinstance(found, Situation)
        assert found.exact
        assert not found.perhaps
        assert set(found.channels) <= {channel for channel, there in known.channels.items() if there}


CARD = Item(**item_row("HR-RETIRE"))
CODES = st.sampled_from(["who", "kind", "deemed", "age", "x"])


@given(answers=st.dictionaries(CODES, st.sampled_from(["worker", "normal", "special", "ill", "yes", "no"])))
def test_any_answers_are_taken_or_refused_and_never_half(answers: dict[str, str]) -> None:
    at_fault: str | None = None
    try:
        found = settle(CARD, answers)
    except (NoSuchQuestion, NoSuchAnswer, AnswerNotAsked) as refused:
        at_fault = str(refused.field).removeprefix("answers.")
    else:
        assert found.answers == answers
        assert not {each.name for each in found.papers} & {each.name for each in found.perhaps}
        assert found.exact == (next_question(CARD, answers) is None)
    assert at_fault is None or at_fault in answers
