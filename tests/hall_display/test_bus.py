"""The promise of the bus, kept by every keeper; and what only one of them must do."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.bus.inprocess import InProcessBus
from adapters.bus.redis import RedisBus
from adapters.bus.sqlite import SqliteBus
from dispatch.foundation.database import Database
from dispatch.ports.bus import Bus
from tests import servers
from tests.conftest import missing
from tests.patience import PATIENCE_S, wait_for

Commit = Callable[[], None]


class Ear:
    """A listener in a thread, and what it heard."""

    def __init__(self, bus: Bus) -> None:
        self.heard: list[set[str] | None] = []
        self._stop = threading.Event()
        self._something = threading.Condition()
        self._thread = threading.Thread(target=self._listen, args=(bus,), daemon=True)
        self._thread.start()

    def _listen(self, bus: Bus) -> None:
        for hint in bus.listen(self._stop):
            with self._something:
                self.heard.append(hint)
                self._something.notify_all()

    def hears(self, count: int, within: float = PATIENCE_S) -> bool:
        """Whether at least so many hints have come in time."""
        with self._something:
            return self._something.wait_for(lambda: len(self.heard) >= count, timeout=within)

    def stops(self, within: float = PATIENCE_S) -> bool:
        self._stop.set()
        self._thread.join(timeout=within)
        return not self._thread.is_alive()


@pytest.fixture
def ear_for() -> Iterator[Callable[[Bus], Ear]]:
    ears: list[Ear] = []

    def listen(bus: Bus) -> Ear:
        ears.append(Ear(bus))
        return ears[-1]

    yield listen
    assert all(ear.stops() for ear in ears)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hint that Redis does not take at once is lost, which a slow machine must not bring about."""
    monkeypatch.setattr("adapters.bus.redis.PATIENCE_S", PATIENCE_S)


@pytest.fixture(params=["inprocess", "sqlite", "redis"])
def keeper(request: pytest.FixtureRequest, patient: None) -> tuple[Bus, Bus, Commit]:
    """A bus to listen at, one to tell at, and what happens in the database before telling."""
    if request.param == "inprocess":
        bus = InProcessBus()
        return bus, bus, lambda: None
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
        return RedisBus(url), RedisBus(url), lambda: None
    url = request.getfixturevalue("sqlite_url")
    path = url.removeprefix("sqlite:///")
    return SqliteBus(path), SqliteBus(path), lambda: write_to(url)


def write_to(url: str) -> None:
    database = Database(url)
    with database.work() as session:
        session.execute(text("CREATE TABLE IF NOT EXISTS scratch (n INTEGER)"))
        session.execute(text("INSERT INTO scratch VALUES (1)"))
    database.dispose()


def test_a_listener_hears_that_a_hall_moved(
    keeper: tuple[Bus, Bus, Commit], ear_for: Callable[[Bus], Ear]
) -> None:
    listened, told, commit = keeper
    ear = ear_for(listened)
    assert ear.hears(1), "the first hint says that the listening has begun"
    assert ear.heard[0] is None
    commit()
    told.tell("H-331082", 482)
    assert ear.hears(2)
    assert ear.heard[1] in ({"H-331082"}, None)


def test_a_quiet_bus_says_nothing(keeper: tuple[Bus, Bus, Commit], ear_for: Callable[[Bus], Ear]) -> None:
    ear = ear_for(keeper[0])
    assert ear.hears(1)
    assert not ear.hears(2, within=0.4)


def test_telling_is_quick(keeper: tuple[Bus, Bus, Commit]) -> None:
    began = time.monotonic()
    for seq in range(50):
        keeper[1].tell("H-1", seq)
    assert time.monotonic() - began < PATIENCE_S


def test_a_hint_of_the_in_process_bus_names_every_hall_told(ear_for: Callable[[Bus], Ear]) -> None:
    bus = InProcessBus()
    ear = ear_for(bus)
    assert ear.hears(1)
    bus.tell("H-1", 1)
    bus.tell("H-2", 1)
    wait_for(lambda: set().union(*(hint or set() for hint in ear.heard)) == {"H-1", "H-2"})


def test_a_missing_sqlite_file_is_waited_for_and_never_made(
    tmp_path: Path, ear_for: Callable[[Bus], Ear]
) -> None:
    path = tmp_path / "later.db"
    ear = ear_for(SqliteBus(path))
    assert not ear.hears(1, within=0.3)
    assert not path.exists()
    write_to(f"sqlite:///{path}")
    assert ear.hears(1)


def test_without_redis_nobody_is_kept_waiting(ear_for: Callable[[Bus], Ear]) -> None:
    bus = RedisBus(f"redis://127.0.0.1:{servers.free_port()}")
    ear = ear_for(bus)
    began = time.monotonic()
    for seq in range(100):
        bus.tell("H-1", seq)
    assert time.monotonic() - began < PATIENCE_S
    assert ear.heard == []


def test_a_redis_that_never_answers_keeps_nobody_waiting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as hole:
        bus = RedisBus(f"redis://127.0.0.1:{hole.getsockname()[1]}")
        began = time.monotonic()
        for seq in range(1000):
            bus.tell(f"H-{seq % 7}", seq)
        assert time.monotonic() - began < PATIENCE_S


@pytest.mark.usefixtures("patient")
def test_cities_on_one_redis_do_not_hear_each_other(redis_url: str, ear_for: Callable[[Bus], Ear]) -> None:
    ours, theirs = RedisBus(redis_url, "ours"), RedisBus(redis_url, "theirs")
    ear = ear_for(ours)
    assert ear.hears(1)
    theirs.tell("H-1", 1)
    assert not ear.hears(2, within=0.5)
    RedisBus(redis_url, "ours").tell("H-1", 1)
    assert ear.hears(2)


def test_redis_coming_back_is_found(ear_for: Callable[[Bus], Ear]) -> None:
    binary = servers.redis_binary()
    if binary is None:
        missing("no Redis")
    with servers.redis_from(binary) as url:
        bus = RedisBus(url)
        ear = ear_for(bus)
        assert ear.hears(1)
        cut_all_clients(url)
        before = len(ear.heard)
        assert ear.hears(before + 1), "listening began anew"

        def is_heard() -> bool:
            bus.tell("H-9", 1)
            time.sleep(0.1)
            return {"H-9"} in ear.heard

        wait_for(is_heard)


def cut_all_clients(url: str) -> None:
    import redis

    with redis.Redis.from_url(url) as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
