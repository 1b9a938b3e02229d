"""A screen is paired, works, is revoked and shows a code again; a card is read at a kiosk: all in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from dispatch.foundation import clock
from dispatch.halls import finding as halls
from dispatch.halls.devices import finding, pairing, tokens
from dispatch.halls.devices.models import Device
from dispatch.halls.devices.pairing import About
from dispatch.pages.shared.calls import DEVICE_COOKIE, SESSION_COOKIE
from dispatch.pages.shared.devices import HINT_COOKIE, NONCE_COOKIE
from tests.hall_display.place import serving_at
from tests.pages.api.office import Office
from tests.standing_city import TOWN_HALL

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser

NUMBER = "11010519491231002X"
READ = """line => {
  for (const key of [...line, "Enter"]) {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  }
}"""


Hang = Callable[..., "Page"]


@pytest.fixture
def hang(chromium: Browser, city: Office) -> Iterator[Hang]:
    """Opens a browser somewhere in the hall; no script may fail in it."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []
    with serving_at(city.web.app, city.web.socketio) as address:

        def screen(path: str, width: int = 1920, height: int = 1080, **cookies: str) -> Page:
            context = chromium.new_context(
                viewport={"width": width, "height": height}, reduced_motion="reduce", base_url=address
            )
            contexts.append(context)
            context.add_cookies(
                [{"name": name, "value": each, "url": address} for name, each in cookies.items()]
            )
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto(path)
            return page

        yield screen
        for context in contexts:
            context.close()
    assert faults == []


def cookies_of(page: Page) -> dict[str, str]:
    return {str(cookie["name"]): str(cookie["value"]) for cookie in page.context.cookies()}


def kiosk(city: Office, **about: object) -> str:
    with city.standing.database.work() as session:
        told = About(**about)  # type: ignore[arg-type]
        place = halls.hall(session, TOWN_HALL)
        return pairing.pair(session, place, "kiosk", now=clock.real_now(), about=told)


def test_a_television_becomes_the_board_and_stops_being_it(city: Office, hang: Hang) -> None:
    tv = hang("/pair?kind=board")
    code = tv.locator(".pair-code").inner_text().replace("\n", "").strip()
    tv.reload()  # switched off and on: it shows the same code
    expect(tv.locator(".pair-code")).to_have_attribute("aria-label", code)

    phone = hang(f"/admin/{TOWN_HALL}/devices", 390, 844, **{SESSION_COOKIE: city.tokens["supervisor"]})
    phone.locator("input[name=code]").fill(code.lower())
    phone.locator(".code-form button").click()
    phone.locator("input[name=name]").fill("东墙大屏")
    phone.get_by_role("button", name="同意配对").click()
    expect(phone.get_by_role("status")).to_contain_text("已同意")

    tv.wait_for_url(f"**/board/{TOWN_HALL}")
    expect(tv.locator("#link-word")).to_have_text("实时")
    held = cookies_of(tv)
    assert held[DEVICE_COOKIE].startswith(tokens.TOKEN_MARK)
    assert {NONCE_COOKIE, HINT_COOKIE} <= held.keys()
    assert tv.evaluate("document.cookie").count(held[DEVICE_COOKIE]) == 0

    phone.reload()
    row = phone.locator("tr", has_text="东墙大屏")
    expect(row).to_contain_text("正常")
    row.get_by_role("button", name="停用").click()
    phone.locator("dialog[open] select").select_option("lost")
    phone.locator("dialog[open] button.key-fruit").click()
    expect(phone.get_by_role("status")).to_contain_text("已停用")

    tv.wait_for_url("**/pair**")  # cut off at once, it finds out with its next sign of life
    expect(tv.locator(".pair-code")).to_be_visible()


def test_reloading_and_two_pages_of_one_machine_are_not_a_copy(city: Office, hang: Hang) -> None:
    tv = hang("/pair?kind=kiosk", 1080, 1920)
    code = tv.locator(".pair-code").get_attribute("aria-label")
    body = {"user_code": code, "hall": TOWN_HALL, "abilities": ["print"]}
    assert city.post("/devices/pairings/approve", "supervisor", json=body).status_code == 201
    tv.wait_for_url(f"**/kiosk/{TOWN_HALL}")
    for _ in range(3):
        with tv.expect_response("**/heartbeat"):
            tv.evaluate("localStorage.removeItem('tongban_beat_at')")
            tv.reload()
    second = tv.context.new_page()
    second.goto(f"/kiosk/{TOWN_HALL}")
    second.wait_for_timeout(1000)
    with city.standing.database.reading() as session:
        device = session.scalars(select(Device).where(Device.name == "自助机 2")).one()
        assert finding.status(device, real_now=clock.real_now()) == "working"


def test_a_card_is_read_and_its_number_found_again(city: Office, hang: Hang) -> None:
    token = kiosk(city, abilities=["id_reader"])
    page = hang(f"/kiosk/{TOWN_HALL}", 1080, 1920, **{DEVICE_COOKIE: token})
    page.evaluate(READ, NUMBER)
    expect(page.locator(".greet")).to_contain_text("002X")
    assert NUMBER not in page.url
    page.locator("a.tile").first.click()
    page.locator("a.choice").first.click()
    page.get_by_role("button", name="取号").click()
    number = page.locator(".slip-number").inner_text()
    page.locator("a.finish").click()
    expect(page.locator(".card-block")).to_be_visible()  # the next person is a stranger again
    page.wait_for_load_state("load")
    page.evaluate(READ, NUMBER)
    expect(page.locator(".mine-number")).to_have_text(number)
    ticket = city.town.entries()[-1]
    assert NUMBER not in ticket.body


def test_a_number_typed_by_hand_shows_nobodys_tickets(city: Office, hang: Hang) -> None:
    token = kiosk(city, abilities=["id_reader"])
    page = hang(f"/kiosk/{TOWN_HALL}/card", 1080, 1920, **{DEVICE_COOKIE: token})
    page.locator("input[name=number]").fill(NUMBER[:-1] + "1")
    page.get_by_role("button", name="就是这个").click()
    expect(page.get_by_role("alert")).to_contain_text("再放一次")
    page.locator("input[name=number]").fill(NUMBER)
    page.get_by_role("button", name="就是这个").click()
    expect(page.locator(".greet")).to_contain_text("002X")
    page.goto(f"/kiosk/{TOWN_HALL}/mine?card=1")
    expect(page.locator(".card-block, .groups")).not_to_have_count(0)
    expect(page.locator(".mine-number")).to_have_count(0)


def test_a_kiosk_calls_for_help_and_shows_its_troubles(city: Office, hang: Hang) -> None:
    token = kiosk(city, abilities=["print", "id_reader"])
    with city.standing.database.work() as session:
        device = tokens.device_of(session, token, real_now=clock.real_now())
        device.paper, device.faults, device.heard_at = "out", ["id_reader"], clock.real_now()
    page = hang(f"/kiosk/{TOWN_HALL}", 1080, 1920, **{DEVICE_COOKIE: token})
    expect(page.locator(".machine-band")).to_contain_text("打印机没纸")
    expect(page.locator(".card-block-off")).to_be_visible()
    page.get_by_role("button", name="请人来帮忙").click()
    expect(page.locator("h1")).to_have_text("已经叫人了")
    assert city.town.kinds()[-1] == "HelpWanted"
