"""One visit seen from every screen at once: phone, kiosk, window and board of a quiet hall."""

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.visits.conftest import DemoCity, Look

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PHONE, KIOSK, WINDOW, BOARD = (390, 844), (1080, 1920), (1366, 768), (1920, 1080)


def sign_in(page: "Page", demo_city: DemoCity) -> None:
    """Through the sign-in page, as a person would."""
    login = demo_city.login("supervisor")
    page.fill("[name=username]", login["username"])
    page.fill("[name=password]", login["password"])
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/login" not in url)
    page.wait_for_load_state("load")


def press(page: "Page", key: str) -> None:
    """A key, once the press before is done: a faster one would be taken for the second half of a double click."""
    expect(page.locator("#panel > [aria-busy]")).to_have_count(0)
    page.keyboard.press(key)


def window_of(demo_city: DemoCity, hall_code: str, letter: str) -> str:
    """A window of the hall that calls this queue."""
    with demo_city.staff("supervisor") as boss:
        hall = boss.get(f"/halls/{hall_code}").json()
    return next(str(window["id"]) for window in hall["windows"] if letter in window["queues"])


def test_a_number_taken_by_phone_is_called_by_keys_and_seen_everywhere(
    demo_city: DemoCity, look: Look
) -> None:
    hall = demo_city.told["quiet_halls"][-1]  # nobody else goes there, so the first number is the next called
    phone = look.at(f"{demo_city.url}/halls/{hall}", *PHONE)
    phone.locator("form", has_text=re.compile("取号")).first.locator("button").click()
    phone.wait_for_url(re.compile(r"/t/[0-9a-f]{32}"))
    number = re.search(r"[A-D]\d{3,}", phone.locator("main").inner_text())
    assert number is not None
    board = look.at(f"{demo_city.url}/board/{hall}", *BOARD)
    window = window_of(demo_city, hall, number[0][0])
    console = look.at(f"{demo_city.url}/login?next=/window/{window}", *WINDOW)
    sign_in(console, demo_city)
    console.get_by_role("button", name="开放窗口", exact=True).click()
    expect(console.locator("body")).to_contain_text(number[0])

    main_key = console.locator("[data-letter=N]")
    expect(main_key).to_contain_text("叫下一位")
    expect(main_key).to_be_enabled()

    press(console, "n")

    expect(board.locator("body")).to_contain_text(number[0])
    expect(phone.locator("main")).to_contain_text("窗口")
    expect(phone.locator("main")).to_contain_text(window.rsplit("-", 1)[1])
    press(console, "r")
    expect(phone.locator("main")).to_contain_text("第 2 次叫号")
    expect(main_key).to_contain_text("开始办理")
    press(console, "n")
    expect(phone.locator("main")).to_contain_text("号窗口办理")
    press(console, "f")
    expect(phone.locator("main")).to_contain_text("办完")


def test_a_number_taken_at_the_kiosk_by_touch(demo_city: DemoCity, look: Look) -> None:
    kiosk = look.at(f"{demo_city.url}/kiosk/{demo_city.quiet}", *KIOSK)
    kiosk.locator("main li a").first.click()
    kiosk.locator("main a").first.click()
    kiosk.locator("main form button").first.click()
    kiosk.wait_for_url(re.compile(r"/t/[0-9a-f]{32}"))
    expect(kiosk.locator("main")).to_contain_text(re.compile(r"[A-D]\d{3,}"))
    expect(kiosk.locator("svg").first).to_be_visible()


def test_no_page_scrolls_sideways_on_a_small_phone(demo_city: DemoCity, look: Look) -> None:
    """In English, whose words are the longer ones."""
    page = look.at(f"{demo_city.url}/?lang=en", 320, 640)
    hall, item = f"/halls/{demo_city.quiet}", "/items/HR-CARD"
    for path in ("/", "/halls", hall, "/items", item, "/ways?item=HR-CARD", "/mine", "/login"):
        page.goto(f"{demo_city.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
