"""Every screen in both languages as a picture: for the README, and to be looked at.

`TONGBAN_PICTURES=1 make test ARGS='tests/visits/test_pictures.py'` writes them into docs/pictures.
"""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.visits.conftest import DemoCity, Look
from tests.visits.test_a_visit import BOARD, KIOSK, PHONE, WINDOW, sign_in

pytestmark = pytest.mark.browser

BUSY = "H-331082112"
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
LANGS = pytest.mark.parametrize("lang", ["zh", "en"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return PICTURES if os.environ.get("TONGBAN_PICTURES") else tmp_path


@LANGS
def test_board(demo_city: DemoCity, look: Look, folder: Path, lang: str) -> None:
    page = look.at(f"{demo_city.url}/board/{BUSY}?lang={lang}", *BOARD)
    expect(page.locator("body")).to_contain_text(re.compile(r"[AD]\d{3}"))
    page.wait_for_timeout(1500)
    page.screenshot(path=folder / f"board-{lang}.png")


@LANGS
def test_kiosk(demo_city: DemoCity, look: Look, folder: Path, lang: str) -> None:
    page = look.at(f"{demo_city.url}/kiosk/{BUSY}?lang={lang}", *KIOSK)
    expect(page.locator("main a").first).to_be_visible()
    page.screenshot(path=folder / f"kiosk-{lang}.png")


@LANGS
def test_phone(demo_city: DemoCity, look: Look, folder: Path, lang: str) -> None:
    page = look.at(f"{demo_city.url}/halls?item=HR-CARD&lang={lang}&all=1", *PHONE)
    form = page.locator("form").filter(has=page.locator(f"input[value='{BUSY}']"))
    form.locator("button").click()
    page.wait_for_url(re.compile(r"/t/"))
    page.wait_for_timeout(800)
    page.screenshot(path=folder / f"ticket-{lang}.png")


@LANGS
def test_ways(demo_city: DemoCity, look: Look, folder: Path, lang: str) -> None:
    way = f"item=PSB-ID-LOST&from={BUSY}&by=transit&skip=app&skip=web"
    page = look.at(f"{demo_city.url}/ways?{way}&lang={lang}", *PHONE)
    expect(page.locator("main")).to_contain_text(re.compile(r"\d\d:\d\d"))
    page.screenshot(path=folder / f"ways-{lang}.png")


@LANGS
def test_window(demo_city: DemoCity, look: Look, folder: Path, lang: str) -> None:
    page = look.at(f"{demo_city.url}/login?lang={lang}&next=/window/{_busy_window(demo_city)}", *WINDOW)
    sign_in(page, demo_city)
    expect(page.locator("body")).to_contain_text(re.compile(r"D\d{3}"))
    page.wait_for_timeout(800)
    page.screenshot(path=folder / f"window-{lang}.png")


def _busy_window(demo_city: DemoCity) -> str:
    """A window of the busy hall with somebody at it."""
    with demo_city.staff("supervisor") as boss:
        windows = boss.get(f"/halls/{BUSY}").json()["windows"]
        shown = [boss.get(f"/windows/{window['id']}").json() for window in windows if "D" in window["queues"]]
    return next(str(window["id"]) for window in shown if window["ticket"])
