"""A hall's whole day at its screens: every state a ticket can be in and every verb of the window, first by mouse,
then by keys alone, with a board beside it and the box of keys and the small screen on the desk.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dispatch.foundation import log
from dispatch.pages.window import pressing
from dispatch.tickets.life import STATES
from dispatch.wiring import keeping_places, listening
from dispatch.wiring.keeping_hours import end_service_days
from tests.browser.test_board import VOICE
from tests.patience import PATIENCE_S, wait_for
from tests.visits.conftest import Look
from tests.visits.one_hall import PASSWORD, OneHall, one_hall

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

WINDOW, STRIP, BOARD, PAD = (1366, 768), (1366, 96), (1920, 1080), (800, 480)
PAPERS = "MS-IND"


@pytest.fixture
def hall(sqlite_url: str, tmp_path: Path) -> Iterator[OneHall]:
    with one_hall(sqlite_url, tmp_path) as open_hall:
        yield open_hall


def sit_down(
    look: Look, hall: OneHall, window: str, size: tuple[int, int] = WINDOW, tail: str = ""
) -> "Page":
    """A clerk signs in at a window."""
    page = look.at(f"{hall.url}/login?next=/window/{hall.window(window)}{tail}", *size)
    page.fill("[name=username]", "clerk")
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    expect(page.locator("[data-letter=N]")).to_be_visible()
    page.wait_for_load_state("load")  # a key pressed before the page has its scripts is lost
    return page


def opens(page: "Page") -> None:
    """The window, by its key; what is pressed before the page may be used is lost."""
    expect(page.locator("#panel [data-letter=ENTER]")).to_be_enabled()
    page.keyboard.press("Enter")
    expect(page.locator("#panel [data-letter=N]")).to_be_enabled()


class Hand:
    """Somebody at a console who uses the mouse, or only the keys; and what a board beside it shows."""

    def __init__(self, page: "Page", board: "Page", *, keys: bool) -> None:
        self.page, self.board, self.keys = page, board, keys

    def does(self, letter: str) -> None:
        """One of the console's keys, at a person's pace."""
        key = self.page.locator(f"#panel [data-letter='{letter.upper()}']")
        self.waits()
        expect(key).to_be_enabled()
        self.page.keyboard.press(letter) if self.keys else key.click()

    def waits(self) -> None:
        """Until the press before is done: a faster one would be taken for the second half of a double click."""
        expect(self.page.locator("#panel > [aria-busy]")).to_have_count(0)

    def answers(self, key: str, words: str) -> None:
        """An answer on the sheet that a key has opened."""
        sheet = self.page.locator("#sheet")
        expect(sheet).to_be_visible()
        choice = sheet.locator("[data-press]", has_text=words).first
        expect(choice).to_be_visible()
        if not self.keys:
            choice.click()
        else:
            for stroke in key.split():
                self.page.keyboard.press(stroke)
        expect(sheet).to_be_hidden()
        self.waits()

    def calls_number(self, number: str) -> None:
        """点呼."""
        self.waits()
        if self.keys:
            self.page.keyboard.press("/")
        else:
            self.page.click("#number")
        expect(self.page.locator("#number")).to_be_focused()
        self.page.keyboard.type(number.lower())
        self.page.keyboard.press("Enter")
        self.sees(number)
        expect(self.page.locator("#number")).to_have_value("")

    def sees(self, number: str, words: str = "") -> None:
        """The slip on the console."""
        expect(self.page.locator(".work .slip .number").first).to_have_text(number)
        if words:
            expect(self.page.locator(".work")).to_contain_text(words)

    def sees_nobody(self) -> None:
        """The window is free."""
        expect(self.page.locator(".slip-empty")).to_be_visible()

    def board_says(self, number: str) -> None:
        """The board beside it has the number."""
        expect(self.board.locator("#slip-rows, #recent").filter(has_text=number).first).to_be_attached()


def play_the_day(hall: OneHall, hand: Hand) -> set[str]:
    """Every verb once; the states that were seen on the way."""
    seen: set[str] = set()

    def see(ticket: str, state: str) -> None:
        wait_for(lambda: hall.state(ticket) == state, told=lambda: (hall.state(ticket), state))
        seen.add(state)

    first, second, third, fourth = (hall.take(queue="D") for _ in range(4))
    see(first["id"], "waiting")
    hand.does("Enter")  # 开放窗口
    hand.does("N")
    hand.sees(first["number"], "已叫号")
    hand.board_says(first["number"])
    see(first["id"], "called")
    expect(hand.page.locator(".heard")).to_contain_text("屏幕已显示")
    hand.does("R")
    hand.sees(first["number"], "第 2 次叫号")
    hand.does("N")
    hand.sees(first["number"], "正在办理")
    see(first["id"], "serving")

    hand.does("P")
    hand.answers("1", "去复印")
    hand.sees_nobody()
    see(first["id"], "parked")
    expect(hand.page.locator(".parked")).to_contain_text("去复印")
    hand.does("N")
    hand.sees(second["number"])
    hand.does("M")
    hand.sees_nobody()
    see(second["id"], "missed")
    hand.does("1")  # the parked person is back
    hand.sees(first["number"], "正在办理")

    hand.does("N")  # finish and call the next, one key
    hand.sees(third["number"])
    see(first["id"], "finished")
    hand.does("U")
    hand.sees(first["number"], "正在办理")
    assert hall.state(third["id"]) == "waiting"
    hand.does("T")
    hand.answers("T", "缴费取证")  # the next stage, under the same number
    hand.sees_nobody()
    assert hall.state(first["id"]) == "waiting"

    hand.does("L")
    hand.answers("1", second["number"])  # the missed one is back in line
    assert hall.state(second["id"]) == "waiting"
    expect(hand.page.locator(".line-part")).to_contain_text("过号激活")
    hand.calls_number(fourth["number"])
    hand.does("V")
    hand.answers("3", "取错事项")
    see(fourth["id"], "void")

    papers = hall.take(items=[PAPERS], queue=None)
    hand.calls_number(papers["number"])
    hand.does("N")
    hand.sees(papers["number"], "正在办理")
    hand.waits()
    paper = hand.page.locator("[data-paper]").first
    if hand.keys:
        paper.focus()
        hand.page.keyboard.press("Space")
    else:
        paper.click()
    expect(hand.page.locator("[data-papers-count]")).to_contain_text("还差")
    hand.does("F")
    expect(hand.page.locator("#news")).to_contain_text("还差")
    see(papers["id"], "serving")
    hand.does("F")
    hand.sees_nobody()
    see(papers["id"], "finished")

    several = hall.take(items=[{"item": PAPERS, "count": 5}], queue=None)
    hand.calls_number(several["number"])
    hand.sees(several["number"], "× 5")
    hand.does("N")
    hand.sees(several["number"], "正在办理")
    hand.does("F")
    expect(hand.page.locator("#sheet [data-item] input")).to_have_value("5")
    hand.page.locator("#sheet [data-item] input").fill("4")
    hand.page.keyboard.press("Enter") if hand.keys else hand.page.click("#sheet [data-send]")
    expect(hand.page.locator("#sheet")).to_be_hidden()
    hand.sees_nobody()
    with hall.staff() as boss:
        assert boss.get(f"/tickets/{several['id']}").json()["items"][0]["count"] == 4

    hand.does("W")
    hand.answers("D", "社会事务")  # somebody without a ticket
    expect(hand.page.locator(".work")).to_contain_text("正在办理")
    hand.does("F")
    hand.sees_nobody()

    sent = hall.take(items=[PAPERS], queue=None)
    hand.calls_number(sent["number"])
    hand.does("T")
    hand.answers("ArrowUp Enter", "临海市")  # another hall: the last choice
    hand.sees_nobody()
    see(sent["id"], "moving")
    listening.hear_all(hall.database)  # the other hall takes her in
    listening.hear_all(hall.database)  # and this one hears of it
    see(sent["id"], "moved")
    given_up = hall.take(queue="D")
    hall.give_up(given_up)
    see(given_up["id"], "cancelled")

    hand.does("G")
    hand.answers("2", "2 人")
    expect(hand.page.locator(".group-list li")).to_have_count(2)
    hand.does("1")
    expect(hand.page.locator(".group-list li").first).to_contain_text("办结")
    hand.does("M")
    expect(hand.page.locator(".work .slip .number").first).to_be_visible()
    hand.does("F")
    hand.sees_nobody()
    assert {hall.state(second["id"]), hall.state(third["id"])} == {"finished", "missed"}

    return seen


@pytest.mark.parametrize("keys", [False, True], ids=["mouse", "keys"])
def test_a_full_day_at_one_window(hall: OneHall, look: Look, keys: bool) -> None:
    board = look.at(f"{hall.url}/board/{hall.code}", *BOARD)
    hand = Hand(sit_down(look, hall, "1"), board, keys=keys)

    seen = play_the_day(hall, hand)

    left = hall.take(queue="D")
    hall.pass_time(hours=24)
    end_service_days(hall.database)
    assert hall.state(left["id"]) == "expired"
    assert seen | {"expired"} == set(STATES)
    with hall.database.reading() as session:
        assert list(log.faults(session, hall.code)) == []


def test_a_call_that_the_board_spoke_gets_its_tick(hall: OneHall, look: Look) -> None:
    board = look.at(f"{hall.url}/board/{hall.code}", *BOARD)
    board.context.add_init_script(VOICE)
    board.reload()
    board.keyboard.press("Enter")
    console = sit_down(look, hall, "1")
    ticket = hall.take()
    opens(console)
    hand = Hand(console, board, keys=True)
    hand.does("N")
    hand.sees(ticket["number"])
    expect(console.locator(".heard")).to_contain_text("屏幕已叫")
    hand.does("R")
    hand.sees(ticket["number"], "第 2 次叫号")
    expect(console.locator(".heard")).to_contain_text("屏幕已叫")  # the second call is spoken for itself


def test_a_double_click_calls_once_and_starts_nobody(hall: OneHall, look: Look) -> None:
    console = sit_down(look, hall, "1")
    first, second = hall.take(), hall.take()
    opens(console)
    key = console.locator("[data-letter=N]")
    expect(key).to_contain_text("叫下一位")
    expect(key).to_be_enabled()
    hand = Hand(console, console, keys=False)
    hand.waits()

    key.dblclick()

    hand.sees(first["number"], "已叫号")
    hand.waits()
    assert (hall.state(first["id"]), hall.state(second["id"])) == ("called", "waiting")


def test_the_browsers_back_key_shows_how_it_stands_and_calls_nobody(hall: OneHall, look: Look) -> None:
    console = sit_down(look, hall, "1")
    first, second = hall.take(), hall.take()
    opens(console)
    hand = Hand(console, console, keys=True)
    hand.does("N")
    hand.sees(first["number"])
    console.goto(f"{hall.url}/window")
    with hall.staff() as boss:
        boss.post(f"/tickets/{first['id']}/start").raise_for_status()

    console.go_back()

    hand.sees(first["number"], "正在办理")
    assert (hall.state(first["id"]), hall.state(second["id"])) == ("serving", "waiting")


def test_two_terminals_at_one_window_see_the_same_and_a_late_press_is_told_so(
    hall: OneHall, look: Look
) -> None:
    one, two = sit_down(look, hall, "1"), sit_down(look, hall, "1")
    ticket = hall.take()
    opens(one)
    here, there = Hand(one, one, keys=True), Hand(two, two, keys=True)
    here.does("N")
    here.sees(ticket["number"])
    there.sees(ticket["number"])  # by the wire

    two.route("**/panel", lambda route: route.abort())  # its picture is an old one from now on
    look.forgives(two)
    here.does("M")
    here.sees_nobody()
    here.does("L")
    here.answers("1", ticket["number"])
    here.does("N")
    here.sees(ticket["number"])
    there.does("M")

    expect(two.locator("#news")).to_contain_text("重新叫过")
    assert hall.state(ticket["id"]) == "called"
    two.unroute("**/panel")
    here.does("N")
    there.sees(ticket["number"], "正在办理")


def test_a_clerks_wrong_clock_changes_nothing(hall: OneHall, look: Look) -> None:
    console = sit_down(look, hall, "1")
    console.context.add_init_script("const real = Date.now; Date.now = () => real() - 47 * 60 * 1000;")
    console.reload()
    hall.take()
    opens(console)
    hand = Hand(console, console, keys=True)
    hand.does("N")
    expect(console.locator("[data-since]")).to_have_text(re.compile(r"^0[0-5]:\d\d$"))
    expect(console.locator("[data-clock]")).to_have_text(re.compile(r"^09:3\d$"))
    expect(console.locator("body")).not_to_have_attribute("data-stale", "yes")


def test_a_window_that_lost_its_lease_says_so_and_goes_on(hall: OneHall, look: Look) -> None:
    console = sit_down(look, hall, "1")
    ticket = hall.take()
    opens(console)
    hand = Hand(console, console, keys=True)
    hand.does("N")
    hand.sees(ticket["number"])

    def lapse() -> bool:
        hall.pass_time(seconds=100)  # a sign of life may come in between
        keeping_places.lapse_leases(hall.database)
        return hall.state(ticket["id"]) == "waiting"

    wait_for(lapse)
    expect(console.locator(".lapsed-band")).to_contain_text("90 秒没有消息")
    expect(console.locator(".line-part")).to_contain_text("留给本窗口")
    hand.does("Enter")
    expect(console.locator(".lapsed-band")).to_be_hidden()
    hand.does("N")
    hand.sees(ticket["number"])


def test_without_the_network_no_key_promises_anything(hall: OneHall, look: Look) -> None:
    console = sit_down(look, hall, "1")
    ticket = hall.take()
    opens(console)
    expect(console.locator("[data-letter=N]")).to_be_enabled()
    look.forgives(console)
    console.context.set_offline(True)
    expect(console.locator("[data-stale-band]")).to_contain_text("断开")
    expect(console.locator("[data-letter=N]")).to_be_disabled()
    console.context.set_offline(False)
    expect(console.locator("[data-letter=N]")).to_be_enabled()
    assert hall.state(ticket["id"]) == "waiting"


def test_the_strip_has_the_same_keys(hall: OneHall, look: Look) -> None:
    console = sit_down(look, hall, "1")
    first, second = hall.take(), hall.take()
    opens(console)
    strip = sit_down(look, hall, "1", STRIP, "/strip")
    hand = Hand(strip, strip, keys=True)
    hand.does("N")
    expect(strip.locator(".strip-who .number")).to_have_text(first["number"])
    Hand(console, console, keys=True).sees(first["number"])
    hand.does("N")
    hand.does("P")
    hand.answers("3", "去缴费")
    assert hall.state(first["id"]) == "parked"
    hand.waits()
    strip.keyboard.press("/")
    expect(strip.locator("#number")).to_be_focused()
    strip.keyboard.type(second["number"])
    strip.keyboard.press("Enter")
    expect(strip.locator(".strip-who .number")).to_have_text(second["number"])
    assert strip.evaluate("document.documentElement.scrollHeight") <= STRIP[1]


def test_a_box_of_keys_and_the_screen_never_differ(
    hall: OneHall, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = sit_down(look, hall, "1")
    first, second = hall.take(), hall.take()
    opens(console)
    expect(console.locator("[data-letter=N]")).to_be_enabled()
    hand = Hand(console, console, keys=True)
    hand.waits()
    console.keyboard.press("Numpad1")  # a box that speaks as a keyboard
    hand.sees(first["number"])
    with hall.machine(hall.box) as box:  # a box on the network
        monkeypatch.setattr(pressing, "SETTLE_S", 0.0)  # as if the call were long ago
        pressed = box.post(f"/windows/{hall.window('1')}/key", json={"key": "N"}).raise_for_status()
        monkeypatch.setattr(pressing, "SETTLE_S", PATIENCE_S)
        bounced = box.post(f"/windows/{hall.window('1')}/key", json={"key": "N"}).raise_for_status()
        assert pressed.json()["did"] == "start"
        assert (bounced.json()["did"], bounced.json()["asks"]) == (None, "again")
        hand.sees(first["number"], "正在办理")
        monkeypatch.setattr(pressing, "SETTLE_S", 0.0)
        assert box.post(f"/windows/{hall.window('1')}/key", json={"key": "N"}).json()["did"] == "next-after"
        hand.sees(second["number"])
        assert box.post(f"/windows/{hall.window('2')}/key", json={"key": "N"}).status_code == 403


def test_the_small_screen_asks_once_and_takes_one_answer(hall: OneHall, look: Look) -> None:
    console = sit_down(look, hall, "1")
    first, second = hall.take(), hall.take()
    opens(console)
    pad = look.at(f"{hall.url}/login", *PAD)
    pad.context.add_cookies([{"name": "tongban_device", "value": hall.pad, "url": hall.url}])
    pad.goto(f"{hall.url}/pad/{hall.window('1')}")
    hand = Hand(console, console, keys=True)
    hand.does("N")
    expect(pad.locator("#panel")).to_contain_text(first["number"])
    hand.does("N")
    hand.does("N")
    hand.sees(second["number"])
    expect(pad.locator("#panel")).to_contain_text("请评价")
    assert pad.locator("[data-level][aria-pressed=true], .chosen").count() == 0, "never preselected"
    pad.locator("[data-level=dissatisfied]").click()
    pad.locator("[data-reason=slow]").click()
    pad.locator("[data-send]").click()
    expect(pad.locator("#panel")).to_contain_text("谢谢您")
    with hall.staff() as boss:
        told = boss.get(f"/halls/{hall.code}/ratings").raise_for_status().json()
    assert (told["rated"], told["levels"]["dissatisfied"], told["reasons"]) == (1, 1, {"slow": 1})
    expect(pad.locator("#panel")).to_contain_text(second["number"])
