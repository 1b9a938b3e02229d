"""Another hall offered at the kiosk and at the guide desk: yes or no thanks, the place here kept, the way on paper."""

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dispatch.halls import finding as halls
from dispatch.journeys import finding as journeys
from dispatch.journeys.models import Journey
from dispatch.notices import paper
from dispatch.tickets import finding as tickets
from tests.pages.api.office import Office, told
from tests.pages.api.test_referrals import LONG, SHORT, foretell
from tests.standing_city import CARD, CITY_HALL, DISTRICT_HALL, TOWN_HALL

KIOSK, DESK = f"/kiosk/{TOWN_HALL}", f"/guide/{TOWN_HALL}"


@pytest.fixture
def screen(api: Office) -> FlaskClient:
    """The kiosk's page, in a hall where one waits for hours while others are empty."""
    for hall, seconds in ((TOWN_HALL, LONG), (DISTRICT_HALL, SHORT), (CITY_HALL, SHORT)):
        foretell(api, hall, seconds)
    return api.browser()[0]


def post(screen: FlaskClient, page: TestResponse, action: str) -> TestResponse:
    form = re.search(rf'<form[^>]*action="{re.escape(action)}.*?</form>', page.text, re.DOTALL)
    assert form, page.text
    return screen.post(action, data=dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0])))


def take(screen: FlaskClient) -> str:
    """Take a number; where that leads."""
    return str(post(screen, screen.get(f"{KIOSK}/i/{CARD}"), f"{KIOSK}/tickets").location)


def test_a_kiosk_offers_a_quicker_hall_right_after_the_number(api: Office, screen: FlaskClient) -> None:
    offered = take(screen)
    page = screen.get(offered)
    assert re.search(r"去\w+,大约早 \d{2,3} 分钟办完", page.text)
    assert "这里的号 D001 给您留着" in page.text
    stay = re.search(rf'class="key stay" href="({KIOSK}/t/\w+\?s=\w+)"', page.text)
    assert stay
    assert "D001" in screen.get(stay[1]).text  # no thanks: the slip
    led = post(screen, page, offered.partition("?")[0])
    way = screen.get(led.location)
    assert "这里的号 D001 给您留着" in way.text
    with api.town.database.reading() as session:
        (journey,) = session.query(Journey)
        assert journey.from_hall == TOWN_HALL
        kept = tickets.ticket(session, str(journey.from_ticket))
        assert (kept.number, kept.state) == ("D001", "waiting")


def test_who_goes_there_already_is_not_offered_it_twice(screen: FlaskClient) -> None:
    offered = take(screen)
    page = screen.get(offered)
    assert post(screen, page, offered.partition("?")[0]).status_code == 303
    again = post(screen, page, offered.partition("?")[0])
    assert again.status_code == 409


def test_where_nothing_is_gained_the_number_comes_at_once(api: Office, screen: FlaskClient) -> None:
    foretell(api, TOWN_HALL, SHORT)
    led = take(screen)
    assert "elsewhere" not in led
    shown = screen.get(led.replace("?", "/elsewhere?"))
    assert shown.status_code == 303
    assert shown.location.startswith(led.partition("?")[0])


def test_the_way_stands_on_paper(api: Office, screen: FlaskClient) -> None:
    offered = take(screen)
    post(screen, screen.get(offered), offered.partition("?")[0])
    with api.town.database.reading() as session:
        (journey,) = session.query(Journey)
        there = halls.hall(session, journey.hall)
        link = f"http://city/j/{journey.id}?s={api.keys.secret_of(journeys.SECRET, journey.id)}"
        sheet = paper.way_sheet(session, journey, link, "zh")
    said = paper.text_of(sheet)
    assert said[:2] == ["去这里办", there.name]
    assert any("这里的号 D001 给您留着" in line for line in said)
    assert sheet.link == link


def test_the_desk_shows_it_on_the_tickets_card_and_prints_the_way(api: Office, screen: FlaskClient) -> None:
    ticket = api.issue(items=[CARD], queue=None)
    desk, _ = api.browser("guide")
    card = desk.get(f"{DESK}/tickets/{ticket['id']}").text
    assert f'data-fill="{DESK}/tickets/{ticket["id"]}/elsewhere"' in card
    offer = desk.get(f"{DESK}/tickets/{ticket['id']}/elsewhere").text
    wanted = re.search(r"data-body='\{\"hall\": \"([\w-]+)\"", offer)
    assert wanted
    body = {"hall": wanted[1], "travel_mode": "transit"}
    journey = told(api.post(f"/tickets/{ticket['id']}/refer", "guide", json=body))
    going = desk.get(f"{DESK}/tickets/{ticket['id']}/elsewhere").text
    assert f'data-way="{journey["id"]}"' in going
    way = desk.get(f"{DESK}/journeys/{journey['id']}").text
    assert ticket["number"] in way
    assert "<svg" in way


def test_the_desk_says_nothing_where_nothing_is_gained(api: Office) -> None:
    ticket = api.issue(items=[CARD], queue=None)
    desk, _ = api.browser("guide")
    assert desk.get(f"{DESK}/tickets/{ticket['id']}/elsewhere").text.strip() == ""


def test_another_halls_desk_and_strangers_see_neither(api: Office, screen: FlaskClient) -> None:
    ticket = api.issue(items=[CARD], queue=None)
    stranger = api.client()
    assert stranger.get(f"{DESK}/tickets/{ticket['id']}/elsewhere").status_code == 401
    desk, _ = api.browser("guide")
    assert desk.get(f"{DESK}/journeys/{'0' * 32}").status_code == 404
    assert (
        screen.get(f"/kiosk/{CITY_HALL}/t/{ticket['id']}/elsewhere?s={ticket['secret']}").status_code == 404
    )
