"""Hours, closures, outages and the calendar by the API."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from dispatch.foundation import clock
from dispatch.wiring import keeping_hours
from tests.pages.api.office import Office, code, fields, told
from tests.standing_city import CARD, CITY_HALL, DISTRICT_HALL, MORNING, TOWN_HALL, TRADE

HALL = f"/halls/{TOWN_HALL}"
D_OUT = {"queues": ["D"], "reason": "power", "note": "变压器检修", "note_en": "transformer works"}


def begin(api: Office, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = api.post(f"{HALL}/outages", "supervisor", body or D_OUT)
    assert answer.status_code == 201, answer.text
    return told(answer)


def queue(api: Office, letter: str = "D") -> dict[str, Any]:
    shown = told(api.get(HALL))
    return next(each for each in shown["queues"] if each["code"] == letter)


def set_clock(api: Office, at: datetime) -> None:
    with api.web.database.work() as session:
        clock.begin_demo(session, at, speed=0)


def refused(api: Office, **wanted: object) -> dict[str, Any]:
    body = {"hall": TOWN_HALL, "channel": "web", **wanted}
    answer = api.post("/tickets", json=body)
    assert answer.status_code == 409, answer.text
    return told(answer)


# --- outages ------------------------------------------------------------------------------------------


def test_an_outage_stops_numbers_freezes_places_and_is_told_everywhere(api: Office) -> None:
    waiting = api.issue(queue="D")
    until = (MORNING + timedelta(hours=1)).isoformat()
    row = begin(api, {**D_OUT, "until": until})
    assert (row["queues"], row["reason"], row["waiting"], row["until"]) == (["D"], "power", 1, until)
    shown = queue(api)
    assert (shown["state"], shown["reason"], shown["note"], shown["waiting"]) == (
        "outage",
        "power",
        "变压器检修",
        1,
    )
    assert [each["id"] for each in told(api.get(HALL))["outages"]] == [row["id"]]
    problem = refused(api, queue="D")
    assert (problem["code"], problem["reason"], problem["outage"]) == ("outage", "power", row["id"])
    assert "10:30" in problem["detail"]
    api.post(f"/windows/{TOWN_HALL}-1/open", "clerk")
    assert api.post(f"/windows/{TOWN_HALL}-1/call-next", "clerk").status_code == 204
    ended = told(api.post(f"{HALL}/outages/{row['id']}/end", "supervisor"))
    assert ended["ended_at"] == MORNING.isoformat()
    assert told(api.post(f"/windows/{TOWN_HALL}-1/call-next", "clerk"))["id"] == waiting["id"]
    assert queue(api)["state"] == "open"


def test_an_outage_of_items_leaves_the_queue_open(api: Office) -> None:
    begin(api, {"items": [CARD], "reason": "system"})
    assert refused(api, items=[CARD])["code"] == "outage"
    assert queue(api)["state"] == "open"
    api.issue(queue="D")


def test_an_outage_of_the_whole_hall(api: Office) -> None:
    begin(api, {"all": True, "reason": "network"})
    assert {each["state"] for each in told(api.get(HALL))["queues"]} == {"outage"}
    assert refused(api, items=[TRADE])["code"] == "outage"


def test_ending_twice_and_beginning_twice_changes_nothing_more(api: Office) -> None:
    row = begin(api)
    with api.unchanged():
        assert begin(api)["id"] == row["id"]
    first = api.post(f"{HALL}/outages/{row['id']}/end", "supervisor")
    again = api.post(f"{HALL}/outages/{row['id']}/end", "supervisor")
    assert told(first)["ended_at"] == told(again)["ended_at"]
    assert told(api.get(f"{HALL}/outages"))["outages"] == []
    assert len(told(api.get(f"{HALL}/outages?over=true"))["outages"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": "power"}, "queues"),
        ({"queues": ["D"], "all": True, "reason": "power"}, "queues"),
        ({"queues": ["Z"], "reason": "power"}, "queue"),
        ({"items": ["NOTHING"], "reason": "power"}, "item"),
        ({"queues": ["D"], "reason": "boredom"}, "reason"),
        ({"queues": ["D"]}, "reason"),
        ({"queues": ["D"], "reason": "power", "until": "2026-11-23T09:00:00+08:00"}, "until"),
        ({"queues": ["D"], "reason": "power", "until": "2026-11-23T12:00:00"}, "until"),
        ({"queues": ["D"], "reason": "power", "note": " "}, "note"),
    ],
)
def test_what_makes_no_sense_is_refused_by_the_name_of_its_field(
    api: Office, body: dict[str, Any], field: str
) -> None:
    with api.unchanged():
        answer = api.post(f"{HALL}/outages", "supervisor", body)
        assert answer.status_code in (404, 422)
        assert fields(answer) == [field]


@pytest.mark.parametrize("who", [None, "clerk", "guide", "auditor", "other supervisor"])
def test_an_outage_is_the_supervisors_of_that_hall(api: Office, who: str | None) -> None:
    with api.unchanged():
        assert api.post(f"{HALL}/outages", who, D_OUT).status_code in (401, 403)


def test_the_citys_outage_is_the_citys_supervisors(api: Office) -> None:
    body = {"items": [CARD], "reason": "system"}
    assert code(api.post("/city/outages", "supervisor", body)) == (403, "not_allowed")
    assert api.post("/city/outages", None, body).status_code == 401


# --- pausing ------------------------------------------------------------------------------------------


def test_a_paused_queue_says_why_until_when_and_where_else(api: Office) -> None:
    until = (MORNING + timedelta(minutes=50)).isoformat()
    body = {"reason": "staff", "until": until, "note": "两人开会"}
    paused = told(api.post(f"{HALL}/queues/D/pause", "supervisor", body))
    assert (paused["state"], paused["until"]) == ("paused", until)
    assert (queue(api)["state"], queue(api)["reason"]) == ("paused", "staff")
    problem = refused(api, items=[CARD])
    assert problem["code"] == "queue_stopped"
    assert {each["code"] for each in problem["elsewhere"]} >= {CITY_HALL, DISTRICT_HALL}
    assert "两人开会" in problem["detail"]
    english = api.post("/tickets?lang=en", json={"hall": TOWN_HALL, "items": [CARD], "channel": "web"})
    assert "Short of staff" in told(english)["detail"]
    assert told(api.post(f"{HALL}/queues/D/resume", "supervisor"))["state"] == "open"
    api.issue(items=[CARD], queue=None)


def test_a_queue_that_will_not_be_reached_is_stopped_by_the_clock(api: Office) -> None:
    api.town.now = MORNING.replace(hour=16, minute=30)
    set_clock(api, api.town.now)
    api.post(f"/windows/{TOWN_HALL}-1/open", "clerk")
    for _ in range(4):
        api.issue(items=[CARD], queue=None)
    keeping_hours.regulate_intake(api.web.database)
    assert queue(api)["state"] == "stopped"
    problem = refused(api, queue="D")
    assert (problem["code"], problem["intake"]) == ("queue_stopped", "stopped")
    assert problem["opens_at"].startswith("2026-11-24T08:30")


# --- closing ------------------------------------------------------------------------------------------


def test_closing_early_and_re_opening(api: Office) -> None:
    first = api.issue()
    shut = told(api.post(f"{HALL}/close-early", "supervisor", {"reason": "weather", "then": "serve"}))
    assert (shut["closed_from"], shut["then"], shut["openings"][0]["end"]) == (
        MORNING.isoformat(),
        "serve",
        MORNING.isoformat(),
    )
    assert told(api.get(HALL))["open"] is False
    assert refused(api, queue="D")["code"] == "hall_closed"
    api.post(f"{HALL}/reopen", "supervisor")
    assert api.issue()["number"] > first["number"]


def test_the_end_of_a_day_is_told_to_who_waited(api: Office) -> None:
    waiting = api.issue()
    api.post(f"{HALL}/end-day", "supervisor", {"reason": "power"})
    shown = told(api.get(f"/tickets/{waiting['id']}", secret=waiting["secret"]))
    assert shown["state"] == "expired"
    client = api.client()
    page = client.get(f"/t/{waiting['id']}?s={waiting['secret']}").text
    assert "结束了当天的办理:停电" in page


def test_a_frozen_ticket_says_that_number_and_place_are_safe(api: Office) -> None:
    waiting = api.issue()
    begin(api)
    page = api.client().get(f"/t/{waiting['id']}?s={waiting['secret']}").text
    assert "暂停办理:停电(变压器检修)" in page
    assert "您的号和顺序都还在" in page
    english = api.client().get(f"/t/{waiting['id']}?s={waiting['secret']}&lang=en").text
    assert "Your number and place are safe" in english


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"then": "serve"}, "reason"),
        ({"reason": "weather"}, "then"),
        ({"reason": "weather", "then": "move"}, "to_hall"),
        ({"reason": "weather", "then": "move", "to_hall": TOWN_HALL}, "to_hall"),
        ({"reason": "weather", "then": "move", "to_hall": "H-NOWHERE"}, "hall"),
        ({"reason": "weather", "then": "serve", "to_hall": DISTRICT_HALL}, "to_hall"),
        ({"reason": "weather", "then": "serve", "at": "2026-11-23T22:00:00+08:00"}, "at"),
    ],
)
def test_an_early_close_that_makes_no_sense(api: Office, body: dict[str, Any], field: str) -> None:
    with api.unchanged():
        assert fields(api.post(f"{HALL}/close-early", "supervisor", body)) == [field]


def test_people_at_the_hall_see_it_on_phone_and_kiosk(api: Office) -> None:
    begin(api, {"all": True, "reason": "power", "note": "变压器检修"})
    assert "本厅暂停办理:停电(变压器检修)" in api.client().get(HALL).text
    kiosk = api.client().get(f"/kiosk/{TOWN_HALL}").text
    assert "本厅暂停办理" in kiosk
    assert 'href="/kiosk/H-331082112/g/' not in kiosk
    there = api.client().get(f"/kiosk/{TOWN_HALL}/i/{CARD}").text
    assert "停电" in there
    assert f'action="/kiosk/{TOWN_HALL}/tickets' not in there
    item = api.client().get(f"/halls?item={CARD}").text
    assert "停电(变压器检修)" in item


# --- hours --------------------------------------------------------------------------------------------


def test_the_days_ahead_with_breaks_and_what_is_particular_about_them(api: Office) -> None:
    saturday = "2026-11-28"
    usual = told(api.get(f"{HALL}/hours?first={saturday}&days=1"))["days"][0]["openings"]
    duty = {"kind": "duty", "openings": [["09:00", "11:30"]], "reason": "other", "note": "周六值班"}
    answer = api.call("PUT", f"{HALL}/days/{saturday}", "supervisor", json=duty)
    assert told(answer)["openings"][0]["start"] == "2026-11-28T09:00:00+08:00"
    shown = told(api.get(f"{HALL}/hours?first=2026-11-27&days=3"))
    friday, duty_day, sunday = shown["days"]
    assert (len(friday["openings"]), len(friday["breaks"])) == (2, 1)
    assert friday["breaks"][0]["start"] == "2026-11-27T12:00:00+08:00"
    assert (duty_day["kind"], duty_day["note"], len(duty_day["openings"])) == ("duty", "周六值班", 1)
    assert sunday["openings"] == []
    api.call("PUT", f"{HALL}/days/{saturday}", "supervisor", json={"kind": "ordinary"})
    assert told(api.get(f"{HALL}/hours?first={saturday}&days=1"))["days"][0]["openings"] == usual


def test_a_season_has_a_week_of_its_own(api: Office) -> None:
    season = {
        "first": "2027-07-01",
        "last": "2027-08-31",
        "weekly": {"mon": [["08:00", "11:30"]]},
        "name": "夏令",
        "name_en": "Summer",
    }
    shown = told(api.call("PUT", f"{HALL}/hours", "supervisor", json={"seasons": [season]}))
    assert shown["seasons"][0]["name"] == "夏令"
    days = told(api.get(f"{HALL}/hours?first=2027-07-05&days=2"))
    assert [len(day["openings"]) for day in days["days"]] == [1, 0]
    assert [warned["code"] for warned in days["warnings"]] == ["year_unknown", "next_year_missing"]


@pytest.mark.parametrize(
    "openings",
    [
        [["12:00", "09:00"], ["13:00", "14:00"]],
        [["09:00", "12:00"], ["11:00", "15:00"]],
        [["09:00", "09:00"]],
    ],
)
def test_openings_that_overlap_are_refused(api: Office, openings: list[list[str]]) -> None:
    body = {"kind": "duty", "openings": openings}
    answer = api.call("PUT", f"{HALL}/days/2026-11-28", "supervisor", json=body)
    assert code(answer) == (422, "wrong_openings")


def test_a_day_that_is_past_cannot_be_made_different(api: Office) -> None:
    answer = api.call("PUT", f"{HALL}/days/2026-11-20", "supervisor", json={"kind": "closed"})
    assert fields(answer) == ["day"]


# --- the calendar -------------------------------------------------------------------------------------

NEW_YEAR = {"day": "2027-01-01", "kind": "holiday", "name": "元旦", "name_en": "New Year's Day"}


def put_calendar(api: Office, body: dict[str, Any], who: str = "administrator", **options: Any) -> Any:  # noqa: ANN401
    return api.call("PUT", "/calendar", who, json=body, **options)


def test_the_calendar_warns_of_the_year_it_does_not_know(api: Office) -> None:
    shown = told(api.get("/calendar"))
    assert (shown["year"], shown["calendar_known_until"]) == (2026, "2026-12-31")
    assert [each["code"] for each in shown["warnings"]] == ["next_year_missing"]
    unknown = told(api.get("/calendar?year=2027&lang=en"))
    assert unknown["days"] == []
    assert {each["year"] for each in unknown["warnings"]} == {2027}
    assert "2027" in unknown["warnings"][0]["message"]


def test_a_year_is_replaced_day_by_day_or_from_a_file(api: Office) -> None:
    answer = put_calendar(api, {"year": 2027, "days": [NEW_YEAR]})
    assert told(answer)["calendar_known_until"] == "2027-12-31"
    assert told(answer)["warnings"] == []
    assert told(api.get(f"{HALL}/hours?first=2027-01-01&days=1"))["days"][0]["openings"] == []
    text = "date,kind,name,name_en\n2027-01-02,holiday,元旦,New Year\n2027-01-03,workday,调休,Make-up\n"
    changed = told(put_calendar(api, {"year": 2027, "csv": text}))
    assert [each["day"] for each in changed["days"]] == ["2027-01-02", "2027-01-03"]


def test_two_who_edit_the_calendar_do_not_overwrite_each_other(api: Office) -> None:
    seen = told(api.get("/calendar?year=2027"))["version"]
    match = {"If-Match": f'"{seen}"'}
    assert put_calendar(api, {"year": 2027, "days": [NEW_YEAR]}, headers=match).status_code == 200
    late = put_calendar(api, {"year": 2027, "days": []}, headers=match)
    assert code(late) == (412, "edited_meanwhile")


@pytest.mark.parametrize(
    "days",
    [
        [{**NEW_YEAR, "day": "2026-01-01"}],
        [NEW_YEAR, NEW_YEAR],
        [{**NEW_YEAR, "kind": "workday"}],
    ],
)
def test_days_that_make_no_sense_in_a_year(api: Office, days: list[dict[str, str]]) -> None:
    with api.unchanged():
        assert code(put_calendar(api, {"year": 2027, "days": days})) == (422, "wrong_calendar")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "day,kind\n",
        "date,kind,name,name_en\n2027-13-01,holiday,x,y\n",
        "date,kind,name,name_en\n2027-01-01,feast,x,y\n",
    ],
)
def test_a_file_that_is_no_calendar(api: Office, text: str) -> None:
    answer = put_calendar(api, {"year": 2027, "csv": text})
    assert code(answer) == (422, "wrong_calendar")
    assert fields(answer) == ["csv"]


def test_the_calendar_is_the_administrators(api: Office) -> None:
    assert put_calendar(api, {"year": 2027, "days": []}, "supervisor").status_code == 403
