"""A citizen's way by plain links and forms: find, take, watch, give back; and the same at a kiosk."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.pages.shared.routes import own_page
from dispatch.wiring.app import create_web
from tests.standing_city import CARD, CITY_HALL, MORNING, NIGHT, TOWN_HALL, Town, build


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """The standing city, its clock standing still in the morning."""
    city = Database(sqlite_url)
    build(city)
    with city.work() as session:
        session.add(clock.DemoClock(id=1, city=MORNING, real=clock.real_now(), speed=0.0))
    yield city
    city.dispose()


@pytest.fixture
def phone(database: Database, tmp_path: Path) -> Iterator[FlaskClient]:
    """Somebody's browser."""
    web = create_web(Settings(database_url=database.url, var=tmp_path, demo=True, secure_cookies=False))
    yield web.app.test_client()
    web.stop()


def form_of(page: TestResponse, action: str) -> dict[str, str]:
    """The hidden fields of the first form that goes there."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}.*?</form>', page.text, re.DOTALL)
    assert form
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))


def take_at(phone: FlaskClient, hall: str) -> TestResponse:
    page = phone.get(f"/halls/{hall}")
    return phone.post("/tickets", data=form_of(page, "/tickets"))


def test_an_item_is_found_in_ones_own_words(phone: FlaskClient) -> None:
    page = phone.get("/", query_string={"q": "社保卡"})
    assert f'href="/items/{CARD}"' in page.text


def test_a_number_is_taken_and_its_page_shown_to_its_holder_only(phone: FlaskClient) -> None:
    taken = take_at(phone, TOWN_HALL)
    assert taken.status_code == 303
    assert phone.get(taken.location).status_code == 200
    phone.delete_cookie("tongban_tickets")
    assert phone.get(taken.location).status_code == 403


def test_sending_the_form_twice_gives_one_number(phone: FlaskClient) -> None:
    form = form_of(phone.get(f"/halls/{TOWN_HALL}"), "/tickets")
    first, second = (phone.post("/tickets", data=form).location for _ in range(2))
    assert first == second


def test_a_form_of_another_site_is_refused(phone: FlaskClient) -> None:
    form = form_of(phone.get(f"/halls/{TOWN_HALL}"), "/tickets")
    assert phone.post("/tickets", data={**form, "form_token": "0" * 64}).status_code == 403


def test_the_slip_turns_to_fruit_when_called(phone: FlaskClient, database: Database) -> None:
    taken = take_at(phone, TOWN_HALL).location
    assert "slip-fruit" not in phone.get(taken).text
    town = Town(database)
    town.open("3")  # calls from every line
    town.call_next("3")
    panel = phone.get(f"{taken}/panel").text
    assert "slip-fruit" in panel
    assert 'aria-live="assertive"' in panel


def test_a_number_is_given_back_after_asking(phone: FlaskClient) -> None:
    taken = take_at(phone, TOWN_HALL).location
    asked = phone.get(f"{taken}/cancel")
    phone.post(f"{taken}/cancel", data=form_of(asked, f"{taken}/cancel"))
    assert 'data-state="cancelled"' in phone.get(taken).text


def test_a_closed_hall_gives_no_numbers_and_says_when_it_opens(
    phone: FlaskClient, database: Database
) -> None:
    with database.work() as session:
        clock.set_demo(session, to=NIGHT)
    assert "明天 08:30 开门" in phone.get(f"/halls/{TOWN_HALL}").text
    assert 'action="/tickets"' not in phone.get(f"/halls?item={CARD}").text
    assert "tile-off" in phone.get(f"/kiosk/{TOWN_HALL}").text


def test_a_kiosk_gives_a_number_in_four_steps(phone: FlaskClient) -> None:
    kiosk = f"/kiosk/{TOWN_HALL}"
    assert f"{kiosk}/g/insurance" in phone.get(kiosk).text
    assert f"{kiosk}/i/{CARD}" in phone.get(f"{kiosk}/g/insurance").text
    form = form_of(phone.get(f"{kiosk}/i/{CARD}"), f"{kiosk}/tickets")
    slip = phone.get(phone.post(f"{kiosk}/tickets", data=form).location)
    assert "D001" in slip.text


def test_an_item_this_hall_does_not_take_stays_in_its_place_dashed(phone: FlaskClient) -> None:
    assert "choice-off" in phone.get(f"/kiosk/{CITY_HALL}/g/identity").text


@pytest.mark.parametrize("path", ["/", "/items", "/halls", "/mine", "/login", f"/kiosk/{TOWN_HALL}"])
def test_pages_carry_nothing_inline_and_speak_both_languages(phone: FlaskClient, path: str) -> None:
    for lang, said in (("zh", "zh-CN"), ("en", "en")):
        page = phone.get(path, query_string={"lang": lang}).text
        assert f'<html lang="{said}">' in page
        assert " style=" not in page
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=", page)


def test_a_window_asks_who_it_is_first(phone: FlaskClient) -> None:
    turned_away = phone.get(f"/window/{TOWN_HALL}-1")
    assert turned_away.status_code == 303
    assert turned_away.location.startswith("/login?next=")


def test_signing_in_never_leads_to_another_site() -> None:
    assert own_page("/window/x") == "/window/x"
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", ""):
        assert own_page(elsewhere) == "/window"
