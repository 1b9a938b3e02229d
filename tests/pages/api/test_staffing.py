"""Shifts, leave, posts, skills, duty days and zones over HTTP."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from dispatch.people.models import Account
from dispatch.staffing import skills
from tests.pages.api.office import OTHER_HALL, Office, code, told
from tests.staffing.rota import KINDS, NEEDS, PLANNER
from tests.standing_city import CARD, CITY_HALL, TOWN_HALL

HALL = f"/halls/{TOWN_HALL}"
TODAY = "2026-11-23"
ENDLESS = "2027-01-01T00:00:00+08:00"


def at(clock: str, day: str = TODAY) -> str:
    return f"{day}T{clock}:00+08:00"


def stretch(starts: str, ends: str, **more: object) -> dict[str, object]:
    return {"starts": at(starts), "ends": at(ends), **more}


def plan(api: Office, **different: object) -> TestResponse:
    body = {**stretch("10:00", "12:00"), "account": "clerk", "window": f"{TOWN_HALL}-1", **different}
    return api.post(f"{HALL}/shifts", "supervisor", body)


def set_needs(api: Office) -> None:
    with api.web.database.work() as session:
        skills.replace(session, KINDS, NEEDS, now=api.town.now, actor=PLANNER)


def test_a_shift_is_planned_seen_and_dropped(api: Office) -> None:
    shift = told(plan(api, breaks=[stretch("11:00", "11:15")]))
    assert (shift["username"], shift["standing"], shift["starts"]) == ("clerk", "ahead", at("10:00"))
    assert shift["breaks"] == [stretch("11:00", "11:15")]
    day = told(api.get(f"{HALL}/staffing", "clerk"))
    assert [row["id"] for row in day["shifts"]] == [shift["id"]]
    assert (day["day"], day["planned_now"], day["open_now"]) == (TODAY, 0, 0)
    assert {row["kind"] for row in day["windows"]} == {"general"}
    assert api.call("DELETE", f"{HALL}/shifts/{shift['id']}", "supervisor").status_code == 204
    assert told(api.get(f"{HALL}/staffing?day={TODAY}", "clerk"))["shifts"] == []


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"account": "guide"}, (409, "window_planned")),
        ({"window": f"{TOWN_HALL}-2"}, (409, "shift_overlaps")),
        ({"account": "other-clerk", "window": None}, (409, "not_staff_here")),
        ({"window": f"{OTHER_HALL}-1", "account": "guide"}, (404, "not_found")),
        ({"account": "nobody"}, (404, "not_found")),
        ({"ends": at("09:00")}, (422, "bad_span")),
        ({"breaks": [stretch("09:00", "11:00")]}, (422, "bad_breaks")),
        ({"starts": "9999-12-31T23:59:59+00:00"}, (422, "invalid_input")),
        ({"starts": "2026-11-23T10:00:00"}, (422, "invalid_input")),
    ],
)
def test_what_cannot_be_planned(api: Office, more: dict[str, object], refusal: tuple[int, str]) -> None:
    plan(api)
    with api.unchanged():
        assert code(plan(api, **more)) == refusal


WRITES: tuple[tuple[str, str, dict[str, object] | None], ...] = (
    ("POST", "shifts", {"account": "clerk", **stretch("10:00", "12:00")}),
    ("POST", "posts", {"account": "other-clerk", **stretch("10:00", "12:00")}),
    ("POST", "skills", {"account": "clerk", "skill": "identity", "grade": 2}),
    (
        "POST",
        "duty-days",
        {"office": "局", "office_en": "B", "every": "month", "on": 8, "starts": "09:00", "ends": "10:00"},
    ),
    ("PUT", "zones/civil", {"name": "区", "name_en": "Zone", "letters": ["Z"]}),
    ("DELETE", "shifts/unknown", None),
    ("DELETE", "skills/clerk/identity", None),
    ("DELETE", "duty-days/unknown", None),
    ("POST", "posts/unknown/end", {}),
    ("POST", "leave/unknown/grant", {}),
    ("POST", "leave/unknown/refuse", {}),
)


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_only_who_plans_here_may_change_anything(
    api: Office, method: str, path: str, body: dict[str, object] | None
) -> None:
    options: dict[str, Any] = {} if body is None else {"json": body}
    with api.unchanged():
        assert api.call(method, f"{HALL}/{path}", None, **options).status_code == 401
        for who in ("clerk", "guide", "auditor", "other supervisor"):
            assert api.call(method, f"{HALL}/{path}", who, **options).status_code == 403, who


def test_a_clerk_asks_for_her_own_leave_and_for_no_others(api: Office) -> None:
    own = told(api.post(f"{HALL}/leave", "clerk", stretch("13:00", "17:00", kind="sick")))
    assert (own["state"], own["kind"], own["account"]) == ("asked", "sick", "clerk")
    others = api.post(f"{HALL}/leave", "clerk", stretch("13:00", "17:00", kind="sick", account="guide"))
    assert others.status_code == 403
    elsewhere = api.post(f"/halls/{CITY_HALL}/leave", "clerk", stretch("13:00", "17:00", kind="sick"))
    assert code(elsewhere) == (409, "belongs_elsewhere")


def test_why_somebody_is_away_is_told_only_to_whom_it_concerns(api: Office) -> None:
    api.post(f"{HALL}/leave", "clerk", stretch("13:00", "17:00", kind="sick"))
    kinds = {
        who: told(api.get(f"{HALL}/staffing", who))["asked"][0]["kind"]
        for who in ("clerk", "guide", "supervisor")
    }
    assert kinds == {"clerk": "sick", "guide": None, "supervisor": "sick"}


def test_leave_is_granted_refused_and_withdrawn(api: Office) -> None:
    plan(api, **stretch("13:00", "17:00"))
    leave = told(api.post(f"{HALL}/leave", "clerk", stretch("13:00", "17:00", kind="annual")))
    way = f"{HALL}/leave/{leave['id']}"
    assert api.post(f"{way}/withdraw", "guide", {}).status_code == 403
    assert code(api.post(f"{way}/grant", "supervisor", {})) == (409, "leave_over_shifts")
    granted = told(api.post(f"{way}/grant", "supervisor", {"drop_shifts": True}))
    assert granted["state"] == "granted"
    assert code(api.post(f"{way}/refuse", "supervisor", {})) == (409, "wrong_state")
    assert code(plan(api, **stretch("14:00", "15:00"))) == (409, "on_leave")
    assert told(api.post(f"{way}/withdraw", "clerk", {}))["state"] == "withdrawn"


def test_one_sees_ones_own_month(api: Office) -> None:
    shift = told(plan(api))
    mine = told(api.get("/staffing/me", "clerk"))
    assert [row["id"] for row in mine["shifts"]] == [shift["id"]]
    assert told(api.get("/staffing/me", "guide"))["shifts"] == []
    assert api.get("/staffing/me").status_code == 401


def test_a_post_opens_the_hall_and_its_end_closes_it(api: Office) -> None:
    window = f"/windows/{TOWN_HALL}-1"
    assert api.get(window, "other clerk").status_code == 403
    body = {"account": "other-clerk", **stretch("09:00", "17:00")}
    assert code(api.post(f"{HALL}/posts", "supervisor", body)) == (403, "not_allowed")
    with api.web.database.work() as session:  # somebody who plans in both halls
        session.get_one(Account, "supervisor").hall = CITY_HALL
    post = told(api.post(f"{HALL}/posts", "supervisor", body))
    assert api.get(window, "other clerk").status_code == 200
    assert api.post(f"{HALL}/posts/{post['id']}/end", "supervisor", {}).status_code == 204
    assert api.get(window, "other clerk").status_code == 403


def test_a_skill_decides_who_is_called_and_gaps_tell_who_is_not(api: Office) -> None:
    set_needs(api)
    ticket = api.issue(queue=None, items=[CARD])
    api.post(f"/windows/{TOWN_HALL}-1/open", "clerk")
    assert api.post(f"/windows/{TOWN_HALL}-1/call-next", "clerk").status_code == 204
    [gap] = told(api.get(f"{HALL}/staffing/gaps", "clerk"))["gaps"]
    assert gap == {"queue": "D", "items": [CARD], "waiting": 1, "because": "no_skill"}
    granted = api.post(
        f"{HALL}/skills",
        "supervisor",
        {"account": "clerk", "skill": "identity", "grade": 2, "expires": ENDLESS},
    )
    assert told(granted)["standing"] == "valid"
    assert told(api.get(f"{HALL}/staffing/gaps", "clerk"))["gaps"] == []
    assert told(api.post(f"/windows/{TOWN_HALL}-1/call-next", "clerk"))["id"] == ticket["id"]
    assert api.call("DELETE", f"{HALL}/skills/clerk/identity", "supervisor").status_code == 204
    assert told(api.get(f"{HALL}/staffing", "clerk"))["skills"] == []


def test_duty_days_are_public(api: Office) -> None:
    body = {
        "office": "人力社保局",
        "office_en": "Bureau of Human Resources",
        "every": "month",
        "on": 8,
        "starts": "09:00",
        "ends": "11:30",
        "window": f"{TOWN_HALL}-4",
    }
    day = told(api.post(f"{HALL}/duty-days", "supervisor", body))
    assert day["dates"] == ["2026-12-08", "2027-01-08", "2027-02-08"]
    assert told(api.get(f"{HALL}/duty-days")) == {"duty_days": [day]}
    assert code(api.post(f"{HALL}/duty-days", "supervisor", {**body, "every": "week"})) == (422, "bad_input")
    assert api.call("DELETE", f"{HALL}/duty-days/{day['id']}", "supervisor").status_code == 204
    assert told(api.get(f"{HALL}/duty-days")) == {"duty_days": []}


def test_zones_have_letters_and_a_voice_of_their_own(api: Office) -> None:
    zones = {zone["code"]: zone for zone in told(api.get(f"{HALL}/zones"))["zones"]}
    assert {code: zone["letters"] for code, zone in zones.items()} == {"business": ["A"], "civil": ["D"]}
    voice = {"languages": ["zh", "en"], "rate": 0.8, "volume": 0.5, "speaker": "hall"}
    body = {"name": "社会事务区", "name_en": "Civil zone", "letters": ["D", "E"], "voice": voice}
    changed = told(api.call("PUT", f"{HALL}/zones/civil", "supervisor", json=body))
    assert next(zone for zone in changed["zones"] if zone["code"] == "civil")["voice"] == voice
    for letters in (["E"], ["D", "A"]):
        refused = api.call("PUT", f"{HALL}/zones/civil", "supervisor", json={**body, "letters": letters})
        assert code(refused) == (422, "letter_outside_zone")
    twice = {**voice, "languages": ["zh", "zh"]}
    refused = api.call("PUT", f"{HALL}/zones/civil", "supervisor", json={**body, "voice": twice})
    assert code(refused) == (422, "invalid_input")


def test_repeating_the_same_call_plans_once(api: Office) -> None:
    body = stretch("10:00", "12:00", account="clerk")
    first, second = (api.post(f"{HALL}/shifts", "supervisor", body, key="a-key") for _ in range(2))
    assert told(first) == told(second)
    assert len(told(api.get(f"{HALL}/staffing", "clerk"))["shifts"]) == 1
