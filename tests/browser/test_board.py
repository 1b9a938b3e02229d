"""The board as people in the hall see it, in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adapters.bus.sqlite import SqliteBus
from dispatch.foundation.database import Database
from tests.hall_display.cable import Cable
from tests.hall_display.place import Boards, Place, boards, serving_at
from tests.patience import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, WebSocketRoute

pytestmark = pytest.mark.browser

SETTING = """
new MutationObserver(function () {
  var board = document.getElementById("board");
  if (board) { board.setAttribute("data-%s", "%s"); }
}).observe(document, { childList: true, subtree: true });
"""
STALENESS = """
new MutationObserver(function () {
  var board = document.getElementById("board");
  if (board && board.classList.contains("stale")) { window.wasStale = true; }
}).observe(document, { attributes: true, subtree: true });
"""
WHAT_WAS_SHOWN = """
window.shown = [];
new MutationObserver(function () {
  function texts(selector) {
    return Array.prototype.map.call(document.querySelectorAll(selector), function (each) {
      return each.textContent.trim().split(/\\s/)[0];
    });
  }
  window.shown.push([texts(".slip-row .slip-number"), texts("#recent li:not(.off) .recent-number")]);
}).observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
"""
SILENCE_S = 15
VOICE = """
window.spokenHere = [];
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: function () { return [{ lang: "zh-CN", localService: true, name: "test" }]; },
  speak: function (utterance) {
    window.spokenHere.push(utterance.text);
    setTimeout(function () { utterance.onend(); }, 50);
  },
  cancel: function () {}
} });
"""


@pytest.fixture
def place(sqlite_url: str) -> Iterator[Place]:
    database = Database(sqlite_url)
    hall = Place(database)
    hall.furnish()
    for window in ("3", "6", "12"):
        hall.window(window)
    hall.set_clock()
    yield hall
    database.dispose()


@pytest.fixture
def room(place: Place) -> Iterator[Boards]:
    path = Path(place.database.url.removeprefix("sqlite:///"))
    with boards(place.database, SqliteBus(path)) as running:
        yield running


@pytest.fixture
def cable(room: Boards) -> Iterator[Cable]:
    with serving_at(room.app, room.socketio) as address, Cable(address) as between:
        yield between


Hang = Callable[..., "Page"]


@pytest.fixture
def hang_board(chromium: Browser, cable: Cable) -> Iterator[Hang]:
    """Hangs a board on the wall; nothing may go wrong in its console but what a pulled cable brings."""
    contexts = []
    faults: list[str] = []

    def hang(
        query: str = "", *scripts: str, wire: Callable[[WebSocketRoute], None] | None = None, **settings: str
    ) -> Page:
        context = chromium.new_context(viewport={"width": 1920, "height": 1080}, reduced_motion="reduce")
        contexts.append(context)
        for name, value in settings.items():
            context.add_init_script(SETTING % (name.replace("_", "-"), value))
        for script in scripts:
            context.add_init_script(script)
        if wire is not None:
            context.route_web_socket(re.compile("/socket.io/"), wire)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
        page.goto(f"{cable.url}/board/H-1{query}")
        return page

    yield hang
    for context in contexts:
        context.close()
    assert faults == []


def texts(page: Page, selector: str) -> list[str]:
    return [text.strip() for text in page.locator(selector).all_inner_texts()]


def numbers_on_slip(page: Page) -> list[str]:
    return [text.split()[0] for text in texts(page, ".slip-row .slip-number")]


def recent(page: Page) -> list[str]:
    return texts(page, "#recent li:not(.off) .recent-number")


def seq(page: Page) -> int:
    return int(page.locator("#board").get_attribute("data-seq") or -1)


def stale(page: Page) -> bool:
    return "stale" in (page.locator("#board").get_attribute("class") or "").split()


def colour(page: Page, selector: str) -> str:
    return str(page.locator(selector).evaluate("each => getComputedStyle(each).backgroundColor"))


def call(place: Place, queue: str, window: str) -> str:
    place.issue(queue)
    return place.call_number(queue, window)


def test_a_call_comes_to_the_board(place: Place, hang_board: Hang) -> None:
    page = hang_board()
    assert texts(page, ".idle-words p")[0] == "还没有叫号,请先坐一会儿"
    wait_for(lambda: page.locator("#board").get_attribute("data-seq") == "4")
    call(place, "D", "6")
    wait_for(lambda: numbers_on_slip(page) == ["D001"])
    assert texts(page, ".slip-window") == ["6"]
    assert colour(page, "#slip") == "rgb(238, 123, 28)"
    assert texts(page, "#said") == ["请 D001 到 6 号窗口"]


def test_the_number_has_its_size_and_scales_with_the_screen(place: Place, hang_board: Hang) -> None:
    call(place, "D", "12")
    page = hang_board()
    size = "each => parseFloat(getComputedStyle(each).fontSize) / innerWidth"
    at_full_hd = page.locator(".slip-number").evaluate(size)
    assert at_full_hd * 1920 == pytest.approx(262, abs=1)
    slip, window = page.locator("#slip").bounding_box(), page.locator(".slip-window").bounding_box()
    assert slip is not None
    assert window is not None
    assert window["x"] + 2 * 0.6 * 262 < slip["x"] + slip["width"], "two digits fit at the same size"
    for width, height in ((1280, 720), (3840, 2160)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.locator(".slip-number").evaluate(size) == pytest.approx(at_full_hd, rel=0.01)
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_two_at_once_share_the_slip_and_the_third_waits_its_turn(place: Place, hang_board: Hang) -> None:
    page = hang_board("", WHAT_WAS_SHOWN, dwell_s="6")
    wait_for(lambda: seq(page) == 4)
    for queue, window in (("A", "3"), ("B", "6"), ("C", "12")):
        call(place, queue, window)
    wait_for(lambda: [["A001", "B001"], ["C001"]] in page.evaluate("window.shown"))
    wait_for(lambda: numbers_on_slip(page) == ["C001"])
    assert recent(page) == ["B001", "A001"]


def test_a_second_call_is_said_to_be_one(place: Place, hang_board: Hang) -> None:
    page = hang_board()
    ticket = call(place, "A", "3")
    wait_for(lambda: numbers_on_slip(page) == ["A001"])
    place.ticket("recall", ticket)
    wait_for(lambda: texts(page, ".times") == ["第 2 次叫号"])
    assert numbers_on_slip(page) == ["A001"]


def test_waiting_counts_follow_and_an_empty_queue_is_a_sentence(place: Place, hang_board: Hang) -> None:
    page = hang_board()
    assert texts(page, "[data-queue=A] .waiting") == ["没人等,不用等"]
    place.issue("A")
    place.issue("A")
    wait_for(lambda: texts(page, "[data-queue=A] .waiting b") == ["2"])


def test_more_than_six_queues_are_turned_like_pages(place: Place, hang_board: Hang) -> None:
    place.furnish(queues=8)
    page = hang_board(page_s="1")
    letters = "#queues .queue:not(.off) .letter"
    wait_for(lambda: texts(page, letters) == list("ABCDEF"))
    wait_for(lambda: (texts(page, letters), texts(page, "#queues-page")) == (["G", "H"], ["2 / 2"]))


def test_a_reconfigured_hall_is_fetched_anew(place: Place, hang_board: Hang) -> None:
    page = hang_board()
    place.furnish(queues=3)
    wait_for(lambda: texts(page, "#queues .letter") == ["A", "B", "C"] and not stale(page))


def test_a_short_cut_is_made_good_without_a_word(place: Place, cable: Cable, hang_board: Hang) -> None:
    page = hang_board()
    wait_for(lambda: seq(page) == 4)
    cable.pull_out()
    call(place, "D", "6")
    place.issue("A")
    time.sleep(1)
    assert seq(page) == 4
    cable.put_back()
    wait_for(lambda: seq(page) == 7 and not stale(page))
    assert numbers_on_slip(page) == ["D001"]


def test_silence_makes_the_board_stale_and_a_fresh_snapshot_ends_it(
    place: Place, cable: Cable, hang_board: Hang
) -> None:
    call(place, "D", "6")
    page = hang_board()
    wait_for(lambda: page.evaluate("document.getElementById('clock').textContent") != "")
    alive = time.monotonic()
    place.issue("A")
    wait_for(lambda: texts(page, "[data-queue=A] .waiting b") == ["1"])
    cable.pull_out()
    wait_for(lambda: stale(page))
    assert time.monotonic() - alive > SILENCE_S, "not sooner after the last sign of life"
    assert colour(page, "#slip") == "rgba(0, 0, 0, 0)", "the fruit is gone"
    assert page.locator("#slip").evaluate("each => getComputedStyle(each).borderStyle") == "dashed"
    assert re.fullmatch(r"屏幕与叫号系统断开,下面是 09:3\d 的内容", texts(page, "#band-title")[0])
    assert re.fullmatch(r"09:3\d 叫的号", texts(page, "#slip-label")[0])
    assert texts(page, "#link-word") == ["失联"]
    place.issue("A")
    cable.put_back()
    wait_for(lambda: not stale(page))
    assert texts(page, "[data-queue=A] .waiting b") == ["2"]
    assert not page.locator("#band").is_visible()


def test_a_lost_change_makes_the_board_stale_until_the_snapshot_comes(place: Place, hang_board: Hang) -> None:
    lost: list[str] = []

    def lose_one(line: WebSocketRoute) -> None:
        def down(message: str | bytes) -> None:
            if isinstance(message, str) and '"change"' in message and not lost:
                lost.append(message)
            else:
                line.send(message)

        line.connect_to_server().on_message(down)

    page = hang_board("", STALENESS, wire=lose_one)
    wait_for(lambda: seq(page) == 4)
    page.wait_for_timeout(500)
    place.issue("A")
    wait_for(lambda: bool(page.evaluate("lost => lost", bool(lost))))
    place.issue("A")
    wait_for(lambda: texts(page, "[data-queue=A] .waiting b") == ["2"])
    assert page.evaluate("window.wasStale") is True
    wait_for(lambda: not stale(page))


def test_without_sockets_the_board_asks(place: Place, hang_board: Hang) -> None:
    page = hang_board("", "Object.defineProperty(window, 'WebSocket', { value: undefined });")
    call(place, "D", "6")
    wait_for(lambda: numbers_on_slip(page) == ["D001"] and not stale(page))


def test_a_call_is_spoken_twice_once_and_told_back(place: Place, room: Boards, hang_board: Hang) -> None:
    page = hang_board("", VOICE)
    assert texts(page, "#mute") == ["静音,按一下开声"]
    page.keyboard.press("Enter")
    assert not page.locator("#mute").is_visible()
    time.sleep(0.5)
    place.now = place_time(room)
    ticket = call(place, "D", "6")
    sentence = "请 D 0 0 1 号到 6 号窗口办理"
    wait_for(lambda: page.evaluate("window.spokenHere") == [sentence, sentence])
    wait_for(lambda: bool((receipt := room.display.last_receipt("H-1")) and receipt.spoken))
    page.reload()
    page.keyboard.press("Enter")
    time.sleep(1)
    assert page.evaluate("window.spokenHere") == [], "never again for the same call"
    place.ticket("recall", ticket)
    wait_for(lambda: len(page.evaluate("window.spokenHere")) == 2)


def test_a_call_that_comes_late_is_not_spoken(place: Place, hang_board: Hang) -> None:
    place.pass_time(minutes=1)
    place.set_clock()
    page = hang_board("", VOICE)
    page.keyboard.press("Enter")
    wait_for(lambda: seq(page) == 4)
    time.sleep(0.5)
    place.pass_time(minutes=-1)
    call(place, "D", "6")
    wait_for(lambda: numbers_on_slip(page) == ["D001"])
    time.sleep(0.5)
    assert page.evaluate("window.spokenHere") == []


def place_time(room: Boards) -> datetime:
    feed = room.display.feeds.of("H-1")
    with feed.settled():
        return feed.now


def test_a_board_without_a_voice_says_so_and_works(place: Place, room: Boards, hang_board: Hang) -> None:
    page = hang_board()
    assert texts(page, "#mute") == ["静音"]
    wait_for(lambda: seq(page) == 4)
    time.sleep(0.5)
    call(place, "D", "6")
    wait_for(lambda: room.display.last_receipt("H-1") is not None)
    receipt = room.display.last_receipt("H-1")
    assert receipt is not None
    assert (receipt.shown, receipt.spoken) == (True, False)


def test_the_english_board_speaks_english(place: Place, hang_board: Hang) -> None:
    page = hang_board("?lang=en")
    call(place, "D", "6")
    wait_for(lambda: numbers_on_slip(page) == ["D001"])
    assert texts(page, "#slip-label, #slip-goal") == ["Now calling", "Go to window"]
    assert not re.search(r"[\u4e00-\u9fff]", page.locator("body").inner_text())
