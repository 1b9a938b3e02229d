"""Searches in vain: words are counted, no person is, and what one person typed is never written down."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dispatch.catalogue import editing, unfound
from dispatch.catalogue.models import Item, Unfound
from dispatch.foundation.database import Database
from dispatch.foundation.ids import digest
from tests import standing_city
from tests.standing_city import BUILDER, MORNING, PLACES, bundle_row, item_row, placement_rows

TODAY = date(2026, 11, 23)
WORDS = [{"code": "say", "role": "filler", "words": ["怎么办", "我要", "去哪里"]}]


@pytest.fixture
def city(database: Database) -> Database:
    standing_city.build(database)
    return database


def ask(city: Database, words: str, times: int = 1, day: date = TODAY) -> None:
    for _ in range(times):
        with city.work() as session:
            unfound.note(session, words, digest(words), day=day)


def listed(city: Database, since: date = TODAY - timedelta(days=30)) -> list[unfound.Wanted]:
    with city.reading() as session:
        return unfound.listed(session, since, 10)


def kept(city: Database) -> set[str | None]:
    with city.reading() as session:
        return set(session.scalars(select(Unfound.words)))


def test_words_are_kept_once_enough_asked_on_more_than_one_day(city: Database) -> None:
    ask(city, "养狗证", 5)
    assert kept(city) == {None}
    assert listed(city) == []
    ask(city, "养狗证", 1, TODAY + timedelta(days=1))
    assert listed(city) == [unfound.Wanted("养狗证", 6, 2, TODAY + timedelta(days=1))]


def test_what_few_asked_is_not_told_though_on_two_days(city: Database) -> None:
    ask(city, "王小明")
    ask(city, "王小明", 1, TODAY + timedelta(days=1))
    assert kept(city) == {None}


def test_the_most_wanted_come_first_and_old_ones_not_at_all(city: Database) -> None:
    for words, times in (("养狗证", 2), ("死亡证明", 4)):
        for day in (TODAY, TODAY - timedelta(days=1)):
            ask(city, words, times, day)
    assert [(row.words, row.count) for row in listed(city)] == [("死亡证明", 8), ("养狗证", 4)]
    assert [row.count for row in listed(city, TODAY)] == [4, 2]
    with city.work() as session:
        unfound.forget_old(session, day=TODAY + timedelta(days=unfound.KEPT_DAYS))
    assert {row.count for row in listed(city)} == {4, 2}


def test_a_flood_of_nonsense_fills_nothing(city: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfound, "MOST_A_DAY", 3)
    for number in range(6):
        ask(city, f"胡说{number}")
    ask(city, "胡说0", 2)
    with city.reading() as session:
        rows = {row.key: row.count for row in session.scalars(select(Unfound))}
    assert rows == {
        digest("胡说0"): 3,
        digest("胡说1"): 1,
        digest("胡说2"): 1,
    }


def core(city: Database, words: str) -> str:
    with city.reading() as session:
        return unfound.core(session, words)


def test_only_what_no_filler_says_is_counted(city: Database) -> None:
    with city.work() as session:
        rows = [item_row(code) for code in PLACES], [bundle_row()], placement_rows()
        editing.replace(session, *rows, WORDS, now=MORNING, actor=BUILDER)
    assert core(city, "我要养狗证,怎么办?") == core(city, "養狗證去哪里") == "养狗证"
    assert core(city, "怎么办") == ""


@pytest.mark.parametrize(
    "words",
    ["13800138000", "33108219900101001X", "王小明33108219900101001x", "E12345678", "电话 0576-85112233"],
)
def test_numbers_of_persons_are_struck_out(city: Database, words: str) -> None:
    assert not any(character.isdigit() for character in core(city, words))


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(max_size=200))
def test_what_is_counted_is_short_and_holds_no_long_number(city: Database, words: str) -> None:
    said = core(city, words)
    assert len(said) <= unfound.LONGEST
    assert not re.search(r"[0-9]{4}", said)


def test_only_what_is_unlikely_is_counted() -> None:
    assert unfound.is_unfound([])
    assert unfound.is_unfound([(Item(), unfound.UNSURE - 0.01)])
    assert not unfound.is_unfound([(Item(), unfound.UNSURE)])
