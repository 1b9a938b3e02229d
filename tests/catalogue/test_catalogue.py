"""The catalogue: replaced as a whole, found in one's own words."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from dispatch.catalogue import editing, finding, wording
from dispatch.foundation import log
from dispatch.foundation.database import Database
from dispatch.foundation.errors import NotFound
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
    TRADE,
    bundle_row,
    item_row,
    placement_rows,
)

Rows = list[dict[str, Any]]


class GivenUp(Exception):
    """What was begun is given up."""


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


def search(city: Database, words: str) -> list[tuple[str, float]]:
    with city.reading() as session:
        return [(item.code, score) for item, score in finding.search(session, words, 5)]


def until(true: Callable[[], bool]) -> None:
    """Wait for a change to be known: the new index is built beside, while searches go by the one before."""
    while not true():
        time.sleep(0.01)


def test_a_search_knows_the_catalogue_as_it_stands(city: Database) -> None:
    assert search(city, "办社保卡") == [(CARD, 1.0)]
    items = [item_row(code) for code in PLACES]
    items[0]["details"] = {**items[0]["details"], "aliases": ["保障卡片"]}
    replace(city, items)
    until(lambda: (CARD, 1.0) in search(city, "保障卡片"))
    assert (CARD, 1.0) not in search(city, "办社保卡")


def test_a_search_does_not_wait_for_a_new_index(city: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert search(city, "办社保卡") == [(CARD, 1.0)]
    going_on, built = threading.Event(), wording.index_of

    def slowly(*rows: Any) -> Any:  # noqa: ANN401
        going_on.wait()
        return built(*rows)

    monkeypatch.setattr(wording, "index_of", slowly)
    items = [item_row(code) for code in PLACES]
    items[0]["details"] = {**items[0]["details"], "aliases": ["保障卡片"]}
    replace(city, items)
    for _ in range(3):
        assert search(city, "办社保卡") == [(CARD, 1.0)]
    going_on.set()
    until(lambda: (CARD, 1.0) in search(city, "保障卡片"))


def test_whoever_changes_the_catalogue_finds_by_her_own_words(city: Database) -> None:
    assert search(city, "羊城通") == []
    with suppress(GivenUp), city.work() as session:
        words = [{"code": "card", "role": "thing", "words": ["羊城通", "社会保障卡"]}]
        rows = [item_row(code) for code in PLACES], [bundle_row()], placement_rows()
        editing.replace(session, *rows, words, now=MORNING, actor=BUILDER)
        session.flush()
        assert [item.code for item, _ in finding.search(session, "羊城通", 1)] == [CARD]
        raise GivenUp
    assert search(city, "羊城通") == []


def test_what_is_out_of_use_is_not_found(city: Database) -> None:
    left = [item_row(code) for code in PLACES if code != MORTGAGE]
    replace(city, left, [], [row for row in placement_rows() if row["item"] != MORTGAGE])
    assert MORTGAGE not in [code for code, _ in search(city, "抵押登记")]


def say(city: Database, words: Rows | None) -> bool:
    with city.work() as session:
        rows = [item_row(code) for code in PLACES], [bundle_row()], placement_rows()
        return editing.replace(session, *rows, words, now=MORNING, actor=BUILDER)


def test_the_citys_own_words_are_part_of_the_catalogue(city: Database) -> None:
    assert search(city, "羊城通") == []
    words = [{"code": "card", "role": "thing", "words": ["羊城通", "社会保障卡"]}]
    assert say(city, words) is True
    assert say(city, words) is False
    until(lambda: [code for code, _ in search(city, "羊城通")][:1] == [CARD])
    assert say(city, None) is False
    assert search(city, "羊城通")[0][0] == CARD
    assert say(city, []) is True
    until(lambda: search(city, "羊城通") == [])


def test_a_bundle_is_found_by_its_words_and_by_its_items(city: Database) -> None:
    with city.reading() as session:
        found = finding.search_bundles(session, "新生儿出生", 3)
        assert [(bundle.code, score) for bundle, score in found] == [(BUNDLE, 1.0)]
        assert [bundle.code for bundle in finding.bundles_with(session, [CARD])] == [BUNDLE]
        assert finding.bundles_with(session, [MORTGAGE]) == []


def test_while_typing_names_that_go_on_so_are_suggested(city: Database) -> None:
    with city.reading() as session:
        for typed in ("个体户", "gt", "getihu"):
            assert TRADE in [each.code for each in finding.suggestions(session, typed, 8)]
        assert finding.suggestions(session, "。", 8) == []
