"""The staff page of a hall: who gets in, what it shows, and what its keys do."""

import re
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from dispatch.staffing import skills
from tests.pages.api.office import KEY, Office, told
from tests.staffing.rota import KINDS, NEEDS, PLANNER
from tests.standing_city import CARD, TOWN_HALL

PAGE = f"/admin/{TOWN_HALL}/staff"
DAY = "2026-11-23"


@pytest.fixture
def hall(opened: Callable[[], Office]) -> Office:
    """The same as it was furnished."""
    return opened()


def look(hall: Office, who: str | None = "supervisor", query: str = "") -> TestResponse:
    client, _ = hall.browser(who)
    return client.get(PAGE + query)


def press(hall: Office, path: str, who: str = "supervisor", key: str = KEY, **said: str) -> TestResponse:
    client, token = hall.browser(who)
    return client.post(f"{PAGE}{path}", data={"form_token": token, "once": key, **said})


def done(answer: TestResponse) -> str:
    """Which notice the next page shows."""
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].rpartition("done=")[2]


def shift(**different: str) -> dict[str, str]:
    first = {"account": "clerk", "window": f"{TOWN_HALL}-1", "day": DAY, "starts": "10:00", "ends": "12:00"}
    return {**first, **different}


@pytest.mark.parametrize(
    ("who", "status"),
    [(None, 303), ("supervisor", 200), ("clerk", 200), ("auditor", 200), ("other supervisor", 404)],
)
def test_who_gets_in(hall: Office, who: str | None, status: int) -> None:
    assert look(hall, who).status_code == status


def test_whoever_only_looks_finds_no_keys_that_change_anything(hall: Office) -> None:
    press(hall, "/shifts", **shift())
    page = look(hall, "clerk").text
    assert "clerk" in page
    assert 'data-opens="plan"' not in page
    assert "/drop" not in page
    for path in ("/shifts", "/repeat", "/skills", "/posts", "/duty-days", "/leave/unknown/grant"):
        assert press(hall, path, "clerk", **shift()).status_code in (403, 404)


def test_a_shift_is_planned_once_however_often_the_form_is_sent(hall: Office) -> None:
    for _ in range(2):
        assert done(press(hall, "/shifts", **shift(break_starts="11:00", break_ends="11:15"))) == "planned"
    page = look(hall).text
    assert page.count('day-state">还没到点') == 1
    assert page.count("<title>10:00–12:00</title>") == 1
    refused = press(hall, "/shifts", key=KEY[::-1], **shift(account="guide"))
    assert refused.status_code == 409
    assert "已排了人" in refused.text


def test_a_shift_is_dropped_by_its_key(hall: Office) -> None:
    press(hall, "/shifts", **shift())
    [path] = re.findall(rf'action="{PAGE}(/shifts/\w+/drop)"', look(hall).text)
    assert done(press(hall, path)) == "dropped"
    assert "还没到点" not in look(hall).text


def test_a_day_is_planned_like_another_and_clashes_are_left_out(hall: Office) -> None:
    press(hall, "/shifts", **shift())
    press(hall, "/shifts", key=KEY[::-1], **shift(account="guide", window=f"{TOWN_HALL}-2"))
    again = {"like": DAY, "day": "2026-11-30"}
    assert done(press(hall, "/repeat", **again)) == "repeated"
    assert done(press(hall, "/repeat", key=KEY[::-1], **again)) == "repeated_in_part"
    assert look(hall, query="?day=2026-11-30").text.count('day-state">还没到点') == 2


def test_leave_is_asked_by_a_clerk_and_granted_in_one_press(hall: Office) -> None:
    press(hall, "/shifts", **shift())
    said = {"kind": "sick", "starts": f"{DAY}T10:00", "ends": f"{DAY}T12:00"}
    assert done(press(hall, "/leave", "clerk", **said)) == "asked"
    page = look(hall).text
    assert "撤下 1 个班并批准" in page
    assert "病假" in page
    [path] = re.findall(rf'action="{PAGE}(/leave/\w+/grant)"', page)
    assert done(press(hall, path, drop_shifts="yes")) == "grant"
    assert "day-away" in look(hall).text


def test_skills_are_granted_and_what_nobody_may_serve_is_shown(hall: Office) -> None:
    with hall.web.database.work() as session:
        skills.replace(session, KINDS, NEEDS, now=hall.town.now, actor=PLANNER)
    hall.issue(queue=None, items=[CARD])
    hall.post(f"/windows/{TOWN_HALL}-1/open", "clerk")
    assert "开着的窗口都没有这项技能" in look(hall).text
    granted = press(hall, "/skills", account="clerk", skill="identity", grade="3", expires="2026-12-01")
    assert done(granted) == "skilled"
    page = look(hall).text
    assert "开着的窗口都没有这项技能" not in page
    assert "还有 8 天" in page
    assert (
        done(press(hall, "/skills", key=KEY[::-1], account="clerk", skill="identity", grade="0"))
        == "skill_gone"
    )


def test_a_duty_day_stands_on_the_halls_own_page(hall: Office) -> None:
    said = {"office": "人力社保局", "office_en": "Human Resources", "rule": "month:8"}
    hours = {"starts": "09:00", "ends": "11:30", "window": f"{TOWN_HALL}-4"}
    assert done(press(hall, "/duty-days", **said, **hours)) == "duty_set"
    public = hall.client().get(f"/halls/{TOWN_HALL}").text
    assert "人力社保局" in public
    assert "2026-12-08" in public
    assert "Human Resources" in hall.client().get(f"/halls/{TOWN_HALL}?lang=en").text


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/shifts", shift(starts="soon")),
        ("/shifts", shift(day="2026-13-01")),
        ("/shifts", shift(day="9999-12-31")),
        ("/leave", {"account": "clerk", "kind": "sick", "starts": "now", "ends": "later"}),
        ("/leave", {"account": "clerk", "kind": "whim", "starts": f"{DAY}T10:00", "ends": f"{DAY}T12:00"}),
        ("/skills", {"account": "clerk", "skill": "identity", "grade": "best"}),
        (
            "/duty-days",
            {"office": "", "office_en": "x", "rule": "month:8", "starts": "09:00", "ends": "10:00"},
        ),
        (
            "/duty-days",
            {"office": "局", "office_en": "x", "rule": "month:", "starts": "09:00", "ends": "10:00"},
        ),
    ],
)
def test_bad_input_is_a_sentence_and_changes_nothing(hall: Office, path: str, said: dict[str, str]) -> None:
    with hall.unchanged():
        assert press(hall, path, **said).status_code == 422


def test_an_unknown_day_is_refused(hall: Office) -> None:
    assert look(hall, query="?day=0001-01-01").status_code == 422


def test_both_languages(hall: Office) -> None:
    press(hall, "/shifts", **shift())
    assert "Not yet" in look(hall, query="?lang=en").text
    assert told(hall.get(f"/halls/{TOWN_HALL}/staffing", "clerk"))["planned_now"] == 0
