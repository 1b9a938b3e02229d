"""Windows over HTTP."""

import threading
from typing import Any

import pytest

from dispatch.halls import windows
from dispatch.halls.windows import LIFE
from tests.pages.api.office import Office, code
from tests.standing_city import TOWN_HALL

WINDOW = f"/windows/{TOWN_HALL}-1"
PATHS = ("", "/open", "/pause", "/close", "/heartbeat", "/call-next")
WAYS = {"closed": [], "open": ["open"], "paused": ["open", "pause"]}


def ask(api: Office, path: str, who: str | None) -> tuple[int, str]:
    method = "POST" if path else "GET"
    return code(api.call(method, f"{WINDOW}{path}", who))


def test_a_clerk_sees_who_is_there_and_who_comes_next(api: Office) -> None:
    called = api.called()
    second, third = api.issue(), api.issue()
    told = api.get(WINDOW, "clerk").json
    assert told is not None
    assert (told["state"], told["queues"], told["waiting"]) == ("open", ["D"], 2)
    assert told["ticket"]["id"] == called["id"]
    assert [person["ticket"] for person in told["next"]] == [second["id"], third["id"]]
    assert (told["served_today"], told["missed_today"]) == (0, 0)


def test_a_window_counts_its_day(api: Office) -> None:
    for verb in ("finish", "missed", "finish"):
        api.post(f"/tickets/{api.called()['id']}/{verb}", "clerk")
    told = api.get(WINDOW, "supervisor").json
    assert told is not None
    assert (told["ticket"], told["served_today"], told["missed_today"]) == (None, 2, 1)


@pytest.mark.parametrize("verb", LIFE.verbs)
@pytest.mark.parametrize("state", LIFE.states)
def test_each_verb_from_each_state(api: Office, state: str, verb: str) -> None:
    for step in WAYS[state]:
        api.post(f"{WINDOW}/{step}", "clerk")
    target = LIFE[verb].target
    if state == target or state in LIFE[verb].sources:
        answer = api.post(f"{WINDOW}/{verb}", "clerk")
        assert answer.json is not None
        assert (answer.status_code, answer.json["state"]) == (200, target)
    else:
        with api.unchanged():
            assert code(api.post(f"{WINDOW}/{verb}", "clerk")) == (409, "wrong_state")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        (None, (401, "not_signed_in")),
        ("nonsense", (401, "not_signed_in")),
        ("kiosk", (403, "not_allowed")),
        ("other clerk", (403, "not_allowed")),
        ("other supervisor", (403, "not_allowed")),
        ("guide", (403, "not_allowed")),
        ("administrator", (403, "not_allowed")),
        ("auditor", (403, "not_allowed")),
    ],
)
def test_who_may_not_work_a_window(api: Office, path: str, who: str | None, refusal: tuple[int, str]) -> None:
    with api.unchanged():
        assert ask(api, path, who) == refusal


@pytest.mark.parametrize("path", PATHS)
def test_an_unknown_window_is_not_found(api: Office, path: str) -> None:
    method = "POST" if path else "GET"
    assert code(api.call(method, f"/windows/{TOWN_HALL}-99{path}", "clerk")) == (404, "not_found")


def test_nobody_waiting_is_204_without_a_body(api: Office) -> None:
    api.post(f"{WINDOW}/open", "clerk")
    with api.unchanged():
        answer = api.post(f"{WINDOW}/call-next", "clerk")
    assert (answer.status_code, answer.data) == (204, b"")


def test_a_closed_window_does_not_call(api: Office) -> None:
    api.issue()
    with api.unchanged():
        assert code(api.post(f"{WINDOW}/call-next", "clerk")) == (409, "window_not_open")


def test_a_busy_window_neither_calls_nor_closes(api: Office) -> None:
    ticket = api.called()
    api.issue()
    with api.unchanged():
        for path in ("/call-next", "/close"):
            answer = api.post(f"{WINDOW}{path}", "clerk")
            assert code(answer) == (409, "window_busy")
            assert answer.json is not None
            assert answer.json["ticket"] == ticket["id"]


def test_finish_and_next_is_one_press(api: Office) -> None:
    first, second = api.called(), api.issue()
    answer = api.post(f"{WINDOW}/call-next", "supervisor", {"finish": True})
    assert answer.json is not None
    assert answer.json["id"] == second["id"]
    assert api.town.ticket(first["id"]).state == "finished"


@pytest.mark.parametrize("body", [{"finish": "yes"}, {"finish": 1}, {"finish": None}, {"finnish": True}])
def test_a_bad_word_in_a_call_is_refused(api: Office, body: dict[str, object]) -> None:
    ticket = api.called()
    api.issue()
    with api.unchanged():
        assert api.post(f"{WINDOW}/call-next", "clerk", body).status_code == 422
    assert api.town.ticket(ticket["id"]).state == "called"


def test_a_heartbeat_is_heard_and_is_no_news(api: Office) -> None:
    with api.unchanged():
        answer = api.post(f"{WINDOW}/heartbeat", "clerk")
    assert (answer.status_code, answer.data) == (204, b"")
    assert api.town.window("1").heard_at == api.town.now


def test_a_window_never_closes_over_somebody_called_at_the_same_moment(
    api: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page looks whether the window is free and then closes it; a call may come in between."""
    api.post(f"{WINDOW}/open", "clerk")
    ticket = api.issue()
    caller = threading.Thread(target=lambda: api.post(f"{WINDOW}/call-next", "clerk"))
    change = windows.change

    def slowly(*told: Any, **more: Any) -> None:  # noqa: ANN401 - passed on as they came
        caller.start()
        caller.join(1)  # long enough to be done, if nothing holds it
        change(*told, **more)

    monkeypatch.setattr(windows, "change", slowly)
    api.post(f"{WINDOW}/close", "clerk")
    caller.join(20)
    states = (api.town.window("1").state, api.town.ticket(ticket["id"]).state)
    assert states in {("closed", "waiting"), ("open", "called")}
