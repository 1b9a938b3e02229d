"""From a sentence as people say it to the way she goes, in a real browser: both languages, no scripts, larger type."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.wiring.app import create_web
from tests.hall_display.place import serving_at
from tests.pages.citizen.town import furnish
from tests.standing_city import TOWN_HALL

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PHONE = (390, 844)
SENTENCES = [
    ("开饭店", "食品经营许可(新办)"),
    ("娃要上户口", "出生登记(国内出生)"),
    ("社保卡丢了", "社会保障卡挂失"),
]
IN_ENGLISH = [
    ("open a restaurant", "Food business licence"),
    ("register my newborn", "Birth registration"),
    ("lost my social security card", "ocial security card"),
]
Open = Callable[..., "Page"]


@pytest.fixture(scope="module")
def address(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A city where everything can be found, its pages served."""
    var = tmp_path_factory.mktemp("var")
    url = f"sqlite:///{shutil.copyfile(sqlite_template, var / 'city.db')}"
    with Database(url) as city:
        furnish(city)
    web = create_web(Settings(database_url=url, var=var, demo=True, secure_cookies=False))
    assert web.socketio is not None
    with serving_at(web.app, web.socketio) as served:
        yield served
    web.stop()


@pytest.fixture
def phone(chromium: Browser, address: str) -> Iterator[Open]:
    """Opens the finder on a phone; no script of it may fail."""
    contexts = []
    faults: list[str] = []

    def begin(path: str = "/", *, scripts: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": PHONE[0], "height": PHONE[1]},
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{address}{path}")
        return page

    yield begin
    for context in contexts:
        context.close()
    assert faults == []


def say(page: Page, sentence: str) -> None:
    """Type it and press return: the field is a form like any other."""
    page.locator("#q").fill(sentence)
    page.locator("#q").press("Enter")
    expect(page.locator(".best h3")).to_be_visible()


def answer_all(page: Page) -> int:
    """Take the first answer of each question until nothing is left to ask; how many there were."""
    asked = 0
    while page.locator(".question").count():
        first = page.locator(".answer").first
        chosen = first.get_attribute("value") or ""
        first.click()
        page.wait_for_url(re.compile(re.escape(quote(chosen, safe=""))))
        asked += 1
    return asked


def choose_town(page: Page) -> None:
    """Say from where one sets out."""
    page.locator("#change summary").click()
    page.locator("select[name=from]").select_option(TOWN_HALL)
    page.locator("#change button[type=submit]").click()
    page.wait_for_url(re.compile(f"from={TOWN_HALL}"))


def go(page: Page) -> None:
    """Accept the first way that leads to a counter."""
    page.locator("form[action='/journeys'] button").first.click()
    page.wait_for_url(re.compile(r"/j/\w+"))


@pytest.mark.parametrize(("sentence", "item"), SENTENCES)
def test_a_sentence_leads_to_a_way_that_is_taken(phone: Open, sentence: str, item: str) -> None:
    page = phone()
    say(page, sentence)
    expect(page.locator(".best h3")).to_have_text(item)
    page.locator(".best .key-fruit").click()
    answer_all(page)
    expect(page.locator("h1")).to_have_text(item)
    page.get_by_text("看看去哪儿办最快").click()
    choose_town(page)
    expect(page.locator(".way").first).to_be_visible()
    go(page)
    expect(page.locator("h1")).to_have_text("杜桥镇便民服务中心")
    expect(page.locator("main")).to_contain_text("现在出发")
    page.get_by_role("button", name="现在就取号").click()
    page.wait_for_url(re.compile(r"/t/\w+"))
    expect(page.locator("h1.number")).to_have_text(re.compile(r"D\d{3}"))


@pytest.mark.parametrize(("sentence", "item"), IN_ENGLISH)
def test_the_same_in_english(phone: Open, sentence: str, item: str) -> None:
    page = phone("/?lang=en")
    say(page, sentence)
    expect(page.locator(".best h3")).to_contain_text(item)
    page.locator(".best .key-fruit").click()
    answer_all(page)
    page.get_by_text("See where it is quickest").click()
    choose_town(page)
    go(page)
    expect(page.locator("main")).to_contain_text("Leave now")
    expect(page.get_by_role("button", name="Take my number now")).to_be_visible()


def test_it_takes_no_script(phone: Open) -> None:
    page = phone(scripts=False)
    say(page, "社保卡丢了")
    page.locator(".best .key-fruit").click()
    asked = answer_all(page)
    for _ in range(asked):
        page.go_back()
    assert page.locator(".question").count() == (asked > 0)
    answer_all(page)
    page.get_by_text("看看去哪儿办最快").click()
    choose_town(page)
    go(page)
    page.get_by_role("button", name="不去了").click()
    expect(page.locator("main")).to_contain_text("想去的话,再选一次就行")


def test_larger_and_fewer_with_a_counter_first(phone: Open) -> None:
    page = phone("/?elder=1")
    say(page, "社保卡丢了")
    page.locator(".best .key-fruit").click()
    answer_all(page)
    page.get_by_text("看看去哪儿办最快").click()
    expect(page.locator(".way:visible")).to_have_count(1)
    expect(page.locator(".way:visible .way-channel")).to_have_text("窗口")
    page.wait_for_load_state("load")  # with its styles
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('.way-why')).fontSize)") >= 20
    go(page)
    expect(page.locator("body")).to_have_class(re.compile("elder"))
    expect(page.get_by_text("打电话请人帮")).to_be_visible()


def test_suggestions_come_as_one_types(phone: Open) -> None:
    page = phone()
    page.locator("#q").press_sequentially("社保卡", delay=20)
    first = page.locator("[data-suggestions] a").first
    expect(first).to_contain_text("社保卡")
    first.click()
    page.wait_for_url(re.compile("/items/"))


def test_from_here_is_asked_of_the_phone(phone: Open, address: str) -> None:
    page = phone("/ways?item=HR-CARD")
    page.context.grant_permissions(["geolocation"], origin=address)
    page.context.set_geolocation({"latitude": 28.7456, "longitude": 121.5012})
    page.locator("#change summary").click()
    page.locator("[data-here]").click()
    page.wait_for_url(re.compile(r"near=28\.7456%2C121\.5012"))
    expect(page.locator("#change summary")).to_contain_text("从您现在的位置出发")
