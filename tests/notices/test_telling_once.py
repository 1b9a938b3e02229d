"""The one-time notice: its short link, its fees, its lines on a slip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from dispatch.catalogue import finding, situations
from dispatch.catalogue.edition import MARK_LENGTH, edition
from dispatch.catalogue.models import Item
from dispatch.foundation import log
from dispatch.notices import paper, telling_once, wording
from dispatch.ports.maps import Point
from tests.standing_city import CARD, RENEWAL, Town, item_row

QUESTIONS = {q["code"]: [a["code"] for a in q["answers"]] for q in item_row(RENEWAL)["details"]["situations"]}
answers = st.fixed_dictionaries(
    {}, optional={code: st.sampled_from(said) for code, said in QUESTIONS.items()}
)


def item(code: str = RENEWAL, **details: object) -> Item:
    row = item_row(code)
    return Item(**{**row, "details": {**row["details"], **details}})


def width(text: str) -> int:
    return sum(2 if ord(sign) > 0xFF else 1 for sign in text)


@given(answers)
def test_a_short_link_holds_all_that_was_answered(said: dict[str, str]) -> None:
    code = situations.settle(item(), said).code
    path = telling_once.short_path(RENEWAL, code)
    assert telling_once.answers_in(path.removeprefix(f"/n/{RENEWAL}").lstrip("/")) == said


@given(st.text(alphabet=st.sampled_from("ab ,.要带什么"), max_size=300), st.integers(4, 60))
def test_folding_loses_nothing_but_blanks_and_fits(text: str, columns: int) -> None:
    lines = list(paper.folded(text, columns))
    assert all(width(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("fees", "said", "told"),
    [
        (None, {}, None),
        ([], {}, []),
        ([("a", None), ("b", "prints=yes")], {}, None),
        ([("a", None), ("b", "prints=yes")], {"prints": "yes"}, ["a", "b"]),
        ([("a", None), ("b", "prints=yes")], {"prints": "no"}, ["a"]),
    ],
)
def test_fees_are_told_once_no_open_question_decides_them(
    fees: list[tuple[str, str | None]] | None, said: dict[str, str], told: list[str] | None
) -> None:
    rows = (
        None if fees is None else [{"name": n, "name_en": n, "yuan": 1.5, "when": when} for n, when in fees]
    )
    found = situations.settle(item(fees=rows), said).fees
    assert (None if found is None else [fee.name for fee in found]) == told


def test_answers_of_an_older_catalogue_are_dropped_as_far_as_they_do_not_fit() -> None:
    said = {"prints": "yes", "change": "colour", "gone": "yes"}
    assert situations.fitting(item(), said) == {"prints": "yes"}


def test_it_says_by_which_catalogue_it_is_true(town: Town) -> None:
    with town.database.reading() as session:
        found = edition(session)
        wanted = select(log.LogEntry.hash).where(log.LogEntry.kind == "CatalogueReplaced")
        assert found is not None
        assert found.mark == str(session.scalar(wanted))[:MARK_LENGTH]


def test_both_languages_answer_the_same_questions(town: Town) -> None:
    with town.database.reading() as session:
        row = finding.item(session, CARD)
        told = telling_once.notice(session, row, {}, Point(28.5, 121.5))
        chinese, english = (wording.sections(told, lang) for lang in ("zh", "en"))
    assert [each.code for each in chinese] == [each.code for each in english]
    assert [len(each.rows) for each in chinese] == [len(each.rows) for each in english]
    assert {each.code for each in chinese} <= set(wording.SECTIONS)
    assert [place.distance_m for place in told.places] == sorted(
        place.distance_m or 0 for place in told.places
    )
