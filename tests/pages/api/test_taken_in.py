"""Somebody under way comes to the guide desk: her code is read, and one press gives her the number."""

from typing import Any

import pytest

from dispatch.journeys import finding
from dispatch.tickets.models import Ticket
from dispatch.wiring.listening import hear_all
from tests.pages.api.office import KEY, Office, code, told
from tests.pages.api.test_journeys import ELSEWHERE, begin
from tests.pages.api.test_referrals import LONG, SHORT, foretell
from tests.standing_city import CARD, DISTRICT_HALL, TOWN_HALL, TRADE

DESK, GIVE = f"/guide/{TOWN_HALL}", f"/halls/{TOWN_HALL}/guide/tickets"


@pytest.fixture
def kept(api: Office) -> dict[str, Any]:
    """A ticket of the district's hall, where one waits for hours."""
    foretell(api, DISTRICT_HALL, LONG)
    foretell(api, TOWN_HALL, SHORT)
    api.town.open("1")
    return api.issue(hall=DISTRICT_HALL, items=[CARD], queue=None)


@pytest.fixture
def referred(api: Office, kept: dict[str, Any]) -> dict[str, Any]:
    """Its holder is under way to the town's."""
    body = {"hall": TOWN_HALL, "travel_mode": "car"}
    return told(api.post(f"/tickets/{kept['id']}/refer", json=body, secret=kept["secret"]))


def read(api: Office, said: str) -> str:
    """What the desk shows for a code."""
    client, token = api.browser("guide")
    answer = client.post(f"{DESK}/ask", data={"q": said, "form_token": token})
    assert answer.status_code == 200, answer.text
    return answer.text


def link(journey: dict[str, Any]) -> str:
    return f"http://city/j/{journey['id']}?s={journey['secret']}"


def give(api: Office, journey: dict[str, Any], who: str | None = "guide", key: str | None = None) -> Any:  # noqa: ANN401
    return api.post(GIVE, who, json={"items": [{"item": CARD}], "journey": journey["id"]}, key=key)


def state(api: Office, journey: dict[str, Any]) -> str:
    with api.town.database.reading() as session:
        return finding.journey(session, journey["id"]).state


def place(api: Office, ticket: dict[str, Any]) -> str:
    with api.town.database.reading() as session:
        return session.get_one(Ticket, ticket["id"]).state


def test_the_code_opens_the_sheet_for_what_she_comes_for(api: Office) -> None:
    journey = begin(api)
    for said in (link(journey), f"/kiosk/{TOWN_HALL}/j/{journey['id']}?s=1", journey["id"]):
        sheet = read(api, said)
        assert 'data-kind="take"' in sheet
        assert f'data-item="{CARD}"' in sheet
        assert f'data-coming="{journey["id"]}"' in sheet
    again = api.browser("guide")[0].get(f"{DESK}/take?item={CARD}&count=2&journey={journey['id']}").text
    assert f'data-coming="{journey["id"]}"' in again


def test_the_number_that_she_is_given_ends_her_journey(api: Office) -> None:
    journey = begin(api)
    (ticket,) = told(give(api, journey))["tickets"]
    assert (state(api, journey), ticket["channel"]) == ("joined", "counter")
    opened = read(api, link(journey))
    assert 'data-kind="ticket"' in opened
    assert ticket["number"] in opened


def test_the_place_that_she_kept_goes_with_the_number(
    api: Office, kept: dict[str, Any], referred: dict[str, Any]
) -> None:
    assert f"{kept['number']} 就放掉" in read(api, link(referred))
    first, second = (told(give(api, referred, key=KEY)) for _ in range(2))
    assert first["tickets"][0]["id"] == second["tickets"][0]["id"]
    hear_all(api.town.database)
    assert (place(api, kept), state(api, referred)) == ("moved", "joined")


def test_of_several_numbers_the_first_ends_her_journey(api: Office) -> None:
    journey = begin(api)
    wanted = [{"item": CARD}, {"item": TRADE}]
    given = told(api.post(GIVE, "guide", json={"items": wanted, "apart": True, "journey": journey["id"]}))
    assert len(given["tickets"]) == 2
    with api.town.database.reading() as session:
        assert finding.journey(session, journey["id"]).ticket == given["tickets"][0]["id"]


def test_a_journey_to_another_hall_is_told_and_left_alone(api: Office) -> None:
    journey = begin(api, ELSEWHERE)
    sheet = read(api, link(journey))
    assert "这位登记的是去临海市政务服务中心,不是这里" in sheet
    assert "data-coming" not in sheet
    assert give(api, journey).status_code == 201
    assert state(api, journey) == "under_way"


@pytest.mark.parametrize(("who", "refused"), [(None, 401), ("auditor", 403), ("other supervisor", 403)])
def test_nobody_else_takes_anybody_in(
    api: Office, kept: dict[str, Any], referred: dict[str, Any], who: str | None, refused: int
) -> None:
    with api.unchanged():
        assert give(api, referred, who).status_code == refused
    assert (place(api, kept), state(api, referred)) == ("waiting", "under_way")


def test_a_refused_number_gives_her_place_back(
    api: Office, kept: dict[str, Any], referred: dict[str, Any]
) -> None:
    apart = {"items": [{"item": CARD}, {"item": TRADE}], "journey": referred["id"]}
    assert api.post(GIVE, "guide", json=apart).status_code in (409, 422)
    assert (place(api, kept), state(api, referred)) == ("waiting", "under_way")


def test_a_code_of_nothing_is_said_to_be_none(api: Office) -> None:
    assert "这个码不是号条上的" in read(api, f"http://city/j/{'0' * 32}?s=1")
    assert code(give(api, {"id": "0" * 32})) == (404, "not_found")
