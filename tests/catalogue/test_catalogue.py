"""The catalogue: replaced as a whole, found in one's own words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.catalogue import editing, finding, searching
from dispatch.catalogue.models import Item
from dispatch.catalogue.searching import Terms
from dispatch.demo import CITY
from dispatch.foundation import log
from dispatch.foundation.database import Database
from dispatch.foundation.errors import NotFound
from dispatch.wiring.importing.reading import read_city
from tests import standing_city
from tests.standing_city import (
    BUILDER,
    BUNDLE,
    CARD,
    DISTRICT_HALL,
    MORNING,
    MORTGAGE,
    PLACES,
    TOWN_HALL,
    bundle_row,
    item_row,
    placement_rows,
)

Rows = list[dict[str, Any]]


@pytest.fixture
def city(database: Database) -> Database:
    standing_city.build(database)
    return database


def replace(
    city: Database, items: Rows | None = None, bundles: Rows | None = None, places: Rows | None = None
) -> bool:
    with city.work() as session:
        return editing.replace(
            session,
            [item_row(code) for code in PLACES] if items is None else items,
            [bundle_row()] if bundles is None else bundles,
            placement_rows() if places is None else places,
            now=MORNING,
            actor=BUILDER,
        )


def news(city: Database) -> list[dict[str, Any]]:
    with city.reading() as session:
        return [entry.data for entry in log.entries_after(session, log.CITY, 0)]


def test_a_new_catalogue_is_said_in_the_citys_log(city: Database) -> None:
    assert news(city) == [{"items": 4, "bundles": 1, "placements": 9}]


def test_the_same_catalogue_again_changes_nothing(city: Database) -> None:
    assert replace(city) is False
    assert len(news(city)) == 1


def test_one_word_that_differs_is_a_change(city: Database) -> None:
    items = [item_row(code) for code in PLACES]
    items[0]["name_en"] = "Social security card"
    assert replace(city, items) is True
    assert replace(city, items) is False
    with city.reading() as session:
        assert finding.item(session, CARD).name_en == "Social security card"


def test_what_is_missing_is_put_out_of_use_and_still_named_on_old_tickets(city: Database) -> None:
    left = [item_row(code) for code in PLACES if code != MORTGAGE]
    assert replace(city, left, [], [row for row in placement_rows() if row["item"] != MORTGAGE]) is True
    with city.reading() as session:
        with pytest.raises(NotFound):
            finding.item(session, MORTGAGE)
        with pytest.raises(NotFound):
            finding.bundle(session, BUNDLE)
        assert [item.code for item in finding.items_ever(session, [MORTGAGE])] == [MORTGAGE]
        assert finding.placements(session, MORTGAGE) == []
    assert replace(city) is True
    with city.reading() as session:
        assert finding.item(session, MORTGAGE).active


def test_a_placement_moves_to_another_queue(city: Database) -> None:
    rows = [{**row, "queue": "A"} if row["hall"] == TOWN_HALL else row for row in placement_rows()]
    assert replace(city, places=rows) is True
    with city.reading() as session:
        placed = finding.taken_at(session, TOWN_HALL, CARD)
        assert placed is not None
        assert placed.queue == "A"


def test_a_hall_and_an_item_know_each_other(city: Database) -> None:
    with city.reading() as session:
        assert [row.item for row in finding.taken_in(session, DISTRICT_HALL)] == sorted(PLACES)
        assert [row.hall for row in finding.placements(session, MORTGAGE)] == ["H-331000", DISTRICT_HALL]
        assert finding.taken_at(session, TOWN_HALL, MORTGAGE) is None


# --- searching ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def terms() -> dict[str, Terms]:
    """The whole demo catalogue's words."""
    told = {}
    for item in read_city(CITY).items:
        row = item.model_dump(mode="json")
        told[item.code] = searching.terms_of(Item(name=item.name, name_en=item.name_en, details=row))
    return told


def test_every_item_is_found_first_by_its_own_name(terms: dict[str, Terms]) -> None:
    for code, known in terms.items():
        found = searching.search(terms, known.names[0])
        assert found[0] == (code, 1.0)


def test_every_item_is_among_the_first_by_each_of_its_other_names(terms: dict[str, Terms]) -> None:
    missing = [
        (code, name)
        for code, known in terms.items()
        for name in known.names
        if code not in [found for found, _ in searching.search(terms, name)[:5]]
    ]
    assert missing == []


def test_every_item_is_found_by_its_pinyin(terms: dict[str, Terms]) -> None:
    for code, known in terms.items():
        assert code in [found for found, _ in searching.search(terms, known.spelled[0])[:5]]


@pytest.mark.parametrize(
    ("words", "code"),
    [("身份证丢了", "PSB-ID-LOST"), ("社保卡", "HR-CARD"), ("护照", "PSB-PASS"), ("结婚", "CIV-MARRY")],
)
def test_peoples_own_words_find_it(terms: dict[str, Terms], words: str, code: str) -> None:
    assert code in [found for found, _ in searching.search(terms, words)[:5]]


@given(words=st.text(max_size=30))
def test_any_words_give_scores_in_order(terms: dict[str, Terms], words: str) -> None:
    found = searching.search(terms, words)
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert all(searching.LEAST_SCORE <= score <= 1 for score in scores)
    assert len({code for code, _ in found}) == len(found)


@pytest.mark.parametrize("words", ["", " ", "\t\n", "　"])
def test_no_words_find_nothing(terms: dict[str, Terms], words: str) -> None:
    assert searching.search(terms, words) == []
