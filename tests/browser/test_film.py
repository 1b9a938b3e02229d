"""A film of an item in a real browser: it plays from its own host, on a phone and at a kiosk, by hand and by keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.hall_display.place import serving_at
from tests.pages.api.office import Office
from tests.pages.test_notice import change
from tests.patience import wait_for
from tests.standing_city import CARD, RENEWAL, TOWN_HALL, item_row

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

FILM = "https://films.example.org/a/card.webm"
KIOSK = f"/kiosk/{TOWN_HALL}"
PHONE, SCREEN = (390, 844), (1080, 1920)
RECORD = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 36 });
  const draw = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm" });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const over = new Promise((done) => { recorder.onstop = done; });
  recorder.start();
  for (let frame = 0; frame < 40; frame += 1) {
    draw.fillStyle = `hsl(${frame * 9}, 80%, 50%)`;
    draw.fillRect(0, 0, 64, 36);
    await new Promise((next) => setTimeout(next, 50));
  }
  recorder.stop();
  await over;
  return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
}"""
"""Two seconds of changing colours, filmed by the browser itself."""
Show = Callable[..., "Page"]


def passed_over(item: str) -> str:
    """All its questions passed over, as the address says it."""
    questions = item_row(item)["details"]["situations"]
    return "&".join(f"unsure={question['code']}" for question in questions)


@pytest.fixture(scope="module")
def film(chromium: Browser) -> bytes:
    """A film as a file."""
    page = chromium.new_page()
    try:
        return bytes(page.evaluate(RECORD))
    finally:
        page.close()


@pytest.fixture
def show(chromium: Browser, city: Office, film: bytes) -> Iterator[Show]:
    """Opens a page of a city in which one item has a film; no script may fail."""
    change(city.town.database, CARD, video=FILM)
    contexts = []
    faults: list[str] = []
    with serving_at(city.web.app, city.web.socketio) as address:

        def open_at(path: str, size: tuple[int, int] = PHONE) -> Page:
            context = chromium.new_context(
                viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce", base_url=address
            )
            contexts.append(context)
            context.route(FILM, lambda route: route.fulfill(body=film, content_type="video/webm"))
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto(path)
            return page

        yield open_at
        for context in contexts:
            context.close()
    assert faults == []


def of_film(page: Page, what: str) -> Any:  # noqa: ANN401 - whatever a film knows of itself
    return page.evaluate(f"document.querySelector('video').{what}")


def until(page: Page, expression: str) -> None:
    """Until this is so of the film: `v`."""
    asked = f"(v => {expression})(document.querySelector('video'))"
    wait_for(lambda: page.evaluate(asked), told=lambda: expression)


def loaded(page: Page) -> None:
    until(page, "v.readyState >= 2")
    assert of_film(page, "paused")
    assert of_film(page, "videoWidth") == 64


@pytest.mark.parametrize(
    ("begins", "size", "words"),
    [
        (f"/items/{CARD}?{passed_over(CARD)}", PHONE, "看怎么办的短片"),
        (f"/items/{CARD}?{passed_over(CARD)}&lang=en", PHONE, "Watch how it is done"),
        (f"{KIOSK}/i/{CARD}", SCREEN, "短片"),
    ],
)
def test_a_film_is_found_and_plays_to_its_end(
    show: Show, begins: str, size: tuple[int, int], words: str
) -> None:
    page = show(begins, size)
    page.get_by_role("link", name=words).click()
    page.wait_for_url("**/film*")
    loaded(page)
    page.locator("video").click()
    until(page, "v.currentTime > 0")
    until(page, "v.ended")
    assert of_film(page, "error") is None


def test_its_keys_work_without_a_mouse(show: Show) -> None:
    page = show(f"/notice/{CARD}/film")
    loaded(page)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "VIDEO":
            break
    expect(page.locator("video")).to_be_focused()
    page.keyboard.press("Space")
    until(page, "!v.paused && v.currentTime > 0")
    page.keyboard.press("Space")
    until(page, "v.paused")
    page.keyboard.press("ArrowDown")
    until(page, "v.volume < 1")
    page.keyboard.press("Home")
    until(page, "v.currentTime === 0")


@pytest.mark.parametrize(
    ("path", "size"),
    [
        (f"/items/{RENEWAL}", PHONE),
        (f"/notice/{RENEWAL}", PHONE),
        (f"{KIOSK}/i/{RENEWAL}", SCREEN),
        (f"{KIOSK}/i/{RENEWAL}/notice", SCREEN),
    ],
)
def test_where_there_is_none_nothing_is_said_of_it(show: Show, path: str, size: tuple[int, int]) -> None:
    page = show(f"{path}?{passed_over(RENEWAL)}", size)
    expect(page.locator("h1").first).to_be_visible()
    assert "短片" not in page.content()
    assert "<video" not in page.content()
    refused = page.request.get(f"/notice/{RENEWAL}/film", headers={"Accept": "text/html"})
    assert refused.status == 404
