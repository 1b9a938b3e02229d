"""Templates over the API: drafted, planned, inherited, overridden; and what an import would do."""

from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from dispatch.demo import CITY
from dispatch.foundation import clock
from dispatch.wiring import templating
from tests.pages.api.office import OTHER_HALL, Office
from tests.standing_city import CITY_HALL, DISTRICT_HALL, MORNING, TOWN_HALL

MAKER, LEADER = "administrator", "supervisor"
LATE = [["08:30", "12:00"], ["14:00", "18:00"]]
SHORT = [["09:00", "12:00"]]


def monday(spans: list[list[str]]) -> dict[str, Any]:
    return {"hours": {"weekly": {"mon": spans}}}


def made(answer: TestResponse, status: int = 201) -> dict[str, Any]:
    assert answer.status_code == status, answer.get_json()
    told: dict[str, Any] = answer.get_json()
    return told


def refused(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    told: dict[str, Any] = answer.get_json()
    assert (answer.status_code, told["code"]) == (status, code), told
    return told


def define(api: Office, code: str = "T-CITY", **different: object) -> dict[str, Any]:
    body = {"code": code, "name": "全市", "name_en": "City", "level": "city", "hall": CITY_HALL, **different}
    return made(api.post("/templates", MAKER, body))


def draft(api: Office, body: dict[str, Any], *locked: str, code: str = "T-CITY") -> int:
    told = made(api.post(f"/templates/{code}/versions", MAKER, {"body": body, "locked": list(locked)}))
    return int(told["version"])


def tick(api: Office) -> None:
    templating.take_effect(api.town.database)


def live(api: Office, body: dict[str, Any], *locked: str, code: str = "T-CITY") -> int:
    number = draft(api, body, *locked, code=code)
    made(api.post(f"/templates/{code}/versions/{number}/plan", MAKER, {}), 200)
    tick(api)
    return number


def inherit(api: Office, code: str | None = "T-CITY", hall: str = TOWN_HALL) -> dict[str, Any]:
    return made(api.call("PUT", f"/halls/{hall}/template", MAKER, json={"template": code}), 200)


def override(api: Office, values: dict[str, Any], who: str = LEADER, hall: str = TOWN_HALL) -> TestResponse:
    return api.call("PUT", f"/halls/{hall}/template/overrides", who, json={"values": values})


def field(told: dict[str, Any], path: str) -> tuple[Any, str, str]:
    (row,) = [row for row in told["fields"] if row["field"] == path]
    return row["value"], row["origin"], row["source"]


@pytest.fixture
def city(api: Office) -> Office:
    """A template that the town's hall inherits."""
    define(api)
    inherit(api)
    return api


def test_a_template_goes_from_draft_to_hall(city: Office) -> None:
    number = draft(city, monday(LATE), "hours.public_holidays")
    told = made(city.post(f"/templates/T-CITY/versions/{number}/plan", MAKER, {}), 200)
    assert (told["state"], told["effective_from"]) == ("planned", MORNING.isoformat())
    tick(city)
    told = made(city.get(f"/halls/{TOWN_HALL}/template", LEADER), 200)
    assert field(told, "hours.weekly.mon") == (LATE, "inherited", "T-CITY")
    assert field(told, "hours.public_holidays")[1:] == ("locked", "T-CITY")
    assert field(told, "queues.D.letter") == ("D", "own", TOWN_HALL)
    assert (told["template"], told["chain"], told["on_the_way"]) == ("T-CITY", ["T-CITY"], [])
    shown = made(city.get(f"/halls/{TOWN_HALL}"), 200)
    assert shown["hours"]["weekly"]["mon"] == LATE
    (row,) = made(city.get("/templates", LEADER), 200)["templates"]
    assert (row["live"], row["planned"], row["halls"], row["waiting"]) == (1, [], [TOWN_HALL], [])
    (version,) = made(city.get("/templates/T-CITY/versions", LEADER), 200)["versions"]
    assert (version["state"], version["by"]) == ("live", "staff:administrator")


def test_a_supervisor_overrides_what_is_not_locked(city: Office) -> None:
    live(city, {"hours": {"weekly": {"mon": LATE, "tue": LATE}}}, "hours.weekly.tue")
    told = made(override(city, {"hours.weekly.mon": SHORT}), 200)
    assert field(told, "hours.weekly.mon") == (SHORT, "overridden", TOWN_HALL)
    told = refused(override(city, {"hours.weekly.tue": SHORT}), 409, "field_locked")
    assert told["errors"][0]["field"] == "values.hours.weekly.tue"
    assert told["template"]["code"] == "T-CITY"
    told = made(override(city, {}), 200)
    assert field(told, "hours.weekly.mon")[1] == "inherited"


def test_who_may_what(city: Office) -> None:
    refused(city.get("/templates"), 401, "not_signed_in")
    refused(city.get("/templates", "clerk"), 403, "not_allowed")
    for path, body in (
        ("/templates", {"code": "T-X", "name": "x", "name_en": "x", "level": "city", "hall": CITY_HALL}),
        ("/templates/T-CITY/versions", {"body": {}}),
        ("/templates/T-CITY/roll-back", {"to": 1}),
        ("/city/import/preview", {"files": {"city.json": "{}"}}),
    ):
        refused(city.post(path, LEADER, body), 403, "not_allowed")
    refused(override(city, {}, "clerk"), 403, "not_allowed")
    refused(override(city, {}, "auditor"), 403, "not_allowed")
    refused(override(city, {}, "other supervisor"), 403, "not_allowed")
    refused(city.get(f"/halls/{OTHER_HALL}/template", LEADER), 403, "not_allowed")


def test_versions_are_planned_withdrawn_and_revised(city: Office) -> None:
    number = draft(city, monday(LATE))
    at = (MORNING + timedelta(days=3)).isoformat()
    base = f"/templates/T-CITY/versions/{number}"
    made(city.post(f"{base}/plan", MAKER, {"effective_from": at}), 200)
    refused(city.call("PUT", base, MAKER, json={"body": {}}), 409, "wrong_state")
    other = draft(city, monday(SHORT))
    plan = f"/templates/T-CITY/versions/{other}/plan"
    refused(city.post(plan, MAKER, {"effective_from": at}), 409, "moment_taken")
    early = (MORNING - timedelta(days=3)).isoformat()
    refused(city.post(plan, MAKER, {"effective_from": early}), 422, "not_after_now")
    told = made(city.post(f"{base}/withdraw", MAKER), 200)
    assert (told["state"], told["effective_from"]) == ("draft", None)
    told = made(city.call("PUT", base, MAKER, json={"body": monday(SHORT)}), 200)
    assert told["body"] == monday(SHORT)
    refused(city.post("/templates/T-CITY/versions/99/plan", MAKER, {}), 404, "not_found")


def test_a_version_takes_effect_at_its_date(city: Office) -> None:
    number = draft(city, monday(SHORT))
    at = MORNING + timedelta(hours=2)
    made(
        city.post(f"/templates/T-CITY/versions/{number}/plan", MAKER, {"effective_from": at.isoformat()}), 200
    )
    tick(city)
    assert made(city.get(f"/halls/{TOWN_HALL}"), 200)["hours"]["weekly"]["mon"] != SHORT
    with city.town.database.work() as session:
        clock.set_demo(session, to=at)
    tick(city)
    assert made(city.get(f"/halls/{TOWN_HALL}"), 200)["hours"]["weekly"]["mon"] == SHORT


def test_rolling_back_is_a_new_version_that_says_the_old(city: Office) -> None:
    first = live(city, monday(LATE), "hours")
    live(city, monday(SHORT))
    told = made(city.post("/templates/T-CITY/roll-back", MAKER, {"to": first}))
    assert (told["version"], told["restores"], told["body"], told["locked"]) == (
        3,
        first,
        monday(LATE),
        ["hours"],
    )
    tick(city)
    told = made(city.get(f"/halls/{TOWN_HALL}/template", LEADER), 200)
    assert field(told, "hours.weekly.mon") == (LATE, "locked", "T-CITY")


def test_a_preview_names_whom_it_would_touch(city: Office) -> None:
    ticket = city.town.take("A")
    number = draft(city, {**monday(LATE), "queues": {"A": {"present": False}}})
    told = made(city.get(f"/templates/T-CITY/versions/{number}/preview", LEADER), 200)
    (hall,) = told["halls"]
    assert (hall["hall"], hall["blocked"]) == (TOWN_HALL, True)
    assert {(change["part"], change["code"], change["what"]) for change in hall["changes"]} >= {
        ("hours", "mon", "changed"),
        ("queue", "A", "retired"),
    }
    assert hall["touches"][0]["named"] == [ticket.number]
    shown = made(city.get(f"/halls/{TOWN_HALL}"), 200)
    assert "A" in {queue["code"] for queue in shown["queues"]}


def test_a_hall_with_people_in_the_way_is_named_as_waiting(city: Office) -> None:
    ticket = city.town.take("A")
    live(city, {"queues": {"A": {"present": False}}})
    told = made(city.get(f"/halls/{TOWN_HALL}/template", LEADER), 200)
    (step,) = told["on_the_way"]
    assert (step["state"], step["held"][0]["numbers"]) == ("held", [ticket.number])
    told = refused(override(city, {"queues.A.present": False}), 409, "people_in_the_way")
    assert told["held"][0]["numbers"] == [ticket.number]


def test_a_district_inherits_from_the_city(city: Office) -> None:
    live(city, monday(LATE), "hours.weekly.mon")
    define(city, "T-DISTRICT", level="district", hall=DISTRICT_HALL, parent="T-CITY")
    inherit(city, "T-DISTRICT")
    told = refused(
        city.post("/templates/T-DISTRICT/versions", MAKER, {"body": monday(SHORT)}), 409, "field_locked"
    )
    assert told["errors"][0]["field"] == "body"
    live(city, {"policy": {"target_min": 20}}, code="T-DISTRICT")
    told = made(city.get(f"/halls/{TOWN_HALL}/template", LEADER), 200)
    assert told["chain"] == ["T-CITY", "T-DISTRICT"]
    assert field(told, "policy.target_min") == (20, "inherited", "T-DISTRICT")
    refused(
        city.call("PUT", f"/halls/{CITY_HALL}/template", MAKER, json={"template": "T-DISTRICT"}),
        409,
        "outside_template",
    )


def test_bad_input_is_named(city: Office) -> None:
    path = "/templates/T-CITY/versions"
    refused(city.post(path, MAKER, {"body": {"nonsense": 1}}), 422, "no_such_field")
    told = refused(city.post(path, MAKER, {"body": monday([["9", "8"]])}), 422, "bad_input")
    assert told["errors"][0]["field"] == "hours.weekly.mon"
    refused(city.post(path, MAKER, {"body": {"policy": {"target_min": 100000}}}), 422, "bad_input")
    refused(city.post(path, MAKER, {"body": {}, "locked": ["nonsense"]}), 422, "no_such_field")
    refused(city.post(path, MAKER, {"body": []}), 422, "invalid_input")
    refused(
        city.post(
            "/templates",
            MAKER,
            {"code": "T-CITY", "name": "x", "name_en": "x", "level": "city", "hall": CITY_HALL},
        ),
        409,
        "template_exists",
    )
    refused(override(city, {"queues.E.present": True}), 422, "bad_input")
    refused(override(city, {"hours.weekly.mon": 3}), 422, "bad_input")
    refused(override(city, {}, LEADER, DISTRICT_HALL), 409, "no_template")


def test_an_import_is_previewed(api: Office) -> None:
    names = ("city.json", "halls.json", "calendar.csv", "items.json", "bundles.json")
    files = {name: (CITY / name).read_text(encoding="utf-8") for name in names}
    before = made(api.get(f"/halls/{TOWN_HALL}"), 200)["log_seq"]
    ticket = api.town.take("A")
    told = made(api.post("/city/import/preview", MAKER, {"files": files}), 200)
    assert (told["sound"], told["problems"]) == (True, [])
    town = next(hall for hall in told["halls"] if hall["hall"] == TOWN_HALL)
    assert "windows" not in {touch["kind"] for touch in town["touches"]}
    assert any(hall["new"] for hall in told["halls"])
    assert made(api.get(f"/halls/{TOWN_HALL}"), 200)["log_seq"] == before + 1, ticket.number
    told = made(api.post("/city/import/preview", MAKER, {"files": {"city.json": "{"}}), 200)
    assert (told["sound"], told["halls"]) == (False, [])
    refused(api.post("/city/import/preview", MAKER, {"files": {"/etc/passwd": ""}}), 422, "invalid_input")


def test_planning_twice_with_one_key_plans_once(city: Office) -> None:
    number = draft(city, monday(LATE))
    path = f"/templates/T-CITY/versions/{number}/plan"
    first = made(city.post(path, MAKER, {}, key="k" * 3 + "-plan-once-0123"), 200)
    again = made(city.post(path, MAKER, {}, key="k" * 3 + "-plan-once-0123"), 200)
    assert first == again
