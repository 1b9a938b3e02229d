"""A furnished hall on each database, and the boards' room over it on a real socket."""

from collections.abc import Iterator

import pytest

from adapters.bus.inprocess import InProcessBus
from dispatch.foundation.database import Database
from tests.hall_display.place import Boards, Place, boards, serving_at


@pytest.fixture
def bus(database: Database) -> InProcessBus:
    """A bus that hears every commit of this test's database."""
    told = InProcessBus()
    database.on_commit = told.tell
    return told


@pytest.fixture
def place(database: Database) -> Place:
    """A hall with five queues and six windows, all closed, at half past nine."""
    hall = Place(database)
    hall.furnish()
    hall.set_clock()
    return hall


@pytest.fixture
def room(database: Database, bus: InProcessBus) -> Iterator[Boards]:
    """The boards' room."""
    with boards(database, bus) as running:
        yield running


@pytest.fixture
def address(room: Boards) -> Iterator[str]:
    """Where the room is served."""
    with serving_at(room.app, room.socketio) as url:
        yield url
