"""The administration's pages of hours, halts and the calendar, by plain links and forms."""

import re
import secrets

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dispatch.halls.refusals import WrongOpenings
from dispatch.pages.admin.hours import spans_of, written
from tests.pages.api.office import Office, told
from tests.standing_city import TOWN_HALL

HALL, ADMIN = f"/halls/{TOWN_HALL}", f"/admin/{TOWN_HALL}"


class Browser:
    """Somebody signed in, who presses keys of forms."""

    def __init__(self, api: Office, who: str) -> None:
        self.client, self.token = api.browser(who)

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def press(self, path: str, *, once: str | None = None, **said: object) -> TestResponse:
        data = {"form_token": self.token, "once": once or secrets.token_urlsafe(18), **said}
        return self.client.post(path, data=data)


@pytest.fixture
def boss(api: Office) -> Browser:
    """The supervisor at a browser."""
    return Browser(api, "supervisor")


@pytest.mark.parametrize("page", ["hours", "halting", "halting/check?about=all&reason=power"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_open_for_a_supervisor(boss: Browser, page: str, lang: str) -> None:
    answer = boss.get(f"{ADMIN}/{page}{'&' if '?' in page else '?'}lang={lang}")
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("who", "page"), [("clerk", f"{ADMIN}/halting"), ("supervisor", "/admin/calendar")])
def test_and_for_nobody_else(api: Office, who: str, page: str) -> None:
    assert Browser(api, who).get(page).status_code == 403


def test_the_switch_has_two_steps_and_says_whom_it_touches(api: Office, boss: Browser) -> None:
    api.issue(queue="D")
    api.issue(queue="D")
    query = "about=queues&queues=D&reason=power&until=10:20&note=变压器检修"
    check = boss.get(f"{ADMIN}/halting/check?{query}").text
    assert '<b class="number">2</b>' in check
    assert "停电(变压器检修)" in check
    assert told(api.get(HALL))["outages"] == []
    said = {"about": "queues", "queues": "D", "reason": "power", "until": "10:20", "note": "变压器检修"}
    key = secrets.token_urlsafe(18)
    for _ in range(2):  # a double click
        done = boss.press(f"{ADMIN}/halting/outages", once=key, **said)
        assert done.headers["Location"].endswith("done=begun")
    (row,) = told(api.get(HALL))["outages"]
    assert row["until"] in ("2026-11-23T02:20:00Z", "2026-11-23T10:20:00+08:00")
    page = boss.get(f"{ADMIN}/halting").text
    assert "2 人等着,号和顺序都留着" in page
    boss.press(f"{ADMIN}/halting/outages/{row['id']}/end")
    assert told(api.get(HALL))["outages"] == []


def test_a_queue_is_paused_and_resumed(api: Office, boss: Browser) -> None:
    boss.press(f"{ADMIN}/halting/queues/D", reason="staff", until="10:05")
    assert {each["code"]: each["state"] for each in told(api.get(HALL))["queues"]}["D"] == "paused"
    boss.press(f"{ADMIN}/halting/queues/D", verb="resume")
    assert {each["code"]: each["state"] for each in told(api.get(HALL))["queues"]}["D"] == "open"


def test_the_hall_closes_early_ends_its_day_and_opens_again(api: Office, boss: Browser) -> None:
    waiting = api.issue()
    boss.press(f"{ADMIN}/halting/close", reason="weather", then="notify", note="台风")
    assert told(api.get(HALL))["open"] is False
    phone: FlaskClient = api.client()
    ticket = f"/t/{waiting['id']}?s={waiting['secret']}"
    assert "提前关门:天气原因(台风)" in phone.get(ticket).text
    boss.press(f"{ADMIN}/halting/end-day", reason="weather")
    assert "结束了当天的办理" in phone.get(ticket).text
    assert "今天的办理 09:30 结束了" in boss.get(f"{ADMIN}/halting").text
    boss.press(f"{ADMIN}/halting/reopen")
    assert told(api.get(HALL))["open"] is True


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("outages", {"about": "everything", "reason": "power"}),
        ("outages", {"about": "queues", "reason": "power"}),
        ("outages", {"about": "all", "reason": "boredom"}),
        ("outages", {"about": "all", "reason": "power", "until": "09:00"}),
        ("outages", {"about": "all", "reason": "power", "until": "25:00"}),
        ("outages", {"about": "city", "reason": "power"}),
        ("close", {"reason": "weather", "then": "dance"}),
        ("close", {"reason": "weather", "then": "move", "to_hall": "H-NOWHERE"}),
    ],
)
def test_a_form_that_makes_no_sense_changes_nothing(
    api: Office, boss: Browser, path: str, said: dict[str, str]
) -> None:
    answer = boss.press(f"{ADMIN}/halting/{path}", **said)
    assert answer.status_code in (403, 404, 422)
    assert "什么都没有改" in answer.text
    assert told(api.get(HALL))["outages"] == []
    assert told(api.get(HALL))["open"] is True


def test_a_saturday_on_duty_and_another_week(api: Office, boss: Browser) -> None:
    done = boss.press(
        f"{ADMIN}/hours/days", day="2026-11-29", kind="duty", openings="9:00-11:30", reason="other"
    )
    assert done.headers["Location"].endswith("done=day")
    page = boss.get(f"{ADMIN}/hours").text
    assert "09:00–11:30" in page
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-12:00, 14:00-17:30")
    boss.press(f"{ADMIN}/hours/week", **week)
    shown = told(api.get(f"{HALL}/hours"))
    assert shown["weekly"]["mon"] == [["08:00", "12:00"], ["14:00", "17:30"]]
    assert shown["weekly"]["sun"] == []
    boss.press(
        f"{ADMIN}/hours/seasons",
        name="夏令",
        name_en="Summer",
        first="2027-07-01",
        last="2027-08-31",
        workdays="08:00-11:30",
    )
    assert len(told(api.get(f"{HALL}/hours"))["seasons"]) == 1
    boss.press(f"{ADMIN}/hours/seasons", drop="0")
    assert told(api.get(f"{HALL}/hours"))["seasons"] == []


def test_openings_are_read_as_people_write_them() -> None:
    assert spans_of("8:30—12:00、13:30 - 17:00") == [["08:30", "12:00"], ["13:30", "17:00"]]
    assert spans_of(written([["08:30", "12:00"], ["13:30", "24:00"]])) == [
        ["08:30", "12:00"],
        ["13:30", "24:00"],
    ]
    assert spans_of("  ") == []
    for wrong in ("morning", "8-12", "08:30-24:30", "08:30–12:00 13:30–17:00"):
        with pytest.raises(WrongOpenings):
            spans_of(wrong)


def test_the_calendar_warns_is_changed_and_keeps_what_another_wrote(api: Office) -> None:
    admin = Browser(api, "administrator")
    page = admin.get("/admin/calendar").text
    assert "日历里还没有 2027 年的节假日" in page
    version = re.findall(r'name="version" value="(\w+)"', admin.get("/admin/calendar?year=2027").text)[0]
    text = "date,kind,name,name_en\r\n2027-01-01,holiday,元旦,New Year's Day\r\n"
    done = admin.press("/admin/calendar", year="2027", version=version, csv=text)
    assert done.headers["Location"].endswith("year=2027&done=saved")
    late = admin.press("/admin/calendar", year="2027", version=version, csv="date,kind,name,name_en")
    assert late.status_code == 412
    assert "日历录到 2027-12-31" in admin.get("/admin/calendar?year=2027").text


def test_a_districts_supervisor_cannot_stop_the_city(api: Office) -> None:
    assert api.post("/city/outages", "supervisor", {"all": True, "reason": "system"}).status_code == 403
    assert "全市所有大厅" not in Browser(api, "supervisor").get(f"{ADMIN}/halting").text
