"""A citizen's way by plain links and forms: find, take, watch, give back; and the same at a kiosk."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.pages.shared.routes import own_page
from tests.standing_city import CARD, CITY_HALL, NIGHT, TOWN_HALL, Town


def form_of(page: TestResponse, action: str) -> dict[str, str]:
    """The hidden fields of the first form that goes there."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}.*?</form>', page.text, re.DOTALL)
    assert form
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))


def take_at(visitor: FlaskClient, hall: str) -> TestResponse:
    page = visitor.get(f"/halls/{hall}")
    return visitor.post("/tickets", data=form_of(page, "/tickets"))


def test_an_item_is_found_in_ones_own_words(visitor: FlaskClient) -> None:
    page = visitor.get("/", query_string={"q": "社保卡"})
    assert f'href="/items/{CARD}"' in page.text


def test_a_number_is_taken_and_its_page_shown_to_its_holder_only(visitor: FlaskClient) -> None:
    taken = take_at(visitor, TOWN_HALL)
    assert taken.status_code == 303
    assert visitor.get(taken.location).status_code == 200
    visitor.delete_cookie("tongban_tickets")
    assert visitor.get(taken.location).status_code == 403


def test_sending_the_form_twice_gives_one_number(visitor: FlaskClient) -> None:
    form = form_of(visitor.get(f"/halls/{TOWN_HALL}"), "/tickets")
    first, second = (visitor.post("/tickets", data=form).location for _ in range(2))
    assert first == second


def test_a_form_of_another_site_is_refused(visitor: FlaskClient) -> None:
    form = form_of(visitor.get(f"/halls/{TOWN_HALL}"), "/tickets")
    assert visitor.post("/tickets", data={**form, "form_token": "0" * 64}).status_code == 403


def test_the_slip_turns_to_fruit_when_called(visitor: FlaskClient, database: Database) -> None:
    taken = take_at(visitor, TOWN_HALL).location
    assert "slip-fruit" not in visitor.get(taken).text
    town = Town(database)
    town.open("3")  # calls from every line
    town.call_next("3")
    panel = visitor.get(f"{taken}/panel").text
    assert "slip-fruit" in panel
    assert 'aria-live="assertive"' in panel


def test_a_number_is_given_back_after_asking(visitor: FlaskClient) -> None:
    taken = take_at(visitor, TOWN_HALL).location
    asked = visitor.get(f"{taken}/cancel")
    visitor.post(f"{taken}/cancel", data=form_of(asked, f"{taken}/cancel"))
    assert 'data-state="cancelled"' in visitor.get(taken).text


def test_a_closed_hall_gives_no_numbers_and_says_when_it_opens(
    visitor: FlaskClient, database: Database
) -> None:
    with database.work() as session:
        clock.set_demo(session, to=NIGHT)
    assert "明天 08:30 开门" in visitor.get(f"/halls/{TOWN_HALL}").text
    assert 'action="/tickets"' not in visitor.get(f"/halls?item={CARD}").text
    assert "tile-off" in visitor.get(f"/kiosk/{TOWN_HALL}").text


def test_a_kiosk_gives_a_number_in_four_steps(visitor: FlaskClient) -> None:
    kiosk = f"/kiosk/{TOWN_HALL}"
    assert f"{kiosk}/g/insurance" in visitor.get(kiosk).text
    assert f"{kiosk}/i/{CARD}" in visitor.get(f"{kiosk}/g/insurance").text
    form = form_of(visitor.get(f"{kiosk}/i/{CARD}"), f"{kiosk}/tickets")
    slip = visitor.get(visitor.post(f"{kiosk}/tickets", data=form).location)
    assert "D001" in slip.text


def test_an_item_this_hall_does_not_take_stays_in_its_place_dashed(visitor: FlaskClient) -> None:
    assert "choice-off" in visitor.get(f"/kiosk/{CITY_HALL}/g/identity").text


@pytest.mark.parametrize("path", ["/", "/items", "/halls", "/mine", "/login", f"/kiosk/{TOWN_HALL}"])
def test_pages_carry_nothing_inline_and_speak_both_languages(visitor: FlaskClient, path: str) -> None:
    for lang, said in (("zh", "zh-CN"), ("en", "en")):
        page = visitor.get(path, query_string={"lang": lang}).text
        assert f'<html lang="{said}">' in page
        assert " style=" not in page
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=", page)


def test_a_window_asks_who_it_is_first(visitor: FlaskClient) -> None:
    turned_away = visitor.get(f"/window/{TOWN_HALL}-1")
    assert turned_away.status_code == 303
    assert turned_away.location.startswith("/login?next=")


def test_signing_in_never_leads_to_another_site() -> None:
    assert own_page("/window/x") == "/window/x"
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", ""):
        assert own_page(elsewhere) == "/window"
