"""A hall becomes what its description says, and nothing changes where nothing differs."""

import json
from dataclasses import replace

import pytest

from dispatch.foundation.database import Database
from dispatch.foundation.errors import NotFound
from dispatch.halls import configuring, finding
from dispatch.halls.configuring import QueueSpec, WindowSpec
from dispatch.halls.models import CalendarDay
from tests import standing_city
from tests.standing_city import (
    CITY_HALL,
    DISTRICT_HALL,
    MADE_UP,
    TOWN_HALL,
    TOWN_PATH,
    Town,
    hall_spec,
    town_spec,
)


def queue_codes(town: Town) -> list[str]:
    with town.database.reading() as session:
        return [queue.code for queue in finding.queues_of(session, town.code)]


def window_names(town: Town) -> list[str]:
    with town.database.reading() as session:
        return [window.name for window in finding.windows_of(session, town.code)]


def test_a_hall_stands_below_its_parent(town: Town) -> None:
    with town.database.reading() as session:
        assert finding.hall(session, TOWN_HALL).path == TOWN_PATH
        assert [hall.code for hall in finding.all_halls(session)] == [CITY_HALL, DISTRICT_HALL, TOWN_HALL]


def test_a_hall_without_its_parent_is_refused_and_leaves_nothing(database: Database) -> None:
    with pytest.raises(NotFound):
        standing_city.configure(database, town_spec())
    with database.reading() as session:
        assert finding.all_halls(session) == []


def test_a_new_hall_says_so_in_a_log_of_its_own(town: Town) -> None:
    (entry,) = town.entries()
    assert entry.kind == "HallConfigured"
    assert [queue["code"] for queue in entry.data["queues"]] == ["A", "D"]
    assert entry.data["windows"][2] == {
        "id": f"{TOWN_HALL}-3",
        "name": "3",
        "name_en": "3",
        "queues": ["D", "A"],
        "zone": None,
        "arrow": "none",
    }


def test_new_windows_are_closed(town: Town) -> None:
    assert {town.window(name).state for name in window_names(town)} == {"closed"}


def test_the_same_description_again_changes_nothing(town: Town) -> None:
    town.open("1")
    before = town.head()
    assert standing_city.configure(town.database, town_spec()) is False
    assert town.head() == before
    assert town.window("1").state == "open"


def test_a_description_that_went_through_json_is_the_same(town: Town) -> None:
    again = town_spec()
    again = replace(again, hours=json.loads(json.dumps(again.hours)), details=json.loads("{}"))
    assert standing_city.configure(town.database, again) is False


@pytest.mark.parametrize(
    "different",
    [
        {"name_en": "Duqiao"},
        {"lat": 28.7},
        {"hours": {"weekly": {"mon": [["09:00", "12:00"]]}}},
        {"details": {"address": "杜桥镇"}},
        {"queues": [QueueSpec("D", "D", "社会事务", "Social"), QueueSpec("A", "A", "涉企", "Business")]},
    ],
    ids=["name", "place", "hours", "details", "queues in another order"],
)
def test_whatever_differs_is_changed_once_and_said_once(town: Town, different: dict[str, object]) -> None:
    assert standing_city.configure(town.database, town_spec(**different)) is True
    assert standing_city.configure(town.database, town_spec(**different)) is False
    assert town.kinds() == ["HallConfigured", "HallConfigured"]
    with town.database.reading() as session:
        hall = finding.hall(session, TOWN_HALL)
        plain = {name: value for name, value in different.items() if name != "queues"}
        assert {name: getattr(hall, name) for name in plain} == plain


def test_a_window_described_no_longer_is_put_out_of_use(town: Town) -> None:
    town.open("4")
    left = [window for window in town_spec().windows if window.code != "4"]
    assert standing_city.configure(town.database, town_spec(windows=left)) is True
    assert window_names(town) == ["1", "2", "3"]
    with town.database.reading() as session, pytest.raises(NotFound):
        finding.window(session, f"{TOWN_HALL}-4")
    assert [window["name"] for window in town.entries()[-1].data["windows"]] == ["1", "2", "3"]


def test_a_window_that_comes_back_is_closed_and_counts_its_calls_on(town: Town) -> None:
    town.open("4")
    town.take("A")
    ticket = town.called("4")
    town.do("finish", ticket.id)
    left = [window for window in town_spec().windows if window.code != "4"]
    standing_city.configure(town.database, town_spec(windows=left))
    standing_city.configure(town.database, town_spec())
    window = town.window("4")
    assert (window.state, window.claim) == ("closed", ticket.claim)
    assert window_names(town) == ["1", "2", "3", "4"]


def test_a_queue_described_no_longer_is_put_out_of_use_and_comes_back(town: Town) -> None:
    only_d = [queue for queue in town_spec().queues if queue.code == "D"]
    standing_city.configure(town.database, town_spec(queues=only_d))
    assert queue_codes(town) == ["D"]
    with town.database.reading() as session, pytest.raises(NotFound):
        finding.queue(session, TOWN_HALL, "A")
    standing_city.configure(town.database, town_spec())
    assert queue_codes(town) == ["A", "D"]


def test_windows_keep_the_order_of_their_description(town: Town) -> None:
    turned = list(reversed(town_spec().windows))
    standing_city.configure(town.database, town_spec(windows=turned))
    assert window_names(town) == ["4", "3", "2", "1"]


def test_a_new_window_gets_the_halls_name_and_its_own(town: Town) -> None:
    more = [*town_spec().windows, WindowSpec("12", "12", "12", "tidal", ["A"])]
    standing_city.configure(town.database, town_spec(windows=more))
    assert town.window("12").id == f"{TOWN_HALL}-12"


def test_days_of_the_calendar_are_added_and_replaced(town: Town) -> None:
    with town.database.work() as session:
        day = CalendarDay(day=MADE_UP, kind="holiday", name="国庆节", name_en="National Day")
        configuring.set_calendar(session, [day])
    with town.database.reading() as session:
        hall = finding.hall(session, CITY_HALL)
        assert finding.openings(session, hall, MADE_UP) == []
        assert finding.openings(session, hall, standing_city.HOLIDAY) == []


def test_halls_moved_to_another_parent_take_their_path_along(town: Town) -> None:
    standing_city.configure(town.database, town_spec(parent=CITY_HALL))
    with town.database.reading() as session:
        assert finding.hall(session, TOWN_HALL).path == f"/{CITY_HALL}/{TOWN_HALL}/"


def test_what_lies_below_a_hall_moves_with_it_when_described_again(database: Database) -> None:
    """An import describes every hall, parents first; scopes are path prefixes, so none may stay behind."""
    other = "H-331002"
    for spec in (hall_spec(CITY_HALL), hall_spec(other), hall_spec(DISTRICT_HALL), town_spec()):
        standing_city.configure(database, spec)
    standing_city.configure(database, hall_spec(DISTRICT_HALL, parent=other))
    assert standing_city.configure(database, town_spec()) is True
    with database.reading() as session:
        assert finding.hall(session, TOWN_HALL).path == f"/{CITY_HALL}/{other}/{DISTRICT_HALL}/{TOWN_HALL}/"
