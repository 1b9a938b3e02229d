"""The wire as a board hears it: a real client over a real socket."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
import socketio

from adapters.bus.inprocess import InProcessBus
from dispatch.foundation.database import Database
from hall_display import Receipt
from hall_display.wire import NAMESPACE
from tests.hall_display.place import Boards, Place, boards, serving_at
from tests.patience import PATIENCE_S, wait_for

Heard = tuple[str, dict[str, Any]]


class Client:
    """A socket that writes down all it hears, in order."""

    def __init__(self, address: str) -> None:
        self.heard: list[Heard] = []
        self._something = threading.Condition()
        self.socket = socketio.Client(reconnection=False)
        self._begin = self.socket.eio.start_background_task
        self.socket.eio.start_background_task = self._in_order
        for event in ("snapshot", "change", "estimate", "heartbeat", "problem", "spoken"):
            self.socket.on(event, self._hearer(event), namespace=NAMESPACE)
        self.socket.connect(
            address, namespaces=[NAMESPACE], transports=["websocket"], wait_timeout=PATIENCE_S
        )
        self._line = self.socket.eio.ws

    def _in_order(self, task: Callable[..., None], *of: object) -> Any:  # noqa: ANN401 - the library's
        """Hear each message before the next is read: the library gives each a thread, which may pass another."""
        if task == self.socket.eio.handlers["message"]:
            task(*of)
            return None
        return self._begin(task, *of)

    def _hearer(self, event: str) -> Callable[[dict[str, Any]], None]:
        def hear(message: dict[str, Any]) -> None:
            with self._something:
                self.heard.append((event, message))
                self._something.notify_all()

        return hear

    def say(self, event: str, *message: object) -> None:
        self.socket.emit(event, *message, namespace=NAMESPACE)

    def watch(self, hall: str = "H-1", **asked: object) -> None:
        self.say("watch", {"hall": hall, **asked})

    def all(self, event: str) -> list[dict[str, Any]]:
        with self._something:
            return [message for name, message in self.heard if name == event]

    def waits_for(self, event: str, count: int = 1, within: float = PATIENCE_S) -> list[dict[str, Any]]:
        """The first so many messages of this name."""
        with self._something:
            came = self._something.wait_for(lambda: len(self._named(event)) >= count, timeout=within)
            assert came, (
                f"{len(self._named(event))} of {count} {event}; heard {[name for name, _ in self.heard]}"
            )
            return self._named(event)[:count]

    def _named(self, event: str) -> list[dict[str, Any]]:
        return [message for name, message in self.heard if name == event]

    def forget(self) -> None:
        with self._something:
            self.heard.clear()

    def hang_up(self) -> None:
        self.socket.disconnect()
        self._line.shutdown()  # where the other side hung up first, ours is still open


@pytest.fixture
def connect(address: str) -> Iterator[Callable[[], Client]]:
    clients: list[Client] = []

    def call() -> Client:
        clients.append(Client(address))
        return clients[-1]

    yield call
    for client in clients:
        client.hang_up()


def test_watching_brings_a_snapshot_and_then_each_change(place: Place, connect: Callable[[], Client]) -> None:
    place.window("6")
    place.issue("D")
    client = connect()
    client.watch()
    (snapshot,) = client.waits_for("snapshot")
    assert (snapshot["hall"], snapshot["epoch"], snapshot["seq"]) == ("H-1", 1, 3)
    assert snapshot["board"]["queues"][3]["waiting"] == 1
    assert "不动产登记" in snapshot["html"]
    place.call("6")
    (change,) = client.waits_for("change")
    assert (change["seq"], change["kind"]) == (4, "TicketCalled")
    assert change["call"]["number"] == "D001"
    open_ = {"state": "open", "reason": None, "until": None}
    assert change["queues"] == [{"code": "D", "waiting": 0, **open_}]
    assert set(change["fragments"]) == {"queue-D", "recent", "slip-4"}
    assert "没人等" in change["fragments"]["queue-D"]


def test_an_invisible_entry_comes_too(place: Place, connect: Callable[[], Client]) -> None:
    place.window("6")
    ticket = place.issue("D")
    place.call("6")
    client = connect()
    client.watch()
    client.waits_for("snapshot")
    place.ticket("start", ticket)
    (change,) = client.waits_for("change")
    assert (change["kind"], change["fragments"]) == ("TicketStarted", {})


def test_a_board_that_was_away_gets_what_it_missed_in_order(
    place: Place, connect: Callable[[], Client]
) -> None:
    first = connect()
    first.watch()
    (snapshot,) = first.waits_for("snapshot")
    first.hang_up()
    for _ in range(5):
        place.issue("A")
    again = connect()
    again.watch(epoch=snapshot["epoch"], after=snapshot["seq"])
    changes = again.waits_for("change", 5)
    assert [change["seq"] for change in changes] == list(range(snapshot["seq"] + 1, snapshot["seq"] + 6))
    assert again.waits_for("heartbeat")[0]["seq"] == snapshot["seq"] + 5
    assert again.all("snapshot") == []


def test_another_epoch_gets_a_snapshot(place: Place, connect: Callable[[], Client]) -> None:
    client = connect()
    client.watch(epoch=7, after=1)
    assert client.waits_for("snapshot")[0]["epoch"] == 1


def test_a_board_in_english(place: Place, connect: Callable[[], Client]) -> None:
    client = connect()
    client.watch(lang="en")
    assert "Real estate registration" in client.waits_for("snapshot")[0]["html"]
    place.issue("D")
    assert "waiting" in client.waits_for("change")[0]["fragments"]["queue-D"]


def test_switching_the_hall_leaves_the_former_one(
    place: Place, database: Database, connect: Callable[[], Client]
) -> None:
    other = Place(database, "H-2")
    other.furnish()
    client = connect()
    client.watch("H-1")
    client.waits_for("snapshot")
    client.watch("H-2")
    client.waits_for("snapshot", 2)
    client.forget()
    place.issue("A")
    other.issue("B")
    client.waits_for("change")
    time.sleep(0.3)
    assert [change["hall"] for change in client.all("change")] == ["H-2"]


def test_heartbeats_carry_the_head_and_city_time(place: Place, connect: Callable[[], Client]) -> None:
    client = connect()
    client.watch()
    client.waits_for("snapshot")
    place.issue("A")
    client.waits_for("change")
    client.forget()
    (beat,) = client.waits_for("heartbeat")
    assert (beat["hall"], beat["epoch"], beat["seq"]) == ("H-1", 1, 2)
    assert beat["at"].startswith("2026-11-24T01:30")


@pytest.mark.parametrize(
    "message",
    [
        (),
        (None,),
        ("H-1",),
        ([],),
        ({},),
        ({"hall": 7},),
        ({"hall": ""},),
        ({"hall": "H" * 41},),
        ({"hall": "H-1", "after": "1"},),
        ({"hall": "H-1", "after": -1},),
        ({"hall": "H-1", "after": 1.5},),
        ({"hall": "H-1", "epoch": True},),
        ({"hall": "H-1", "lang": "de"},),
        ({"hall": "H-1", "after": 2**70},),
    ],
)
def test_a_malformed_message_is_a_problem_not_an_accident(
    sqlite_room: tuple[Place, str], message: tuple[object, ...]
) -> None:
    client = Client(sqlite_room[1])
    try:
        client.say("watch", *message)
        (problem,) = client.waits_for("problem")
        assert problem["code"] == "bad_request"
        client.watch()
        client.waits_for("snapshot")
    finally:
        client.hang_up()


@pytest.fixture
def sqlite_room(sqlite_url: str) -> Iterator[tuple[Place, str]]:
    """One room on SQLite, for what no database has a part in."""
    bus = InProcessBus()
    database = Database(sqlite_url, on_commit=bus.tell)
    place = Place(database)
    place.furnish()
    with boards(database, bus) as room, serving_at(room.app, room.socketio) as address:
        yield place, address
    database.dispose()


def test_an_unknown_hall_is_a_problem(place: Place, connect: Callable[[], Client]) -> None:
    client = connect()
    client.watch("H-nowhere", lang="en")
    (problem,) = client.waits_for("problem")
    assert problem["code"] == "not_found"


def test_a_room_that_cannot_read_says_so(
    place: Place, room: Boards, connect: Callable[[], Client], caplog: pytest.LogCaptureFixture
) -> None:
    client = connect()
    client.watch()
    client.waits_for("snapshot")

    def fail() -> None:
        raise RuntimeError("no database")

    room.display.feeds.of("H-1").catch_up = fail  # type: ignore[method-assign]
    with caplog.at_level(logging.CRITICAL):
        client.watch()
        assert client.waits_for("problem")[0]["code"] == "unavailable"


# --- receipts -----------------------------------------------------------------------------------------


def test_the_last_receipt_is_kept_and_handed_on(place: Place, database: Database, bus: InProcessBus) -> None:
    taken: list[Receipt] = []
    with boards(database, bus, on_receipt=taken.append) as room:
        with serving_at(room.app, room.socketio) as address:
            client = Client(address)
            client.watch()
            client.waits_for("snapshot")
            client.say("receipt", {"hall": "H-1", "seq": 1, "shown": True, "spoken": False})
            client.say("receipt", {"hall": "H-1", "seq": 99, "shown": True})
            assert client.waits_for("problem")[0]["code"] == "not_watched"
            client.say("receipt", {"hall": "H-2", "seq": 1, "shown": True})
            client.say("receipt", {"hall": "H-1", "seq": "1"})
            assert client.waits_for("problem", 3)[2]["code"] == "bad_request"
            client.hang_up()
        receipt = room.display.last_receipt("H-1")
        assert receipt is not None
        assert (receipt.seq, receipt.shown, receipt.spoken) == (1, True, False)
        assert taken == [receipt]
        assert room.display.last_receipt("H-2") is None


# --- nothing lost, nothing doubled --------------------------------------------------------------------


def test_nothing_is_lost_or_doubled_between_snapshot_and_live(
    place: Place, address: str, connect: Callable[[], Client]
) -> None:
    """Boards come, go and come back while the hall works; each knows every seq exactly once, in order."""
    stop, issued = threading.Event(), count(1)
    so_far = 0

    def work() -> None:
        nonlocal so_far
        while not stop.wait(0.004):
            place.issue("A")
            so_far = next(issued)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        clients = [connect() for _ in range(8)]
        known: dict[int, tuple[int, int]] = {}
        for turn in range(3):
            for each, client in enumerate(clients):
                if each in known:
                    client = clients[each] = connect()
                    epoch, seq = known[each]
                    client.watch(epoch=epoch, after=seq)
                else:
                    client.watch()
            time.sleep(0.5)
            wait_for(lambda: so_far > 12 * (turn + 1))  # noqa: B023 - waited for at once
            for each, client in enumerate(clients):
                client.waits_for("heartbeat")  # the last word of the answer to `watch`
                known[each] = followed(client, known.get(each), fresh=turn == 0)
                client.hang_up()
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    assert min(seq for _, seq in known.values()) > 20


def followed(client: Client, before: tuple[int, int] | None, *, fresh: bool) -> tuple[int, int]:
    """Where a board stands after all it heard; fails at the first seq that is not the next."""
    epoch, seq = before or (0, -1)
    assert bool(client.all("snapshot")) == fresh
    with client._something:
        heard = list(client.heard)
    for event, message in heard:
        if event == "snapshot":
            epoch, seq = message["epoch"], message["seq"]
        elif event == "change":
            assert message["seq"] == seq + 1
            seq += 1
        elif event == "heartbeat":
            assert message["seq"] == seq, "a heartbeat never runs ahead of the changes"
    return epoch, seq


# --- no person on a public screen ---------------------------------------------------------------------


def test_nothing_of_a_ticket_but_its_number_passes(place: Place, connect: Callable[[], Client]) -> None:
    place.window("6")
    client = connect()
    client.watch()
    client.waits_for("snapshot")
    ticket = place.issue("D")
    place.call("6")
    place.ticket("recall", ticket)
    place.ticket("missed", ticket)
    place.ticket("cancel", ticket)
    changes = client.waits_for("change", 5)
    client.forget()
    client.watch()
    (snapshot,) = client.waits_for("snapshot")
    said = repr([*changes, snapshot])
    assert ticket not in said, "the ticket's id is a key to a person"
    assert not re.search(r"person|phone|commitment|channel|items|priority|claim|actor|staff", said)
    allowed = {"hall", "epoch", "seq", "kind", "at", "fragments", "call", "queues", "refetch", "notice"}
    assert all(set(change) <= allowed for change in changes)
    assert set(snapshot) == {"hall", "epoch", "seq", "board", "html", "notice"}
