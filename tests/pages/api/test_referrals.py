"""Referrals over the API: offered where they are worth it, accepted, checked in there, and switched on the way."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.journeys import finding
from dispatch.tickets import referring
from dispatch.tickets.models import Ticket
from dispatch.waits.models import HallForecast
from dispatch.wiring.following_journeys import end_served_journeys, expire_journeys
from dispatch.wiring.keeping_places import return_moves
from dispatch.wiring.listening import hear_all
from tests.pages.api.office import KEY, Office, code, told
from tests.standing_city import CARD, CITY_HALL, DISTRICT_HALL, MORNING, MORTGAGE, TOWN_HALL

LONG, SHORT = 3 * 3600, 300
BY_CAR = {"travel_mode": "car"}
PERSON = {"name": "王小明", "id_kind": "resident_id", "id_number": "331082199003070012"}


def foretell(api: Office, hall: str, seconds: int, *, spread: float = 0.1) -> None:
    """So long one waits in every queue of a hall, all day; three windows serve there."""
    moments = [(MORNING + timedelta(minutes=15 * n)).timestamp() for n in range(30)]
    wait = [seconds, round(seconds * (1 - spread)), round(seconds * (1 + spread)), "simulated"]
    lines = ("A", "B", "C", "D")
    with api.town.database.work() as session:
        session.merge(
            HallForecast(
                hall=hall,
                epoch=1,
                based_on=1,
                as_of=MORNING,
                due_at=MORNING + timedelta(seconds=15),
                queues=dict.fromkeys(lines, wait),
                arrivals={"at": moments, "queues": {line: [wait] * len(moments) for line in lines}},
                tickets={},
            )
        )


@pytest.fixture
def busy(api: Office) -> dict[str, Any]:
    """Somebody who waits for hours in the town while the district's and the city's halls are empty."""
    for hall, seconds in ((TOWN_HALL, LONG), (DISTRICT_HALL, SHORT), (CITY_HALL, SHORT)):
        foretell(api, hall, seconds)
    return api.issue(items=[CARD], queue=None, person=PERSON)


def look(api: Office, ticket: dict[str, Any], **query: str) -> dict[str, Any]:
    response = api.get(f"/tickets/{ticket['id']}/referrals", secret=ticket["secret"], query_string=query)
    assert response.status_code == 200, response.text
    return told(response)


def refer(api: Office, ticket: dict[str, Any], hall: str = DISTRICT_HALL, **more: Any) -> Any:  # noqa: ANN401
    path = f"/tickets/{ticket['id']}/refer"
    return api.post(path, json={"hall": hall, "travel_mode": "car"}, secret=ticket["secret"], **more)


def check_in(api: Office, journey: dict[str, Any], hall: str = DISTRICT_HALL, **different: Any) -> Any:  # noqa: ANN401
    body = {"hall": hall, "channel": "web", "journey": {name: journey[name] for name in ("id", "secret")}}
    return api.post("/tickets", json={**body, **different})


def state(api: Office, ticket: dict[str, Any]) -> str:
    return api.town.ticket(ticket["id"]).state


def tickets(api: Office) -> list[tuple[str, str]]:
    with api.town.database.reading() as session:
        return [(row.hall, row.state) for row in session.scalars(select(Ticket).order_by(Ticket.hall))]


def expected(api: Office, hall: str) -> int:
    with api.town.database.reading() as session:
        return len(finding.expected_in(session, [hall])[hall])


def test_another_hall_is_offered_where_it_saves_twenty_minutes_surely(
    api: Office, busy: dict[str, Any]
) -> None:
    found = look(api, busy, travel_mode="car")
    assert found["none_because"] is None
    assert found["wait"]["point_s"] == LONG
    assert {each["hall"] for each in found["offers"]} <= {DISTRICT_HALL, CITY_HALL}
    for offer in found["offers"]:
        assert offer["saves_s"] >= 1200
        assert offer["travel_s"] > 0
        assert offer["finish_at"] > MORNING.isoformat()
        assert offer["place"]["code"] == offer["hall"]
    assert {reason["code"] for each in found["offers"] for reason in each["reasons"]} >= {"soonest"}


@pytest.mark.parametrize(
    ("different", "because"),
    [({"here": 1500}, "no_gain"), ({"spread": 1.0}, "no_gain"), ({"here": None}, "wait_unknown")],
)
def test_nothing_is_offered_for_less_or_in_doubt(
    api: Office, different: dict[str, Any], because: str
) -> None:
    here, spread = different.get("here", LONG), different.get("spread", 0.1)
    if here is not None:
        foretell(api, TOWN_HALL, here, spread=spread)
    for hall in (DISTRICT_HALL, CITY_HALL):
        foretell(api, hall, SHORT)
    found = look(api, api.issue(items=[CARD], queue=None), travel_mode="car")
    assert (found["offers"], found["none_because"]) == ([], because)


def test_whoever_named_no_item_or_waits_no_more_is_offered_nothing(api: Office, busy: dict[str, Any]) -> None:
    assert look(api, api.issue())["none_because"] == "no_items"
    api.post(f"/tickets/{busy['id']}/cancel", secret=busy["secret"])
    assert look(api, busy)["none_because"] == "not_waiting"


def test_her_place_is_hers_until_she_checks_in_there(api: Office, busy: dict[str, Any]) -> None:
    journey = told(refer(api, busy))
    assert (journey["hall"], journey["from_ticket"], journey["items"]) == (
        DISTRICT_HALL,
        busy["id"],
        [{"item": CARD, "count": 1}],
    )
    assert (state(api, busy), expected(api, DISTRICT_HALL)) == ("waiting", 1)
    answer = check_in(api, journey)  # what she wants, and who she is, is known
    assert answer.status_code == 201, answer.text
    taken = told(answer)
    assert [item["item"] for item in taken["items"]] == [CARD]
    assert (state(api, busy), expected(api, DISTRICT_HALL)) == ("moving", 0)
    hear_all(api.town.database)
    old = told(api.get(f"/tickets/{busy['id']}", secret=busy["secret"]))
    assert (old["state"], old["moved_to"], old["moved"]["secret"]) == ("moved", taken["id"], taken["secret"])
    head = api.town.head()
    hear_all(api.town.database)
    assert api.town.head() == head


def test_she_stands_behind_those_who_came_there_before_her(api: Office, busy: dict[str, Any]) -> None:
    journey = told(refer(api, busy))
    api.issue(hall=DISTRICT_HALL)
    taken = told(check_in(api, journey))
    assert taken["ahead"] == 1


def test_a_repeated_call_refers_once_and_checks_in_once(api: Office, busy: dict[str, Any]) -> None:
    first, again = (told(refer(api, busy, key=KEY)) for _ in range(2))
    assert first == again
    assert code(refer(api, busy)) == (409, "under_way_already")
    there = {
        "hall": DISTRICT_HALL,
        "channel": "web",
        "journey": {"id": first["id"], "secret": first["secret"]},
    }
    taken = [told(api.post("/tickets", json=there, key=KEY)) for _ in range(2)]
    assert taken[0] == taken[1]
    hear_all(api.town.database)
    assert tickets(api) == [(DISTRICT_HALL, "waiting"), (TOWN_HALL, "moved")]


def test_where_she_gets_no_number_she_has_her_place_back(api: Office, busy: dict[str, Any]) -> None:
    journey = told(refer(api, busy))
    refused = check_in(api, journey, items=["PSB-ID-RENEW", MORTGAGE])
    assert code(refused) == (422, "items_in_different_queues")
    assert (state(api, busy), expected(api, DISTRICT_HALL)) == ("waiting", 1)
    assert check_in(api, journey).status_code == 201


def test_whoever_is_served_at_the_old_hall_is_not_served_at_the_other(
    api: Office, busy: dict[str, Any]
) -> None:
    journey = told(refer(api, busy))
    api.town.open("1")
    api.town.called("1")
    api.town.do("start", busy["id"])
    assert code(check_in(api, journey)) == (409, "served_there")
    end_served_journeys(api.town.database)
    assert expected(api, DISTRICT_HALL) == 0
    assert code(check_in(api, journey)) == (409, "served_there")
    assert state(api, busy) == "serving"
    seen = told(api.get(f"/journeys/{journey['id']}", secret=journey["secret"]))
    assert (seen["state"], seen["switch"]) == ("served", None)


def test_whoever_is_called_while_she_checks_in_leaves_the_window_free(
    api: Office, busy: dict[str, Any]
) -> None:
    journey = told(refer(api, busy))
    api.town.open("1")
    api.town.called("1")
    assert check_in(api, journey).status_code == 201
    assert api.town.call_next("1") is None
    hear_all(api.town.database)
    assert state(api, busy) == "moved"


def test_whoever_missed_her_call_comes_back_to_no_better_place(api: Office, busy: dict[str, Any]) -> None:
    journey = told(refer(api, busy))
    api.town.open("1")
    api.town.called("1")
    api.town.do("missed", busy["id"])
    assert code(check_in(api, journey, items=["PSB-ID-RENEW", MORTGAGE])) == (
        422,
        "items_in_different_queues",
    )
    assert state(api, busy) == "missed"
    assert check_in(api, journey).status_code == 201
    hear_all(api.town.database)
    assert state(api, busy) == "moved"


@pytest.mark.parametrize("ends", ["cancelled", "expired"])
def test_a_referral_given_up_or_overdue_costs_her_nothing(
    api: Office, busy: dict[str, Any], ends: str
) -> None:
    journey = told(refer(api, busy))
    if ends == "cancelled":
        api.call("DELETE", f"/journeys/{journey['id']}", secret=journey["secret"])
    else:
        with api.town.database.work() as session:
            clock.begin_demo(session, MORNING + timedelta(hours=4), speed=0)
        expire_journeys(api.town.database)
    seen = told(api.get(f"/journeys/{journey['id']}", secret=journey["secret"]))
    assert (seen["state"], state(api, busy)) == (ends, "waiting")


def test_a_check_in_that_broke_off_is_taken_up_again_or_gives_the_place_back(
    api: Office, busy: dict[str, Any]
) -> None:
    journey = told(refer(api, busy))
    with api.town.database.work() as session:
        row = finding.journey(session, journey["id"])
        assert referring.check_out(session, row, now=MORNING, actor=system("moves"))
    hear_all(api.town.database)
    assert state(api, busy) == "moving"  # nobody else takes the number for her
    with api.town.database.work() as session:
        clock.begin_demo(session, MORNING + timedelta(minutes=6), speed=0)
    assert code(check_in(api, journey)) == (409, "hold_over")
    with api.town.database.work() as session:
        clock.begin_demo(session, MORNING + timedelta(minutes=8), speed=0)
    return_moves(api.town.database)
    assert state(api, busy) == "waiting"
    assert check_in(api, journey).status_code == 201


@pytest.mark.parametrize(
    ("hall", "refusal"),
    [(TOWN_HALL, (409, "not_from_here")), ("H-331002", (409, "not_from_here"))],
)
def test_nobody_is_referred_where_it_does_not_go(
    api: Office, busy: dict[str, Any], hall: str, refusal: tuple[int, str]
) -> None:
    with api.unchanged():
        assert code(refer(api, busy, hall)) == refusal


def test_only_her_holder_or_staff_of_the_hall_refer_her(api: Office, busy: dict[str, Any]) -> None:
    path, body = f"/tickets/{busy['id']}/refer", {"hall": DISTRICT_HALL, "travel_mode": "car"}
    with api.unchanged():
        assert code(api.post(path, json=body)) == (401, "not_signed_in")
        assert code(api.post(path, json=body, secret="0" * 64)) == (403, "not_your_ticket")
        assert code(api.post(path, "other clerk", json=body)) == (403, "not_allowed")
    journey = told(api.post(path, "guide", json=body))
    assert journey["secret"]
    seen = f"/journeys/{journey['id']}"
    assert api.get(seen, "guide").status_code == 200
    assert api.get(seen, "supervisor").status_code == 200
    assert code(api.get(seen, "other clerk")) == (403, "not_allowed")
    assert code(api.get(seen)) == (401, "not_signed_in")


# --- under way ----------------------------------------------------------------------------------------


def test_a_switch_is_told_and_made_where_it_is_surely_worth_it(api: Office, busy: dict[str, Any]) -> None:
    journey = told(refer(api, busy, CITY_HALL))
    path, secret = f"/journeys/{journey['id']}", journey["secret"]
    seen = told(api.get(path, secret=secret, query_string=BY_CAR))
    assert (seen["switch"], seen["reasons"]) == (None, [])
    assert seen["finish_at"] > seen["arrives_at"]
    foretell(api, CITY_HALL, LONG)
    switch = told(api.get(path, secret=secret, query_string=BY_CAR))["switch"]
    assert switch["hall"] == DISTRICT_HALL
    assert switch["saves_s"] >= 300
    body = {"hall": DISTRICT_HALL, "travel_mode": "car"}
    other = told(api.post(f"{path}/switch", json=body, secret=secret))
    assert (other["hall"], other["from_ticket"]) == (DISTRICT_HALL, busy["id"])
    assert code(api.post(f"{path}/switch", json=body, secret=secret)) == (409, "under_way_already")
    hear_all(api.town.database)
    assert (expected(api, CITY_HALL), expected(api, DISTRICT_HALL)) == (0, 1)
    assert code(api.post(f"{path}/switch", json=body, secret=secret)) == (409, "not_under_way")
    assert check_in(api, other).status_code == 201
    hear_all(api.town.database)
    assert state(api, busy) == "moved"


def test_whoever_follows_a_route_is_told_of_a_switch_too(api: Office) -> None:
    for hall, seconds in ((TOWN_HALL, SHORT), (DISTRICT_HALL, SHORT), (CITY_HALL, SHORT)):
        foretell(api, hall, seconds)
    api.town.open("1")
    asked = {"items": [CARD], "lat": 28.6563, "lon": 121.4208, "travel_mode": "car"}
    route = told(api.post("/routes", json=asked))
    ranks = {each["place"]["code"]: each["rank"] for each in route["options"] if each["channel"] == "counter"}
    journey = told(api.post("/journeys", json={"route": route["id"], "rank": ranks[TOWN_HALL]}))
    foretell(api, TOWN_HALL, LONG)
    path = f"/journeys/{journey['id']}"
    seen = told(api.get(path, secret=journey["secret"], query_string=BY_CAR))
    switch = seen["switch"]
    assert switch["hall"] == CITY_HALL
    assert (
        switch["travel_s"] <= 300
    )  # as from where she set out a moment ago, and nobody knows where that was


def test_she_travels_as_when_she_set_out_unless_she_says_otherwise(api: Office, busy: dict[str, Any]) -> None:
    journey = told(refer(api, busy, CITY_HALL))
    foretell(api, CITY_HALL, LONG)
    path, secret = f"/journeys/{journey['id']}", journey["secret"]
    asked: tuple[dict[str, str], ...] = ({}, BY_CAR, {"travel_mode": "walk"})
    as_she_set_out, by_car, on_foot = (
        told(api.get(path, secret=secret, query_string=said))["switch"] for said in asked
    )
    assert as_she_set_out == by_car
    assert on_foot is None or on_foot["travel_s"] > by_car["travel_s"]
    other = told(api.post(f"{path}/switch", json={"hall": by_car["hall"]}, secret=secret))
    with api.town.database.reading() as session:
        assert finding.journey(session, other["id"]).mode == "car"


def test_a_route_keeps_how_she_travels_for_whoever_follows_it(api: Office) -> None:
    asked = {"items": [CARD], "lat": 28.6563, "lon": 121.4208, "travel_mode": "bike"}
    api.town.open("1")
    route = told(api.post("/routes", json=asked))
    rank = next(each["rank"] for each in route["options"] if each["channel"] == "counter")
    journey = told(api.post("/journeys", json={"route": route["id"], "rank": rank}))
    with api.town.database.reading() as session:
        assert finding.journey(session, journey["id"]).mode == "bike"


def test_a_hall_that_she_will_not_go_to_is_not_told_of_again(api: Office, busy: dict[str, Any]) -> None:
    journey = told(refer(api, busy, CITY_HALL))
    path, secret = f"/journeys/{journey['id']}", journey["secret"]
    foretell(api, CITY_HALL, LONG)
    passed = told(api.get(path, secret=secret, query_string=BY_CAR))["switch"]["hall"]
    for _ in range(2):
        stays = told(api.post(f"{path}/stay", json={"hall": passed}, secret=secret))
        assert (stays["hall"], stays["state"]) == (CITY_HALL, "under_way")
    switch = told(api.get(path, secret=secret, query_string=BY_CAR))["switch"]
    assert switch is None or switch["hall"] != passed
    assert code(api.post(f"{path}/stay", json={"hall": "H-0"}, secret=secret)) == (404, "not_found")
    assert code(api.post(f"{path}/stay", json={"hall": passed}, secret="0" * 64)) == (403, "not_your_journey")
    api.call("DELETE", path, secret=secret)
    assert code(api.post(f"{path}/stay", json={"hall": passed}, secret=secret)) == (409, "not_under_way")


def test_a_journey_to_a_hall_that_is_closed_says_so(api: Office, busy: dict[str, Any]) -> None:
    journey = told(refer(api, busy))
    with api.town.database.work() as session:
        clock.begin_demo(session, MORNING.replace(hour=22), speed=0)
    seen = told(api.get(f"/journeys/{journey['id']}", secret=journey["secret"]))
    assert [reason["code"] for reason in seen["reasons"]] == ["closed"]
    assert (seen["wait"], seen["finish_at"], seen["switch"]) == (None, None, None)
