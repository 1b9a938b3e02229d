"""What is foretold reaches boards: in the first picture, over the wire when it changes, and without sockets."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from dispatch.foundation.database import Database
from dispatch.waits.models import HallForecast
from hall_display import estimates
from tests.hall_display.place import Boards, Place
from tests.hall_display.test_wire import Client
from tests.waits.foretelling import statements

TEN, TWENTY = [600, 300, 900, "simulated"], [1200, 800, 2000, "simulated"]
OLD = timedelta(minutes=2)


def foretell(place: Place, wait: object, *, age: timedelta = timedelta(0), based_on: int = 1) -> None:
    """The row of the place's hall, as the process that computes ahead leaves it."""
    as_of = place.now - age
    with place.database.work() as session:
        session.merge(
            HallForecast(
                hall=place.code,
                epoch=1,
                based_on=based_on,
                as_of=as_of,
                due_at=as_of + timedelta(seconds=15),
                queues={"A": "no_window_open", "D": wait},
                arrivals={},
                tickets={},
            )
        )


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    connected = Client(address)
    yield connected
    connected.hang_up()


def of_queue(board: dict[str, Any], code: str) -> tuple[int | None, str | None]:
    (queue,) = [queue for queue in board["queues"] if queue["code"] == code]
    return queue["wait"] and queue["wait"]["point_s"], queue["unknown_because"]


def test_the_first_picture_has_the_waits(place: Place, client: Client) -> None:
    foretell(place, TEN)
    client.watch()
    (snapshot,) = client.waits_for("snapshot")
    assert of_queue(snapshot["board"], "D") == (600, None)
    assert of_queue(snapshot["board"], "A") == (None, "no_window_open")
    assert of_queue(snapshot["board"], "B") == (None, "not_learned_yet")


def test_another_forecast_reaches_whoever_watches(place: Place, client: Client) -> None:
    client.watch()
    (snapshot,) = client.waits_for("snapshot")
    foretell(place, TWENTY, based_on=7)
    (estimate,) = client.waits_for("estimate")
    assert (estimate["hall"], estimate["epoch"], estimate["based_on"]) == (place.code, snapshot["epoch"], 7)
    assert datetime.fromisoformat(estimate["as_of"]) == place.now
    assert estimate["waits"]["D"]["wait"]["point_s"] == 1200
    assert estimate["waits"]["A"] == {"wait": None, "unknown_because": "no_window_open"}
    assert 'data-queue="D"' in estimate["fragments"]["queue-D"]


def test_a_change_keeps_the_wait_of_its_queue(place: Place, client: Client) -> None:
    foretell(place, TWENTY)
    client.watch()
    client.waits_for("snapshot")
    place.issue("D")
    (change,) = client.waits_for("change")
    assert "20" in change["fragments"]["queue-D"]


def test_whoever_comes_back_is_told_the_newest(place: Place, room: Boards, client: Client) -> None:
    foretell(place, TEN)
    client.watch()
    (snapshot,) = client.waits_for("snapshot")
    client.forget()
    client.watch(epoch=snapshot["epoch"], after=snapshot["seq"])
    (estimate,) = client.waits_for("estimate")
    assert estimate["waits"]["D"]["wait"]["point_s"] == 600


def test_without_sockets_it_comes_along_with_the_changes(place: Place, room: Boards) -> None:
    web: FlaskClient = room.app.test_client()
    ask = f"/board/{place.code}/changes"
    snapshot = web.get(ask).json["snapshot"]  # type: ignore[index]
    told = f"{ask}?epoch={snapshot['epoch']}&after={snapshot['seq']}"
    assert web.get(told).json["estimate"] is None  # type: ignore[index]
    foretell(place, TEN)
    room.display.feeds.of(place.code)
    look(room, place.database, place)
    assert web.get(told).json["estimate"]["waits"]["D"]["wait"]["point_s"] == 600  # type: ignore[index]


def test_a_forecast_grown_old_is_told_to_be_so(place: Place, room: Boards) -> None:
    foretell(place, TEN, age=OLD)
    feed = room.display.feeds.of(place.code)
    assert feed.waits.joining("D").because == "stale"


def look(room: Boards, database: Database, *places: Place) -> list[str]:
    feeds = [room.display.feeds.of(each.code) for each in places]
    with statements(database) as asked, database.reading() as session:
        estimates.look(feeds, session)
    return asked


def test_many_halls_are_two_questions_and_one_where_nothing_is_new(
    place: Place, room: Boards, make_place: Callable[[str], Place]
) -> None:
    others = [make_place("H-2"), make_place("H-3")]
    for each in (place, *others):
        room.display.feeds.of(each.code)
    for each in (place, *others):
        foretell(each, TEN)
    room.display.feeds.stop()
    tables = [text for text in look(room, place.database, place, *others) if "demo_clock" not in text]
    assert len(tables) <= 2
    again = [text for text in look(room, place.database, place, *others) if "demo_clock" not in text]
    assert len(again) == 1


@pytest.fixture
def make_place(database: Database) -> Callable[[str], Place]:
    def make(code: str) -> Place:
        hall = Place(database, code)
        hall.furnish()
        return hall

    return make
