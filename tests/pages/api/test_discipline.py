"""The discipline over the API: its figures, a past day under others, and why one number was before another."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dispatch.foundation import clock
from dispatch.foundation.jobs import JobLeader
from dispatch.queues.policy import Policy
from dispatch.tickets import past
from dispatch.tickets.previews import MOST_ATTEMPTS, PATIENCE, PolicyPreview
from dispatch.wiring.previewing_policies import preview_policies
from tests.pages.api.office import KEY, OTHER_HALL, Office, code, fields, told
from tests.standing_city import CITY_HALL, MORNING, TOWN_HALL

POLICY = f"/halls/{TOWN_HALL}/policy"
USUAL = asdict(Policy())


# --- the figures --------------------------------------------------------------------------------------


def test_a_hall_begins_with_the_usual_figures(api: Office) -> None:
    shown = told(api.get(POLICY, "supervisor"))
    assert (shown["hall"], shown["policy"]) == (TOWN_HALL, USUAL)


def test_a_supervisor_changes_them_and_the_log_says_so(api: Office) -> None:
    changed = api.call("PUT", POLICY, "supervisor", json={"remote_passes": 3})
    assert told(changed)["policy"] == {**USUAL, "remote_passes": 3}
    assert told(api.get(POLICY, "supervisor")) == told(changed)
    last = api.town.entries()[-1]
    assert last.kind == "PolicyChanged"
    assert last.data == {"policy": {**USUAL, "remote_passes": 3}}
    before = api.town.head()
    api.call("PUT", POLICY, "supervisor", json={"remote_passes": 3})
    assert api.town.head() == before


def test_of_two_who_edit_the_second_is_told(api: Office) -> None:
    seen = {"If-Match": f'"{told(api.get(POLICY, "supervisor"))["version"]}"'}
    first = api.call("PUT", POLICY, "supervisor", json={"remote_passes": 3}, headers=seen)
    assert first.status_code == 200
    with api.unchanged():
        for stale in (seen, {"If-Match": "W/x"}):
            late = api.call("PUT", POLICY, "supervisor", json={"target_min": 20}, headers=stale)
            assert code(late) == (412, "edited_meanwhile")
    fresh = {"If-Match": f'"{told(first)["version"]}"'}
    second = api.call("PUT", POLICY, "supervisor", json={"target_min": 20}, headers=fresh)
    assert told(second)["version"] != told(first)["version"]


@pytest.mark.parametrize(
    ("figures", "field"),
    [
        ({"remote_passes": 0}, "remote_passes"),
        ({"law_min": 10_000}, "law_min"),
        ({"target_min": "15"}, "target_min"),
        ({"target_min": 1.5}, "target_min"),
        ({"speed": 1}, "speed"),
        ({"care_min": 480, "law_min": 60}, "care_min"),
    ],
)
def test_figures_that_make_no_sense_are_refused_by_name(
    api: Office, figures: dict[str, object], field: str
) -> None:
    with api.unchanged():
        refused = api.call("PUT", POLICY, "supervisor", json=figures)
        assert refused.status_code == 422
        assert fields(refused) == [field]


@pytest.mark.parametrize(
    ("who", "status"),
    [(None, 401), ("clerk", 403), ("guide", 403), ("auditor", 403), ("other supervisor", 403)],
)
def test_who_may_not_change_them(api: Office, who: str | None, status: int) -> None:
    with api.unchanged():
        assert api.call("PUT", POLICY, who, json={"remote_passes": 3}).status_code == status


def test_an_auditor_may_read_them_and_a_clerk_may_not(api: Office) -> None:
    assert api.get(POLICY, "auditor").status_code == 200
    assert api.get(POLICY, "clerk").status_code == 403
    assert api.get(f"/halls/{CITY_HALL}/policy", "supervisor").status_code == 403
    assert api.get("/halls/NOWHERE/policy", "supervisor").status_code == 404


# --- a past day ---------------------------------------------------------------------------------------


def ask(api: Office, who: str = "supervisor", **asked: object) -> str:
    """Ask for a preview; its id."""
    answer = api.post(f"{POLICY}/preview", who, {"policy": {}, "day": MORNING.date().isoformat(), **asked})
    assert answer.status_code == 202, answer.text
    assert told(answer)["state"] in ("asked", "working")
    return str(told(answer)["id"])


def shown(api: Office, ident: str) -> dict[str, Any]:
    """The preview as it stands."""
    return told(api.get(f"{POLICY}/previews/{ident}", "supervisor"))


def test_a_day_is_shown_as_it_was_and_as_it_would_have_been(api: Office) -> None:
    for _ in range(4):
        api.town.take("D", channel="app")
    api.town.take("D", channel="kiosk")
    api.town.open("1")
    while api.town.call_next("1", finish=True):
        api.town.pass_time(minutes=5)
    pushed = api.call("PUT", "/demo/clock", "administrator", json={"now": api.town.now.isoformat()})
    assert pushed.status_code == 200
    with api.unchanged():
        ident = ask(api, policy={"remote_passes": 1})
        assert ask(api, policy={"remote_passes": 1}) == ident
        waiting = shown(api, ident)
        assert (waiting["state"], waiting["groups"], waiting["unknown_because"]) == (
            "asked",
            None,
            "computing",
        )
        preview_policies(api.web.database)
        answer = shown(api, ident)
    assert (answer["state"], answer["unknown_because"]) == ("done", None)
    assert answer["policy"] == {**USUAL, "remote_passes": 1}
    everybody, *_ = answer["groups"]
    assert (everybody["kind"], everybody["measured"]["served"]) == ("all", 5)
    kiosk = next(group for group in answer["groups"] if group["name"] == "kiosk")
    assert kiosk["proposed"]["mean_s"] < kiosk["present"]["mean_s"]


def test_a_day_to_come_cannot_be_shown(api: Office) -> None:
    asked = {"policy": {}, "day": "2027-01-04"}
    refused = api.post(f"{POLICY}/preview", "supervisor", asked)
    assert (refused.status_code, fields(refused)) == (422, ["day"])
    nobody = ask(api, day="2025-01-06")
    preview_policies(api.web.database)
    assert shown(api, nobody)["groups"] == []
    wrong = api.post(f"{POLICY}/preview", "supervisor", {"policy": {"law_min": 1}, "day": "2025-01-06"})
    assert fields(wrong) == ["policy.law_min"]
    assert api.post(f"{POLICY}/preview", "clerk", asked).status_code == 403
    assert api.get(f"{POLICY}/previews/{nobody}", "clerk").status_code == 403
    assert api.get(f"/halls/{OTHER_HALL}/policy/previews/{nobody}", "other supervisor").status_code == 404


def long_ago(api: Office, ident: str) -> None:
    """Let the question be older than anybody's patience."""
    with api.web.database.work() as session:
        session.get_one(PolicyPreview, ident).asked_at -= 2 * PATIENCE


def heard_of(api: Office, ago: timedelta) -> None:
    """Let the forecast process have been heard of so long ago."""
    heard = clock.real_now() - ago
    with api.web.database.work() as session:
        session.merge(JobLeader(role="forecast", leader="forecast here 1", term=1, since=heard, heard=heard))


def test_where_nobody_computes_that_is_said(api: Office) -> None:
    ident = ask(api)
    long_ago(api, ident)
    assert shown(api, ident)["unknown_because"] == "nobody_computes"
    heard_of(api, timedelta(0))
    assert shown(api, ident)["unknown_because"] == "computing"
    heard_of(api, 2 * PATIENCE)
    assert shown(api, ident)["unknown_because"] == "nobody_computes"
    supervisor, _ = api.browser("supervisor")
    assert "预测进程没有在运行" in supervisor.get(f"{ADMIN}?preview={ident}").text


def test_what_was_broken_off_is_taken_up_again_but_not_for_ever(api: Office) -> None:
    ident = ask(api)
    with api.web.database.work() as session:
        row = session.get_one(PolicyPreview, ident)
        row.state, row.attempts = "working", 1
    preview_policies(api.web.database)
    assert shown(api, ident)["state"] == "done"
    hopeless = ask(api)
    with api.web.database.work() as session:
        row = session.get_one(PolicyPreview, hopeless)
        row.state, row.attempts = "working", MOST_ATTEMPTS
    preview_policies(api.web.database)
    assert (shown(api, hopeless)["state"], shown(api, hopeless)["unknown_because"]) == ("failed", "failed")


def test_one_that_fails_keeps_no_other_waiting(api: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def play(*_: object, **__: object) -> list[past.Compared]:
        monkeypatch.undo()
        raise ArithmeticError

    first, second = ask(api), ask(api, day="2025-01-06")
    monkeypatch.setattr(past, "preview", play)
    preview_policies(api.web.database)
    assert (shown(api, first)["state"], shown(api, second)["state"]) == ("failed", "done")
    with api.web.database.reading() as session:
        assert session.scalar(select(PolicyPreview.result).where(PolicyPreview.id == first)) is None


# --- why ----------------------------------------------------------------------------------------------


def test_the_holder_and_staff_are_told_why(api: Office) -> None:
    other, mine = api.issue(), api.issue()
    path = f"/tickets/{mine['id']}/before?number={other['number'].lower()}"
    for caller in ({"secret": mine["secret"]}, {"who": "clerk"}):
        shown = told(api.get(path, **caller))
        assert (shown["number"], shown["other"], shown["first"]) == ("D002", "D001", "other")
        assert [reason["code"] for reason in shown["reasons"]] == ["earlier_place"]
        assert shown["reasons"][0]["text"] == "D001 从 09:30 排起,D002 从 09:30 排起"
    english = told(api.get(f"{path}&lang=en", secret=mine["secret"]))
    assert english["reasons"][0]["text"] == "D001 stands in line since 09:30, D002 since 09:30"


def test_nobody_else_is_told_why(api: Office) -> None:
    other, mine = api.issue(), api.issue()
    path = f"/tickets/{mine['id']}/before?number={other['number']}"
    assert api.get(path).status_code == 401
    assert code(api.get(path, secret=other["secret"])) == (403, "not_your_ticket")
    assert api.get(path, "other clerk").status_code == 403


def test_a_number_that_is_none_is_said_to_be_none(api: Office) -> None:
    mine = api.issue()
    for number in ("D999", mine["number"]):
        missing = api.get(f"/tickets/{mine['id']}/before?number={number}", secret=mine["secret"])
        assert (code(missing), fields(missing)) == ((404, "not_found"), ["number"])
    for number in ("", "12", "D", "D1234567"):
        wrong = api.get(f"/tickets/{mine['id']}/before?number={number}", secret=mine["secret"])
        assert (wrong.status_code, fields(wrong)) == (422, ["number"])


# --- the page -----------------------------------------------------------------------------------------


def test_the_page_asks_for_a_number_and_says_why(api: Office) -> None:
    other, mine = api.issue(), api.issue()
    page = f"/ticket/{mine['id']}/why"
    asked = api.client().get(f"{page}?s={mine['secret']}")
    assert asked.status_code == 200
    assert "为什么别的号先叫?" in asked.text
    said = api.client().get(f"{page}?s={mine['secret']}&number={other['number']}")
    assert "为什么 D001 比 D002 先?" in said.text
    assert "D001 从 09:30 排起" in said.text
    english = api.client().get(f"{page}?s={mine['secret']}&number={other['number']}&lang=en")
    assert "Why was D001 before D002?" in english.text
    clerk, _ = api.browser("clerk")
    assert "为什么 D001 比 D002 先?" in clerk.get(f"{page}?number={other['number']}").text
    assert "没有 D999 这个号" in clerk.get(f"{page}?number=d999").text
    assert "另一个号码" in clerk.get(f"{page}?number={mine['number']}").text


def test_the_page_is_for_nobody_else(api: Office) -> None:
    other, mine = api.issue(), api.issue()
    page = f"/ticket/{mine['id']}/why"
    assert api.client().get(page).status_code == 403
    assert api.client().get(f"{page}?s={other['secret']}").status_code == 403
    stranger, _ = api.browser("other clerk")
    assert stranger.get(page).status_code == 403


# --- the administration's page ------------------------------------------------------------------------

ADMIN = f"/admin/{TOWN_HALL}/policy"


def form_of(api: Office, token: str, page: str, **figures: object) -> dict[str, object]:
    """The page's form as a browser would send it."""
    version = page.split('name="version" value="')[1].split('"')[0]
    asked = {"form_token": token, "once": KEY, "version": version, "day": api.town.now.date().isoformat()}
    return {**asked, **USUAL, **figures}


def test_a_supervisor_tries_figures_and_then_uses_them(api: Office) -> None:
    for channel in ("app", "app", "app", "kiosk"):
        api.town.take("D", channel=channel)
    api.town.open("1")
    while api.town.call_next("1", finish=True):
        api.town.pass_time(minutes=5)
    pushed = api.call("PUT", "/demo/clock", "administrator", json={"now": api.town.now.isoformat()})
    assert pushed.status_code == 200
    supervisor, token = api.browser("supervisor")
    page = supervisor.get(ADMIN).text
    assert "在大厅等的人最多让过几个人还没到的号" in page
    tried = form_of(api, token, page, remote_passes=1)
    head = api.town.head()
    asked = supervisor.post(f"{ADMIN}/preview", data=tried)
    assert asked.status_code == 303
    waiting = supervisor.get(asked.location).text
    assert f"正在算 {MORNING.date()},几秒钟就好" in waiting
    assert 'http-equiv="refresh"' in waiting
    preview_policies(api.web.database)
    answer = supervisor.get(asked.location).text
    assert "最多被让过 3 次 → 1 次" in answer
    assert "还没有保存" in answer
    assert "更久" in answer
    assert 'http-equiv="refresh"' not in answer
    assert api.town.head() == head
    assert supervisor.post(ADMIN, data=tried).status_code == 303
    assert told(api.get(POLICY, "supervisor"))["policy"]["remote_passes"] == 1
    english = supervisor.get(f"{ADMIN}?done=policy&lang=en").text
    assert "the next call follows the new figures" in english
    stale = supervisor.post(ADMIN, data={**tried, "once": KEY[::-1], "remote_passes": 2})
    assert stale.status_code == 412


@pytest.mark.parametrize("figure", ["", "x", "-1", "1.5", "0", "99999999", "3²"])
def test_a_figure_that_is_none_is_refused_on_the_page(api: Office, figure: str) -> None:
    supervisor, token = api.browser("supervisor")
    asked = form_of(api, token, supervisor.get(ADMIN).text, remote_passes=figure)
    with api.unchanged():
        assert supervisor.post(ADMIN, data=asked).status_code == 422
        assert supervisor.post(f"{ADMIN}/preview", data=asked).status_code == 422


def test_an_auditor_looks_and_a_clerk_does_not(api: Office) -> None:
    auditor, token = api.browser("auditor")
    page = auditor.get(ADMIN)
    assert page.status_code == 200
    assert "就用这些" not in page.text
    asked = form_of(api, token, page.text, remote_passes=2)
    with api.unchanged():
        assert auditor.post(ADMIN, data=asked).status_code == 403
        clerk, _ = api.browser("clerk")
        assert clerk.get(ADMIN).status_code == 403
        assert clerk.post(f"{ADMIN}/preview", data=asked).status_code == 403
