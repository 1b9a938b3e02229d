"""A kiosk in a real browser, by touch: three screens to a number, and questions one by one to a printed notice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from dispatch.foundation import clock
from dispatch.halls import finding as halls
from dispatch.halls.devices import hearing, pairing
from dispatch.halls.devices.hearing import Said
from dispatch.halls.devices.pairing import About
from dispatch.notices import printing
from dispatch.notices.models import PrintJob
from dispatch.pages.shared.calls import DEVICE_COOKIE, SESSION_COOKIE
from tests.hall_display.place import serving_at
from tests.pages.api.office import Office
from tests.pages.api.test_referrals import LONG, SHORT, foretell
from tests.standing_city import CARD, CITY_HALL, DISTRICT_HALL, MORNING, RENEWAL, TOWN_HALL

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

KIOSK = f"/kiosk/{TOWN_HALL}"
WIDE, HIGH, LEAST_KEY = 1080, 1920, 120


Stand = Callable[..., "Page"]


@pytest.fixture
def stand(chromium: Browser, city: Office) -> Iterator[Stand]:
    """Stands before a screen of the hall, of a machine that prints or of any other; no script may fail."""
    contexts = []
    faults: list[str] = []
    with serving_at(city.web.app, city.web.socketio) as address:

        def before(
            path: str, token: str | None = None, size: tuple[int, int] = (WIDE, HIGH), **more: object
        ) -> Page:
            context = chromium.new_context(
                viewport={"width": size[0], "height": size[1]},
                reduced_motion="reduce",
                base_url=address,
                **more,  # type: ignore[arg-type]
            )
            contexts.append(context)
            if token:
                context.add_cookies([{"name": DEVICE_COOKIE, "value": token, "url": address}])
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto(path)
            return page

        yield before
        for context in contexts:
            context.close()
    assert faults == []


def printing_machine(city: Office) -> str:
    now = clock.real_now()
    with city.standing.database.work() as session:
        about = About(abilities=["print"])
        token = pairing.pair(session, halls.hall(session, TOWN_HALL), "kiosk", now=now, about=about)
    with city.standing.database.work() as session:
        hearing.hear(session, token, Said(), now=MORNING, real_now=now)
    return token


def fits(page: Page) -> None:
    """Nothing is to be scrolled for, and every key is as large as a hand needs it."""
    assert page.evaluate("document.documentElement.scrollHeight") <= HIGH
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDE
    for key in page.locator("main .key:visible, main .choice:visible, main .tile:visible, .foot .key").all():
        box = key.bounding_box()
        assert box
        assert box["height"] >= LEAST_KEY, key.inner_text()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_three_screens_to_a_number(stand: Stand, lang: str) -> None:
    page = stand(f"{KIOSK}?lang={lang}")
    fits(page)
    page.locator(".find-block").click()
    page.wait_for_url("**/find")
    fits(page)
    page.locator("input[name=q]").fill("娃要办身份证")
    page.locator("input[name=q]").press("Enter")
    page.wait_for_url("**/find?q=**")
    fits(page)
    page.locator(".best .key").click()
    page.wait_for_url("**/i/**")
    fits(page)
    page.locator(".take button").click()
    page.wait_for_url("**/t/**")
    expect(page.locator(".slip-number")).to_have_text(re.compile(r"D\d{3}"))


@pytest.mark.parametrize("scripts", [True, False])
def test_initials_and_questions_lead_to_a_printed_notice(city: Office, stand: Stand, scripts: bool) -> None:
    page = stand(f"{KIOSK}/find", printing_machine(city), java_script_enabled=scripts)
    for letter in ("S", "F", "Z"):
        page.get_by_role("button", name=letter, exact=True).click()
        page.wait_for_url(re.compile(rf"q=\w*{letter.lower()}&pad=1$"))
    page.locator(".best .key").click()
    page.locator(".item-ways .key").first.click()
    expect(page.locator(".question legend")).to_be_visible()
    fits(page) if scripts else None
    page.locator(".answer").first.click()
    page.wait_for_url("**answers=**")
    page.get_by_role("button", name="说不准,先跳过").click()
    expect(page.locator(".sheet-told")).to_contain_text("要带什么")
    page.get_by_role("button", name="打一张带走").click()
    expect(page.locator("[data-paper=printing]")).to_be_visible()
    with city.standing.database.work() as session:
        (job,) = session.query(PrintJob)
        assert job.notice
        printing.take(session, job, real_now=clock.real_now())
        printing.printed(session, job, real_now=clock.real_now())
    if not scripts:
        page.reload()
    expect(page.locator("[data-paper=printed]")).to_contain_text("单子在出票口")


@pytest.mark.parametrize(("paper", "width_mm"), [("a4", 210), ("slip", 80)])
def test_a_notice_fits_a_phone_and_both_papers(stand: Stand, paper: str, width_mm: int) -> None:
    path = f"/notice/{RENEWAL}?answers=prints%3Dyes&answers=change%3Dnone&paper={paper}"
    page = stand(path, size=(390, 844))
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page.pdf(prefer_css_page_size=True))
    assert box
    assert abs(float(box[1]) / 72 * 25.4 - width_mm) < 1
    page.emulate_media(media="print")
    expect(page.locator(".told-papers")).to_be_visible()
    expect(page.locator(".notice-code svg")).to_be_visible()
    expect(page.locator(".notice-ways")).to_be_hidden()


def test_the_desk_sends_somebody_on_with_one_press_and_prints_the_way(city: Office, stand: Stand) -> None:
    for hall, seconds in ((TOWN_HALL, LONG), (DISTRICT_HALL, SHORT), (CITY_HALL, SHORT)):
        foretell(city, hall, seconds)
    ticket = city.issue(items=[CARD], queue=None)
    page = stand("/login", size=(1366, 768))
    page.context.add_cookies([{"name": SESSION_COOKIE, "value": city.tokens["guide"], "url": page.url}])
    page.context.add_init_script("window.print = () => { document.title = 'printed'; };")
    page.goto(f"/guide/{TOWN_HALL}")
    page.locator("#q").fill(ticket["number"])
    page.locator("#q").press("Enter")
    expect(page.locator(".elsewhere")).to_be_visible()
    expect(page.locator("body[aria-busy]")).to_have_count(
        0
    )  # a press so soon after another is taken for a bounce
    page.locator(".elsewhere .key").click()
    expect(page.locator(".elsewhere")).to_contain_text("的路上")
    expect(page).to_have_title("printed")
    page.emulate_media(media="print")
    expect(page.locator(".paper-slip")).to_contain_text(f"这里的号 {ticket['number']} 给您留着")
