"""Redis only wakes: whatever happens to it, calls go on at the same pace and boards are right by looking themselves."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from statistics import median
from typing import TYPE_CHECKING

import pytest
import redis

from benchmarks import frames
from tests import servers, soak_tables
from tests.faults.door import Door, Way
from tests.faults.proxy import HOST
from tests.faults.wires import Stage, answers, stage, stands, until
from tests.hall_display.test_wire import Client
from tests.patience import bar

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.timeout(300)

# The log is looked at each second. The long proofs hold the city to these; elsewhere a machine may be slow.
BY_LOOKING_S = 5.0
HINTS_AGAIN_S = 3.0
TEN_MINUTES_S = 600.0
DISPLAYS = 2
ACTS = 6
TOO_OFTEN = 5000
SILENCE_S = 2.0
ASKING_S = {"refused": 8.0, "deaf": 13.0}
"""A page without a wire asks every few seconds; that its wire is dead it has to find out first."""


@pytest.fixture(scope="module")
def wires(tmp_path_factory: pytest.TempPathFactory, postgres_databases: servers.Databases) -> Iterator[Stage]:
    """A city of processes, shared: each test leaves it well."""
    with stage(tmp_path_factory.mktemp("wires"), postgres_databases) as made:
        yield made


@pytest.fixture(autouse=True)
def _take_boards_down(wires: Stage) -> Iterator[None]:
    yield
    wires.hang_up()


@contextmanager
def killed(wires: Stage) -> Iterator[None]:
    wires.redis.kill()
    yield
    wires.redis.start()


@contextmanager
def frozen(wires: Stage) -> Iterator[None]:
    wires.redis.freeze()
    yield
    wires.redis.thaw()


@contextmanager
def deaf(wires: Stage) -> Iterator[None]:
    """A black hole: it takes every connection and never answers."""
    with wires.to_redis.deaf():
        yield


@contextmanager
def flushed(wires: Stage) -> Iterator[None]:
    """Emptied, and everybody thrown out."""
    with redis.Redis.from_url(wires.redis_url) as client:
        client.flushall()
        client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    yield


Hurt = Callable[[Stage], AbstractContextManager[None]]


def paces(wires: Stage) -> list[float]:
    return [act() for _ in range(ACTS) for act in (wires.issue, wires.call)]


@pytest.mark.parametrize(
    "hurt", [flushed, killed, *(pytest.param(each, marks=pytest.mark.soak) for each in (frozen, deaf))]
)
def test_redis_in_trouble_keeps_nobody_waiting_and_no_board_wrong(wires: Stage, hurt: Hurt) -> None:
    board = wires.watch()
    well = median(paces(wires))
    wires.until_right(board)
    with hurt(wires):
        ill = paces(wires)
        wires.until_right(board, within=BY_LOOKING_S)
    assert median(ill) < bar(3 * well + 0.05), "whoever takes a number does not feel it"
    until(lambda: wires.ears() == DISPLAYS, within=HINTS_AGAIN_S)
    wires.issue()
    wires.until_right(board, within=BY_LOOKING_S)


def test_cities_that_share_a_redis_do_not_wake_each_other(wires: Stage) -> None:
    until(lambda: wires.ears() == DISPLAYS)
    with redis.Redis.from_url(wires.redis_url) as client:
        assert client.pubsub_numsub("tongban::moved")[0][1] == 0
        (channel,) = client.pubsub_channels()
    assert wires.name in channel.decode()


def test_each_of_two_display_processes_tells_every_change_once(wires: Stage) -> None:
    here, there = wires.watch(0), wires.watch(1)
    paces(wires)
    for board in (here, there):
        wires.until_right(board, within=BY_LOOKING_S)
    assert stands(here) == stands(there)
    assert numbers(here)[-ACTS:] == numbers(there)[-ACTS:]


def numbers(board: Client) -> list[int]:
    return [change["seq"] for change in board.all("change")]


@pytest.mark.parametrize("all_of_it", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_a_killed_display_process_is_back_and_its_boards_are_right(wires: Stage, all_of_it: bool) -> None:
    board = wires.watch()
    wires.issue()
    wires.until_right(board)
    epoch, seq = stands(board)
    if all_of_it:
        wires.displays[0].kill(workers_too=True)
        wires.displays[0].start()
    else:
        wires.displays[0].kill_worker()
    wires.issue()
    wires.call()
    until(lambda: answers(wires.ports["display 0"]))
    again = wires.watch(0, epoch=epoch, after=seq)
    until(lambda: stands(again) == wires.head(), within=BY_LOOKING_S)


@pytest.mark.soak
def test_who_does_not_read_is_cut_off_and_holds_up_nobody(wires: Stage) -> None:
    board = wires.watch()
    with socket.create_connection((HOST, wires.ports["display 0"])) as lazy:
        lazy.sendall(frames.ask("/socket.io/?EIO=4&transport=websocket"))
        lazy.recv(1024)
        lazy.sendall(frames.packed(b"40/display,", masked=True))
        time.sleep(0.5)
        asked = json.dumps(["watch", {"hall": wires.hall}]).encode()
        lazy.sendall(frames.packed(b"42/display," + asked, masked=True) * TOO_OFTEN)
        wires.issue()
        wires.until_right(board, within=BY_LOOKING_S)
        assert snapshots_left_for(lazy) < TOO_OFTEN, "once it is cut off nothing more is made for it"


def snapshots_left_for(line: socket.socket) -> int:
    """How many lay ready in the end."""
    line.settimeout(SILENCE_S)
    unpacker, found = frames.Unpacker(), 0
    with contextlib.suppress(TimeoutError):
        while data := line.recv(65536):
            found += sum(b'["snapshot"' in message for message in unpacker.take(data))
    return found


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_ten_minutes_without_redis(wires: Stage) -> None:
    """Numbers and calls all the while, as fast as before, and boards never further behind than their own looking."""
    board = wires.watch()
    well = paces(wires)
    ill: list[float] = []
    behind: list[float] = []
    with killed(wires):
        until_then = time.monotonic() + TEN_MINUTES_S
        while time.monotonic() < until_then:
            ill += paces(wires)
            behind.append(wires.until_right(board, within=BY_LOOKING_S))
            time.sleep(1)
        back_at = time.monotonic()
    hints_after = until(lambda: wires.ears() == DISPLAYS, within=HINTS_AGAIN_S) + time.monotonic() - back_at
    soak_tables.tell(
        "redis away for ten minutes",
        [
            {
                "acts": len(ill),
                "p50_ms_before": round(median(well) * 1000, 1),
                "p50_ms_without": round(median(ill) * 1000, 1),
                "max_ms_without": round(max(ill) * 1000, 1),
                "boards_right_after_s": round(max(behind), 2),
                "hints_again_after_s": round(hints_after, 2),
                "holes": 0,
            }
        ],
    )
    assert median(ill) < 3 * median(well) + 0.05


# --- where sockets do not get through -------------------------------------------------------------------

FOLLOW = """async ([hall, epoch, seq]) => {
  const { follow } = await import("/assets/shared/live.js");
  window.known = { epoch, seq };
  follow(hall, { epoch, seq, onChange: (change) => { window.known = { epoch: change.epoch, seq: change.seq }; } });
}"""
OF_BOARD = "document.getElementById('board').dataset"
KNOWN = {
    "board": f"[Number({OF_BOARD}.epoch), Number({OF_BOARD}.seq)]",
    "phone": "[window.known.epoch, window.known.seq]",
}
ASKS_EVERY_S = {"board": 2.0, "phone": 5.0}


@pytest.fixture
def door(wires: Stage) -> Iterator[Door]:
    with Door(wires.ports["core"], wires.ports["display 0"]) as between:
        yield between


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("way", ["refused", pytest.param("deaf", marks=pytest.mark.soak)])
@pytest.mark.parametrize("who", ["board", "phone"])
def test_where_no_socket_gets_through_a_page_asks_and_goes_back_to_it(
    wires: Stage, door: Door, page: Page, who: str, way: Way
) -> None:
    page.goto(f"{door.url}/board/{wires.hall}" if who == "board" else f"{door.url}/healthz")
    if who == "phone":
        page.evaluate(FOLLOW, [wires.hall, *wires.head()])

    def right() -> bool:
        return tuple(page.evaluate(KNOWN[who])) == wires.head()

    until(lambda: door.open_wires == 1 and right())
    door.treat_wires(way)
    wires.issue()
    until(right, within=ASKING_S[way])
    if who == "board":
        until(lambda: "stale" not in (page.locator("#board").get_attribute("class") or ""))
    door.treat_wires("open")
    until(lambda: door.open_wires == 1)
    until(lambda: is_quiet(door, ASKS_EVERY_S[who] + 1))
    wires.call()
    until(right, within=BY_LOOKING_S)


def is_quiet(door: Door, seconds: float) -> bool:
    """Whether a page has stopped asking, its wire being back."""
    before = door.asked
    time.sleep(seconds)
    return door.asked == before
