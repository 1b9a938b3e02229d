"""Routes as the interface tells them, in the standing city."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dispatch.catalogue.models import Item
from dispatch.foundation.access import system
from dispatch.foundation.errors import NotFound
from dispatch.halls import finding, outages
from dispatch.halls.outages import Scope, Why
from dispatch.ports.maps import Point
from dispatch.routing import keeping
from dispatch.routing.coordinates import gcj02
from dispatch.routing.models import Route
from dispatch.waits.models import HallForecast
from tests.pages.api.office import Office, code, fields, told
from tests.standing_city import (
    BUNDLE,
    CARD,
    CITY_HALL,
    DISTRICT_HALL,
    MORNING,
    MORTGAGE,
    TOWN_HALL,
    TRADE,
)

HOME = {"lat": 28.77, "lon": 121.49}
"""Beside the town's hall."""


def foretell(api: Office, hall: str, seconds: int) -> None:
    """So long one waits in every queue of a hall, all day."""
    moments = [(MORNING + timedelta(minutes=15 * n)).timestamp() for n in range(30)]
    wait = [seconds, seconds // 2, seconds * 2, "simulated"]
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


def route(api: Office, *items: str, lang: str = "zh", **different: Any) -> dict[str, Any]:  # noqa: ANN401
    """A route for these items."""
    api.town.open("1", "2", "3", "4")
    body = {"items": list(items or (CARD,)), **HOME, **different}
    answer = api.post(f"/routes?lang={lang}", json=body)
    assert answer.status_code == 200, answer.text
    return told(answer)


def counters(found: dict[str, Any]) -> list[str]:
    return [each["place"]["code"] for each in found["options"] if each["channel"] == "counter"]


def test_a_route_has_its_channels_in_order_with_reasons_and_ways(api: Office) -> None:
    for hall, seconds in ((TOWN_HALL, 900), (DISTRICT_HALL, 60), (CITY_HALL, 60)):
        foretell(api, hall, seconds)
    found = route(api)
    assert [each["rank"] for each in found["options"]] == list(range(1, len(found["options"]) + 1))
    assert [each["channel"] for each in found["options"]][:2] == ["app", "web"]
    assert counters(found)[0] == TOWN_HALL
    first = next(each for each in found["options"] if each["channel"] == "counter")
    assert first["wait"]["point_s"] == 900
    assert first["unknown_because"] is None
    assert first["finish_at"] > first["arrive_at"] > MORNING.isoformat()
    assert {action["kind"] for action in first["actions"]} == {"hall", "amap", "baidu", "tencent", "apple"}
    assert all(reason["text"] for each in found["options"] for reason in each["reasons"])
    assert found["bundles"][0]["code"] == BUNDLE
    assert found["items"] == [{**found["items"][0], "code": CARD, "count": 1}]


def test_reasons_are_told_in_english(api: Office) -> None:
    found = route(api, lang="en")
    texts = [reason["text"] for each in (*found["options"], *found["excluded"]) for reason in each["reasons"]]
    assert texts
    assert [text for text in texts if any("\u4e00" <= sign <= "\u9fff" for sign in text)] == []


def test_a_long_wait_sends_her_further(api: Office) -> None:
    foretell(api, TOWN_HALL, 2 * 3600)
    for hall in (DISTRICT_HALL, CITY_HALL):
        foretell(api, hall, 0)
    assert counters(route(api, travel_mode="car"))[0] == CITY_HALL


def test_every_hall_is_there_or_left_out_by_name(api: Office) -> None:
    found = route(api)
    left_out = {each["place"]["code"] for each in found["excluded"] if each["place"]}
    with api.town.database.reading() as session:
        halls = {hall.code for hall in finding.all_halls(session)}
    assert halls == left_out | set(counters(found))
    assert {each["channel"] for each in (*found["options"], *found["excluded"])} == {
        "app",
        "web",
        "kiosk",
        "counter",
    }


def test_several_items_are_done_in_one_visit_where_they_can(api: Office) -> None:
    found = route(api, CARD, MORTGAGE, abilities={"own_phone": False})
    assert set(counters(found)) == {DISTRICT_HALL, CITY_HALL}
    assert {each["channel"] for each in found["options"]} == {"counter"}
    (town,) = (e for e in found["excluded"] if e["place"] and e["place"]["code"] == TOWN_HALL)
    assert [reason["code"] for reason in town["reasons"]] == ["more_visits"]
    together = found["options"][0]
    assert together["visits"] == 1
    assert together["service_s"] > 8 * 60


def test_answers_choose_the_channel(api: Office) -> None:
    found = route(api, answers={"who": "proxy"})
    assert {each["channel"] for each in found["options"]} == {"counter"}
    assert found["situation"]["items"][0]["answers"] == {"who": "proxy"}
    apart = route(api, CARD, TRADE, answers={CARD: {"who": "self", "card": "plastic"}})
    assert apart["situation"]["items"][0]["open"] == []


def test_an_outage_is_known_to_routes(api: Office) -> None:
    with api.town.database.work() as session:
        place = finding.hall(session, TOWN_HALL)
        outages.begin(session, place, Scope(whole=True), Why("power"), now=MORNING, actor=system("test"))
    found = route(api)
    assert TOWN_HALL not in counters(found)
    reasons = [
        reason["code"]
        for each in found["excluded"]
        if each["place"] and each["place"]["code"] == TOWN_HALL and each["channel"] == "counter"
        for reason in each["reasons"]
    ]
    assert reasons == ["outage"]


def test_a_place_may_be_told_as_chinese_maps_do(api: Office) -> None:
    shifted = gcj02(Point(HOME["lat"], HOME["lon"]))
    plain = route(api)
    same = route(api, lat=shifted.lat, lon=shifted.lon, crs="gcj02")
    assert [each["distance_m"] for each in same["options"]] == [
        each["distance_m"] for each in plain["options"]
    ]


def test_at_night_the_next_chance_is_told(api: Office) -> None:
    found = route(api, at="2026-11-23T20:00:00+08:00")
    assert [note["code"] for note in found["notes"]] == ["next_chance"]
    assert all(each["later"] for each in found["options"] if each["channel"] == "counter")


@pytest.mark.parametrize(
    ("different", "status", "refused", "field"),
    [
        ({"lat": 39.9, "lon": 116.4}, 422, "outside_the_city", "lat"),
        ({"at": "2026-11-20T09:00:00+08:00"}, 422, "already_past", "at"),
        ({"at": "2027-11-20T09:00:00+08:00"}, 422, "too_far_ahead", "at"),
        ({"answers": {"nothing": "yes"}}, 422, "no_such_question", "answers.nothing"),
        ({"answers": {"who": "nobody"}}, 422, "no_such_answer", "answers.who"),
        ({"items": ["NO-SUCH"]}, 404, "not_found", "items"),
        ({"items": []}, 422, "invalid_input", "items"),
        ({"items": [CARD] * 11}, 422, "invalid_input", "items"),
        ({"lat": 91}, 422, "invalid_input", "lat"),
        ({"travel_mode": "broom"}, 422, "invalid_input", "travel_mode"),
        ({"home": "H-NOWHERE"}, 404, "not_found", "home"),
        ({"abilities": {"wings": True}}, 422, "invalid_input", "abilities.wings"),
        ({"at": "2026-11-23T10:00:00"}, 422, "invalid_input", "at"),
    ],
)
def test_bad_input_is_refused_by_name(
    api: Office, different: dict[str, Any], status: int, refused: str, field: str
) -> None:
    with api.unchanged():
        answer = api.post("/routes", json={"items": [CARD], **HOME, **different})
    assert code(answer) == (status, refused)
    assert fields(answer) == [field]


def test_what_nobody_does_is_refused(api: Office) -> None:
    with api.town.database.work() as session:
        told_of = {"name": "无人办", "name_en": "Nobody's", "department": "局", "department_en": "Bureau"}
        nowhere = {"app": False, "web": False, "kiosk": False, "counter": True}
        details: dict[str, Any] = {"papers": [], "situations": []}
        session.add(Item(code="NOBODY", **told_of, minutes=5, channels=nowhere, details=details, active=True))
    answer = api.post("/routes", json={"items": ["NOBODY"], **HOME})
    assert code(answer) == (422, "nobody_takes")
    assert fields(answer) == ["items"]


def test_a_route_is_kept_without_the_place_until_it_expires(api: Office) -> None:
    found = route(api)
    with api.town.database.reading() as session:
        kept = keeping.kept(session, found["id"], now=MORNING)
        assert [each["rank"] for each in kept.options] == [each["rank"] for each in found["options"]]
        assert kept.items == [{"item": CARD, "count": 1}]
        moments = [each["arrive_at"] for each in kept.options if each["arrive_at"]]
        assert moments
        assert all(moment.endswith(":00+08:00") and int(moment[14:16]) % 5 == 0 for moment in moments)
        assert kept.expires_at.second == kept.expires_at.minute % 5 == 0
        row = str(vars(kept))
        assert "28.77" not in row
        assert "121.49" not in row
        with pytest.raises(NotFound):
            keeping.kept(session, found["id"], now=kept.expires_at)
        with pytest.raises(NotFound):
            keeping.kept(session, "0" * 32, now=MORNING)
    with api.town.database.work() as session:
        keeping.forget_old(session, now=kept.expires_at)
        assert session.scalars(select(Route)).all() == []


def test_an_answer_is_not_kept_for_a_repeated_call(api: Office) -> None:
    key = "Zk3vQ9xW1bR7tY5uPa2s"
    before = api.trace()
    first, second = (api.post("/routes", json={"items": [CARD], **HOME}, key=key) for _ in range(2))
    assert told(first)["id"] != told(second)["id"]
    assert api.trace() == before
