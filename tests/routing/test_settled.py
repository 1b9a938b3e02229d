"""What routing keeps in memory is what stands, and other halls for somebody who stands in one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from dispatch.catalogue import placing
from dispatch.foundation.database import Database
from dispatch.halls import configuring, finding, rescheduling
from dispatch.learning.durations import ServiceTimes, of_minutes
from dispatch.learning.minutes import SURE, keep_minutes, shortest
from dispatch.ports.maps import Point
from dispatch.routing import settled
from dispatch.routing.asking import Ask
from dispatch.routing.elsewhere import elsewhere
from dispatch.tickets.wanting import Wanted
from tests import standing_city
from tests.routing.cities import ROUTER
from tests.standing_city import (
    BUILDER,
    CARD,
    CITY_HALL,
    DISTRICT_HALL,
    MORNING,
    MORTGAGE,
    TOWN_HALL,
    hall_spec,
)


@pytest.fixture
def city(database: Database) -> Database:
    standing_city.build(database)
    return database


@pytest.fixture
def other(city: Database) -> Iterator[Database]:
    """The same city as another process has it."""
    with Database(city.url) as opened:
        yield opened


def taking(database: Database, item: str) -> set[str]:
    with database.reading() as session:
        return set(settled.shares(session, settled.atlas(session), [item]).by_hall)


def open_till(database: Database, hall: str) -> list[datetime]:
    with database.reading() as session:
        atlas = settled.atlas(session)
        openings = settled.openings(session, atlas, MORNING)
        return [each.end for each in openings.left(atlas.by_code[hall])]


def test_halls_are_read_once_and_are_the_citys(city: Database) -> None:
    with city.reading() as session:
        first = settled.atlas(session)
        assert [site.code for site in first.everywhere] == [hall.code for hall in finding.all_halls(session)]
    with city.reading() as session:
        assert settled.atlas(session) is first


def test_another_place_of_an_item_is_known_everywhere(city: Database, other: Database) -> None:
    for database in (city, other):
        assert taking(database, MORTGAGE) == {CITY_HALL, DISTRICT_HALL}
    with city.work() as session:
        wanted = {**placing.queues_by_item(session, TOWN_HALL), MORTGAGE: "A"}
        placing.place(session, TOWN_HALL, wanted, now=MORNING, actor=BUILDER)
    for database in (city, other):
        assert taking(database, MORTGAGE) == {CITY_HALL, DISTRICT_HALL, TOWN_HALL}


def test_another_week_is_known_everywhere(city: Database, other: Database) -> None:
    before = open_till(other, TOWN_HALL)
    with city.work() as session:
        place = finding.hall(session, TOWN_HALL)
        weekly = {**place.hours["weekly"], "mon": [["09:00", "09:45"]]}
        rescheduling.set_week(session, place, weekly=weekly, now=MORNING, actor=BUILDER)
    for database in (city, other):
        assert open_till(database, TOWN_HALL) == [MORNING.replace(hour=9, minute=45)] != before


def test_a_hall_that_moved_is_known_everywhere(city: Database, other: Database) -> None:
    with other.reading() as session:
        was = settled.atlas(session).by_code[TOWN_HALL].place
    with city.work() as session:
        configuring.configure(session, hall_spec(TOWN_HALL, lat=28.9), now=MORNING, actor=BUILDER)
    with other.reading() as session:
        atlas = settled.atlas(session)
        assert atlas.by_code[TOWN_HALL].place == Point(28.9, was.lon)
        here = atlas.metres(atlas.by_code[TOWN_HALL].place)
        assert here.min() == here[[site.code for site in atlas.everywhere].index(TOWN_HALL)] == 0


def test_what_was_learned_is_known_everywhere(city: Database, other: Database) -> None:
    def learn(hall: str, minutes: float) -> None:
        times = ServiceTimes(of={CARD: replace(of_minutes(minutes), weight=SURE)})
        with city.work() as session:
            keep_minutes(session, hall, times, 1)

    for hall, minutes, least in (
        (TOWN_HALL, 9, 9),
        (CITY_HALL, 7, 7),
        (DISTRICT_HALL, 8, 7),
        (CITY_HALL, 12, 8),
    ):
        learn(hall, minutes)
        for database in (city, other):
            with database.reading() as session:
                assert shortest(session) == {CARD: pytest.approx(least, abs=0.01)}


@dataclass(frozen=True)
class Look:
    """A view of the city in the morning."""

    session: object
    now: datetime = MORNING


def others(city: Database, *items: str, at: datetime = MORNING) -> list[str]:
    """Where else somebody in the town's hall would be done today."""

    @contextmanager
    def reading() -> Iterator[Look]:
        with city.reading() as session:
            yield Look(session)

    def ask(look: Look) -> Ask:
        place = finding.hall(look.session, TOWN_HALL)  # type: ignore[arg-type]
        return Ask([Wanted(item) for item in items], Point(place.lat, place.lon), at)

    found = elsewhere(reading, ask, ROUTER, here=TOWN_HALL)  # type: ignore[arg-type]
    assert all(each.arrive_at <= each.starts_at <= each.finish_at for each in found)
    assert [each.key for each in found] == sorted(each.key for each in found)
    return [each.candidate.site.code for each in found]


def test_whoever_stands_in_a_hall_is_told_of_the_others(city: Database) -> None:
    assert set(others(city, CARD)) == {CITY_HALL, DISTRICT_HALL}
    assert set(others(city, CARD, MORTGAGE)) == {CITY_HALL, DISTRICT_HALL}


def test_only_of_those_where_she_would_be_done_today(city: Database) -> None:
    assert others(city, CARD, at=MORNING.replace(hour=22)) == []
    assert others(city, CARD, at=MORNING + timedelta(days=5)) == []  # a Saturday
