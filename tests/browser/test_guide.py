"""The guide desk in a real browser, by a card reader, by keys and by touch."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dispatch.pages.shared.calls import SESSION_COOKIE
from tests.hall_display.place import serving_at
from tests.pages.api.office import Office
from tests.pages.api.test_journeys import begin
from tests.patience import wait_for
from tests.standing_city import CARD, DISTRICT_HALL, RENEWAL, TOWN_HALL, TRADE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

NUMBER = "33108219900101001X"
PERSON = {"name": "王小明", "phone": "13812345678", "id_kind": "resident_id", "id_number": NUMBER}
CONSOLE, TABLET = (1366, 768), (1024, 768)
COUNT_PRINTS = "window.printed = 0; window.print = () => { window.printed += 1; };"
READ = """line => {
  for (const key of [...line, "Enter"]) {
    const told = { key, bubbles: true, cancelable: true };
    (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", told));
  }
}"""
A_HAND = 300
"""Milliseconds between a person's keys; a reader has none."""


@pytest.fixture
def hall(opened: Callable[[], Office]) -> Office:
    """The same as it was furnished."""
    return opened()


Sit = Callable[..., "Page"]


@pytest.fixture
def sit(chromium: Browser, hall: Office) -> Iterator[Sit]:
    """Opens the town's desk; no script of it may fail."""
    contexts = []
    faults: list[str] = []
    with serving_at(hall.web.app, hall.web.socketio) as address:

        def sit_down(size: tuple[int, int] = CONSOLE, lang: str = "zh") -> Page:
            context = chromium.new_context(
                viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce"
            )
            contexts.append(context)
            context.add_cookies([{"name": SESSION_COOKIE, "value": hall.tokens["guide"], "url": address}])
            context.add_init_script(COUNT_PRINTS)
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto(f"{address}/guide/{TOWN_HALL}?lang={lang}")
            return page

        yield sit_down
        for context in contexts:
            context.close()
    assert faults == []


def wait_until(page: Page, expression: str) -> None:
    """Until this is so in the page, asked from outside: its own policy lets nothing be evaluated within."""
    wait_for(lambda: page.evaluate(expression), told=lambda: expression)


def swipe(page: Page, line: str) -> None:
    """A reader types the whole line at once, whatever has the focus."""
    settled(page)
    page.evaluate(READ, line)


def settled(page: Page) -> None:
    """Until the press before is done: a faster one would be taken for the second half of a double click."""
    expect(page.locator("body")).not_to_have_attribute("aria-busy", "true")


def key(page: Page, letter: str) -> None:
    """A key, at a person's pace."""
    settled(page)
    page.keyboard.press(letter)
    page.wait_for_timeout(A_HAND)


def stage(page: Page, kind: str) -> None:
    expect(page.locator("#stage > section")).to_have_attribute("data-kind", kind)


def test_a_card_is_read_anywhere_and_shows_all_its_holder_has(hall: Office, sit: Sit) -> None:
    hall.issue(person=PERSON)
    hall.issue(hall=DISTRICT_HALL, items=["RE-MORT"], queue=None, person=PERSON)
    page = sit()
    swipe(page, NUMBER)
    stage(page, "person")
    expect(page.locator("#stage")).to_contain_text("王*明")
    expect(page.locator(".ticket-row")).to_have_count(2)
    expect(page.locator("#stage")).to_contain_text("临海市政务服务中心")
    assert NUMBER not in page.content()
    assert NUMBER not in page.url


def test_digits_of_a_card_are_no_shortcuts_and_a_wrong_one_is_said(sit: Sit) -> None:
    page = sit()
    swipe(page, "331082199001010011")
    expect(page.locator("#news")).to_contain_text("对不上")
    stage(page, "home")
    swipe(page, "3310821990010")
    expect(page.locator("#news")).to_contain_text("没读全")
    stage(page, "home")


def test_a_card_read_into_the_field_is_a_search_like_any_other(hall: Office, sit: Sit) -> None:
    hall.issue(person=PERSON)
    page = sit()
    key(page, "/")
    page.keyboard.type(NUMBER)
    page.keyboard.press("Enter")
    stage(page, "person")
    expect(page.locator("#q")).to_have_value("")


def test_a_full_name_is_shown_for_a_reason_only(hall: Office, sit: Sit) -> None:
    hall.issue(person=PERSON)
    page = sit()
    swipe(page, NUMBER)
    stage(page, "person")
    key(page, "w")
    form = page.locator(".unmask-form")
    form.get_by_role("button").click()
    expect(page.locator("#news")).to_contain_text("为什么")
    form.get_by_text("本人来问").click()
    settled(page)
    form.get_by_role("button").click()
    expect(page.locator("[data-unmasked]")).to_contain_text("王小明")


def test_a_ticket_in_three_touches(hall: Office, sit: Sit) -> None:
    page = sit(TABLET)
    page.locator(f"[data-take={CARD}]").click()
    stage(page, "take")
    page.locator(".priorities").get_by_text("老年人").click()
    settled(page)
    page.locator("[data-issue]").click()
    stage(page, "given")
    expect(page.locator(".given .slip .number")).to_have_text("D001")
    expect(page.locator("#stage")).to_contain_text("老年人")
    wait_until(page, "window.printed === 1")
    page.emulate_media(media="print")
    assert page.locator("#paper .paper-number").is_visible()
    assert not page.locator(".bar").is_visible()
    assert page.locator("#paper .paper-number").inner_text() == "D001"


def test_the_same_by_keys_alone_with_two_items_and_whose_they_are(hall: Office, sit: Sit) -> None:
    hall.issue(items=[CARD], queue=None)
    hall.issue(items=[CARD], queue=None)
    hall.issue(items=[TRADE], queue=None)
    page = sit()
    swipe(page, NUMBER)
    stage(page, "nobody")
    key(page, "n")
    expect(page.locator("#pinned")).to_contain_text("001X")
    key(page, "1")
    stage(page, "take")
    key(page, "k")
    expect(page.locator("[data-verdict]").first).to_contain_text("齐")
    key(page, "+")
    key(page, "a")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("个体工商户")
    page.keyboard.press("Enter")
    stage(page, "results")
    page.locator("#q").blur()
    key(page, "1")
    stage(page, "take")
    expect(page.locator("[data-counted]").first).to_have_text("2")
    expect(page.locator("[data-verdict]").first).to_contain_text("齐")
    expect(page.locator("#stage")).to_contain_text("会出 2 张号")
    key(page, "Enter")
    stage(page, "given")
    expect(page.locator(".given .slip .number")).to_have_text(["D003", "A002"])
    expect(page.locator("#pinned")).to_be_hidden()
    key(page, "Enter")
    stage(page, "home")
    swipe(page, NUMBER)
    stage(page, "person")
    expect(page.locator(".ticket-row")).to_have_count(2)
    expect(page.locator(".ticket-rows")).to_contain_text("预审:齐")


def test_a_missed_number_goes_back_in_line_and_that_can_be_undone(hall: Office, sit: Sit) -> None:
    ticket = hall.called()
    page = sit()
    hall.post(f"/tickets/{ticket['id']}/missed", "clerk")
    expect(page.locator(".watch .missed-rows")).to_contain_text("D001")
    key(page, "/")
    page.keyboard.type("d1")
    page.keyboard.press("Enter")
    stage(page, "ticket")
    page.locator("#q").blur()
    key(page, "r")
    expect(page.locator("#news")).to_contain_text("D001 已排回去")
    expect(page.locator("#stage")).to_contain_text("在排队")
    assert hall.town.ticket(ticket["id"]).state == "waiting"
    key(page, "u")
    expect(page.locator("#news")).to_contain_text("已撤销")
    assert hall.town.ticket(ticket["id"]).state == "missed"


def test_whoever_is_called_is_fetched_before_she_is_missed(hall: Office, sit: Sit) -> None:
    page = sit()
    hall.called()
    expect(page.locator(".watch")).to_contain_text("到 1 号窗口")
    key(page, "f")
    expect(page.locator(".watch .coming")).to_be_visible()
    expect(page.locator("#news")).to_contain_text("1 号窗口")
    assert hall.town.kinds().count("GuideFetches") == 1


def test_a_question_is_counted_with_one_key(hall: Office, sit: Sit) -> None:
    page = sit()
    key(page, "q")
    expect(page.locator("[data-asked]")).to_have_text("1")
    settled(page)
    page.locator(f"[data-take={CARD}]").click()
    stage(page, "take")
    key(page, "q")
    expect(page.locator("#news")).to_contain_text(re.compile("记了一次咨询:.+"))
    expect(page.locator("[data-asked]")).to_have_text("2")
    stage(page, "take")


def test_priority_and_a_precheck_on_a_found_ticket(hall: Office, sit: Sit) -> None:
    ticket = hall.issue(items=[TRADE], queue=None)
    page = sit()
    page.locator("#q").fill(f"{page.url.split('/guide')[0]}/t/{ticket['id']}?s=x")
    page.keyboard.press("Enter")
    stage(page, "ticket")
    page.locator("#q").blur()
    key(page, "2")
    expect(page.locator(".priorities-row [aria-pressed=true]")).to_contain_text("残疾人")
    key(page, "c")
    key(page, "k")
    page.locator("#fold-precheck").get_by_text("没带").first.click()
    expect(page.locator("[data-verdict]")).to_contain_text("没备齐")
    settled(page)
    page.get_by_role("button", name="记下预审").click()
    expect(page.locator(".slip")).to_contain_text("预审:没备齐")
    (checked,) = _checks(hall, ticket["id"])
    assert checked == "not_yet"


def _checks(hall: Office, ticket: str) -> list[str]:
    shown = hall.get(f"/tickets/{ticket}/prechecks", "clerk").json
    assert shown is not None
    return [each["result"] for each in shown["prechecks"]]


def test_a_desk_without_its_wire_says_so_and_presses_nothing(hall: Office, sit: Sit) -> None:
    page = sit()
    hall.called()
    expect(page.locator(".watch")).to_contain_text("D001")
    page.context.set_offline(True)
    page.clock.install()
    page.clock.fast_forward(20_000)
    expect(page.locator("#stale-band")).to_be_visible()
    expect(page.locator(".fetch-first")).to_be_disabled()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [CONSOLE, TABLET, (390, 844)])
def test_nothing_is_wider_than_the_screen(hall: Office, sit: Sit, size: tuple[int, int], lang: str) -> None:
    hall.called()
    hall.issue(person=PERSON)
    page = sit(size, lang)
    fits = "document.documentElement.scrollWidth <= window.innerWidth"
    assert page.evaluate(fits)
    page.locator(f"[data-take={CARD}]").click()
    stage(page, "take")
    assert page.evaluate(fits)
    swipe(page, NUMBER)
    stage(page, "person")
    assert page.evaluate(fits)


def test_the_code_of_a_journey_takes_its_holder_in_with_one_key(hall: Office, sit: Sit) -> None:
    journey = begin(hall)
    page = sit()
    swipe(page, f"http://city/j/{journey['id']}?s={journey['secret']}")
    stage(page, "take")
    expect(page.locator(".expected")).to_contain_text("在路上登记过")
    key(page, "+")
    expect(page.locator("[data-counted]").first).to_have_text("2")
    page.get_by_role("button", name="再加一件").click()
    stage(page, "home")
    settled(page)
    page.locator(f"[data-take='{RENEWAL}']").click()
    stage(page, "take")
    expect(page.locator(".expected")).to_contain_text("在路上登记过")
    expect(page.locator("[data-item]")).to_have_count(2)
    key(page, "Enter")
    stage(page, "given")
    seen = hall.get(f"/journeys/{journey['id']}", secret=journey["secret"]).json
    assert seen is not None
    assert seen["state"] == "joined"
