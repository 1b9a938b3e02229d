"""Importing a city: all of it, again nothing, an update, a refusal with its place, and a crash on the way."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from dispatch.catalogue.models import Bundle, Item, Placement
from dispatch.foundation.database import Database
from dispatch.foundation.log import LogEntry, LogHead, faults
from dispatch.halls import configuring
from dispatch.halls.models import CalendarDay, Hall, Queue, Window
from dispatch.wiring.importing.applying import Applied, apply
from dispatch.wiring.importing.format import City
from dispatch.wiring.importing.placing import queue_for
from dispatch.wiring.importing.problems import CityRefused
from tests.standing_city import DISTRICT_HALL, TOWN_HALL, Town
from tests.wiring.importing.corner import hall_of, with_hall

CRASH_AT = 3


def heads(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {head.hall: head.seq for head in session.scalars(select(LogHead))}


def count(database: Database, model: type[Any]) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_the_city_stands_in_the_database(city: Database, demo: City) -> None:
    assert count(city, Hall) == len(demo.halls)
    assert count(city, Queue) == sum(len(hall.queues) for hall in demo.halls)
    assert count(city, Window) == sum(len(hall.windows) for hall in demo.halls)
    assert count(city, CalendarDay) == len(demo.calendar)
    assert (count(city, Item), count(city, Bundle)) == (len(demo.items), len(demo.bundles))
    placed = sum(queue_for(item, hall) is not None for item in demo.items for hall in demo.halls)
    assert count(city, Placement) == placed


def test_every_hall_begins_its_log_and_the_city_its_own(city: Database, demo: City) -> None:
    assert heads(city) == {"city": 2, **{hall.code: 1 for hall in demo.halls}}
    with city.reading() as session:
        assert [fault for hall in heads(city) for fault in faults(session, hall)] == []


def test_importing_again_changes_nothing(city: Database, demo: City) -> None:
    before = heads(city)
    assert apply(city, demo) == Applied(0, len(demo.halls), False)
    assert heads(city) == before


def test_an_update_changes_the_hall_that_differs_and_no_other(city: Database, demo: City) -> None:
    before = heads(city)
    windows = hall_of(demo, TOWN_HALL).windows[:-1]
    applied = apply(city, with_hall(demo, TOWN_HALL, windows=windows))
    assert applied == Applied(1, len(demo.halls) - 1, False)
    assert heads(city) == {**before, TOWN_HALL: before[TOWN_HALL] + 1}


def test_a_changed_item_is_the_citys_news(city: Database, demo: City) -> None:
    before = heads(city)
    items = (demo.items[0].model_copy(update={"minutes": demo.items[0].minutes + 1}), *demo.items[1:])
    assert apply(city, replace(demo, items=items)) == Applied(0, len(demo.halls), True)
    assert heads(city) == {**before, "city": before["city"] + 1}


def test_a_queue_with_people_in_it_is_not_removed(town: Town, demo: City) -> None:
    for _ in range(3):
        town.take("A")
    before = heads(town.database)
    hall = hall_of(demo, TOWN_HALL)
    left = tuple(queue for queue in hall.queues if queue.code != "A")
    # Another hall that differs, and stands before it, so that one sees that nothing at all was done.
    changed = with_hall(with_hall(demo, TOWN_HALL, queues=left), DISTRICT_HALL, name_en="Linhai Hall")
    with pytest.raises(CityRefused) as refused:
        apply(town.database, changed)
    (problem,) = refused.value.problems
    assert str(problem).startswith(f"halls.json ({TOWN_HALL}) queues A: 3 live tickets")
    assert heads(town.database) == before


def test_a_queue_with_people_in_it_does_not_change_its_letter(town: Town, demo: City) -> None:
    town.take("A")
    hall = hall_of(demo, TOWN_HALL)
    queues = tuple(
        queue.model_copy(update={"letter": "E"}) if queue.code == "A" else queue for queue in hall.queues
    )
    with pytest.raises(CityRefused):
        apply(town.database, with_hall(demo, TOWN_HALL, queues=queues))


def test_a_window_where_somebody_sits_is_not_removed(town: Town, demo: City) -> None:
    town.open("1")
    town.take("D")
    ticket = town.called("1")
    left = with_hall(demo, TOWN_HALL, windows=hall_of(demo, TOWN_HALL).windows[1:])
    with pytest.raises(CityRefused) as refused:
        apply(town.database, left)
    assert f"({TOWN_HALL}) windows {TOWN_HALL}-1" in str(refused.value)
    town.do("finish", ticket.id)
    assert apply(town.database, left).halls_changed == 1


def test_once_everybody_is_gone_the_queue_may_go(town: Town, demo: City) -> None:
    ticket = town.take("A")
    left = tuple(queue for queue in hall_of(demo, TOWN_HALL).queues if queue.code != "A")
    town.do("cancel", ticket.id)
    assert apply(town.database, with_hall(demo, TOWN_HALL, queues=left)).halls_changed == 1


def test_people_in_line_do_not_hinder_other_changes(town: Town, demo: City) -> None:
    ticket = town.take("A")
    changed = with_hall(demo, TOWN_HALL, name_en="Duqiao")
    assert apply(town.database, changed).halls_changed == 1
    assert town.ticket(ticket.id).state == "waiting"


def test_a_crash_on_the_way_leaves_whole_halls_and_the_same_import_goes_on(
    database: Database, demo: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure, done = configuring.configure, []

    def crash(session: Any, spec: Any, **more: Any) -> bool:  # noqa: ANN401 - passed on as it came
        changed = configure(session, spec, **more)
        done.append(spec.code)
        if len(done) == CRASH_AT:
            raise KeyboardInterrupt
        return changed

    monkeypatch.setattr(configuring, "configure", crash)
    with pytest.raises(KeyboardInterrupt):
        apply(database, demo)
    whole = {hall.code for hall in demo.halls[: CRASH_AT - 1]}
    assert set(heads(database)) == whole
    with database.reading() as session:
        half_done = select(Window.hall).where(Window.hall.not_in(whole))
        assert list(session.scalars(half_done)) == []
    monkeypatch.undo()
    applied = apply(database, demo)
    assert applied == Applied(len(demo.halls) - len(whole), len(whole), True)
    assert count(database, LogEntry) == len(demo.halls) + 2
    assert apply(database, demo) == Applied(0, len(demo.halls), False)
