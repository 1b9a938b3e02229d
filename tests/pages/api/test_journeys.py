"""Journeys over the API: begun by a route's option, matched by a ticket, given up."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from dispatch.foundation.ids import new_id
from dispatch.journeys import finding
from dispatch.routing.models import Route
from tests.pages.api.office import KEY, Office, code, fields, told
from tests.standing_city import CARD, DISTRICT_HALL, MORNING, TOWN_HALL, TRADE, Town

COUNTER, ELSEWHERE, APP = 1, 2, 3


def route(api: Office, *, leaves: timedelta = timedelta(), ends: timedelta = timedelta(hours=4)) -> str:
    """An advice that was given: two counters, and an app."""
    leads: Iterable[tuple[int, str, str | None]] = (
        (COUNTER, "counter", TOWN_HALL),
        (ELSEWHERE, "counter", DISTRICT_HALL),
        (APP, "app", None),
    )
    arrive = MORNING + leaves + timedelta(minutes=20)
    options = [
        {
            "rank": rank,
            "channel": channel,
            "hall": hall,
            "items": [CARD],
            "travel_s": 1200 if hall else None,
            "arrive_at": arrive.isoformat() if hall else None,
            "finish_at": arrive.isoformat() if hall else None,
        }
        for rank, channel, hall in leads
    ]
    with api.town.database.work() as session:
        row = Route(
            id=new_id(),
            at=MORNING,
            expires_at=MORNING + ends,
            items=[{"item": CARD, "count": 1}],
            options=options,
        )
        session.add(row)
        return row.id


def begin(api: Office, rank: int = COUNTER) -> dict[str, Any]:
    response = api.post("/journeys", json={"route": route(api), "rank": rank})
    assert response.status_code == 201, response.text
    return told(response)


def expected(api: Office) -> int:
    with api.town.database.reading() as session:
        return len(finding.expected_in(session, [TOWN_HALL])[TOWN_HALL])


def of(journey: dict[str, Any]) -> dict[str, str]:
    return {"id": journey["id"], "secret": journey["secret"]}


def test_anybody_sets_out_by_an_option_of_her_route(api: Office) -> None:
    journey = begin(api)
    assert (journey["hall"], journey["queue"], journey["state"]) == (TOWN_HALL, "D", "under_way")
    assert journey["arrives_at"] == "2026-11-23T09:55:00+08:00"
    assert journey["cancel"] == {"method": "DELETE", "url": f"/api/v1/journeys/{journey['id']}"}
    assert expected(api) == 1


def test_whoever_stands_in_several_queues_there_is_expected_in_each(api: Office) -> None:
    advised = route(api)
    done = (MORNING + timedelta(minutes=80)).isoformat()
    with api.town.database.work() as session:
        row = session.get_one(Route, advised)
        row.items = [{"item": TRADE, "count": 2}, {"item": CARD, "count": 1}]
        row.options = [{**option, "items": [TRADE, CARD], "finish_at": done} for option in row.options]
    journey = told(api.post("/journeys", json={"route": advised, "rank": COUNTER}))
    assert (journey["queue"], journey["items"]) == (
        "A",
        [{"item": TRADE, "count": 2}, {"item": CARD, "count": 1}],
    )
    with api.town.database.reading() as session:
        first, second = finding.expected_in(session, [TOWN_HALL])[TOWN_HALL]
    assert (first.queue, second.queue, second.at - first.at) == ("A", "D", 30 * 60)
    assert first.key != second.key
    api.issue(queue="A", journey=of(journey))
    assert expected(api) == 0


def test_a_repeated_call_begins_one_journey_and_tells_the_same(api: Office) -> None:
    body = {"route": route(api), "rank": COUNTER}
    first, again = (told(api.post("/journeys", json=body, key=KEY)) for _ in range(2))
    assert first == again
    assert expected(api) == 1


def test_nothing_of_the_person_or_her_place_is_kept_or_told(api: Office) -> None:
    journey = begin(api)
    entry = api.town.entries()[-1]
    assert entry.kind == "JourneyBegun"
    assert set(entry.data) == {"journey", "queue", "arrives_at", "until"}
    places = {"hall", "queue", "items", "from_hall", "from_ticket"}
    assert set(journey) == {"id", "state", *places, "arrives_at", "until", "ticket", "cancel", "secret"}
    assert (journey["from_hall"], journey["from_ticket"], journey["ticket"]) == (None, None, None)


def test_a_ticket_taken_there_ends_the_journey(api: Office) -> None:
    journey = begin(api)
    ticket = api.issue(journey=of(journey))
    assert expected(api) == 0
    assert api.town.entries()[-1].data == {"journey": journey["id"], "queue": "D", "ticket": ticket["id"]}
    api.issue(journey=of(journey))
    assert api.town.kinds().count("JourneyJoined") == 1


def test_a_kiosk_matches_the_journey_too(api: Office) -> None:
    journey = begin(api)
    body = {"hall": TOWN_HALL, "queue": "D", "channel": "kiosk", "journey": of(journey)}
    assert api.post("/tickets", "kiosk", json=body).status_code == 201
    assert expected(api) == 0


def test_a_journey_elsewhere_keeps_nobody_from_a_ticket(api: Office) -> None:
    journey = begin(api, ELSEWHERE)
    api.issue(journey=of(journey))
    gone = api.call("DELETE", f"/journeys/{journey['id']}", secret=journey["secret"])
    assert gone.status_code == 204


def test_a_wrong_secret_opens_nothing(api: Office) -> None:
    journey = begin(api)
    wrong = {"id": journey["id"], "secret": "0" * 64}
    with api.unchanged():
        refused = api.post(
            "/tickets", json={"hall": TOWN_HALL, "queue": "D", "channel": "web", "journey": wrong}
        )
        assert code(refused) == (403, "not_your_journey")
        path = f"/journeys/{journey['id']}"
        assert code(api.call("DELETE", path, secret="0" * 64)) == (403, "not_your_journey")
        assert code(api.call("DELETE", path)) == (401, "not_signed_in")
    assert expected(api) == 1


def test_a_journey_is_given_up_once_and_again(api: Office) -> None:
    journey = begin(api)
    for _ in range(2):
        assert api.call("DELETE", f"/journeys/{journey['id']}", secret=journey["secret"]).status_code == 204
    assert api.town.kinds().count("JourneyCancelled") == 1
    joined = begin(api)
    api.issue(journey=of(joined))
    late = api.call("DELETE", f"/journeys/{joined['id']}", secret=joined["secret"])
    assert code(late) == (409, "wrong_state")


@pytest.mark.parametrize(
    ("different", "refusal", "field"),
    [
        ({"route": "0" * 32}, (404, "not_found"), "route"),
        ({"rank": 9}, (404, "not_found"), "rank"),
        ({"rank": APP}, (422, "no_way_there"), "rank"),
    ],
)
def test_what_leads_nowhere_is_refused_by_name(
    api: Office, different: dict[str, Any], refusal: tuple[int, str], field: str
) -> None:
    body = {"route": route(api), "rank": COUNTER, **different}
    with api.unchanged():
        refused = api.post("/journeys", json=body)
    assert code(refused) == refusal
    assert fields(refused) == [field]


def test_a_route_that_has_expired_or_is_for_another_day_leads_nowhere(api: Office) -> None:
    over = route(api, ends=timedelta())
    assert code(api.post("/journeys", json={"route": over, "rank": COUNTER})) == (404, "not_found")
    tomorrow = route(api, leaves=timedelta(days=1), ends=timedelta(days=2))
    assert code(api.post("/journeys", json={"route": tomorrow, "rank": COUNTER})) == (422, "too_early")


def test_of_a_route_one_journey_at_a_time(api: Office) -> None:
    ident = route(api)
    first = told(api.post("/journeys", json={"route": ident, "rank": COUNTER}))
    again = api.post("/journeys", json={"route": ident, "rank": ELSEWHERE})
    assert code(again) == (409, "under_way_already")
    api.call("DELETE", f"/journeys/{first['id']}", secret=first["secret"])
    assert api.post("/journeys", json={"route": ident, "rank": ELSEWHERE}).status_code == 201


def test_a_browser_cannot_send_a_crowd(api: Office) -> None:
    client, _ = api.browser()
    told_codes = [
        client.post(
            "/api/v1/journeys",
            json={"route": route(api), "rank": COUNTER},
            environ_overrides={"REMOTE_ADDR": "203.0.113.7"},
        ).status_code
        for _ in range(8)
    ]
    assert told_codes.count(429) == 2
    assert expected(api) == 6


def test_whoever_asks_for_a_route_can_follow_it(api: Office) -> None:
    """From the question to a ticket, with nothing made up between."""
    asked = {"items": [CARD], "lat": 28.85, "lon": 121.12, "abilities": {"elderly": True}}
    answer = told(api.post("/routes", json=asked))
    option = next(each for each in answer["options"] if each["channel"] == "counter")
    journey = told(api.post("/journeys", json={"route": answer["id"], "rank": option["rank"]}))
    assert journey["hall"] == option["place"]["code"]
    api.issue(hall=journey["hall"], queue=journey["queue"], journey=of(journey))
    hall = Town(api.town.database, journey["hall"], MORNING)
    assert hall.kinds()[-3:] == ["JourneyBegun", "TicketIssued", "JourneyJoined"]
