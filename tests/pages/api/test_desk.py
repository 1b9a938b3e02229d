"""The box of keys on a window's desk does what the screen's key does, and papers are ticked for all screens at once."""

from typing import Any

import pytest

from dispatch.foundation import clock
from tests.pages.api.office import Office, code, fields
from tests.pages.api.test_ratings import machine
from tests.standing_city import TOWN_HALL, TRADE

AT_1 = f"/windows/{TOWN_HALL}-1"


def press(api: Office, key: str, who: str) -> dict[str, Any]:
    answer = api.post(f"{AT_1}/key", who, json={"key": key})
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    told: dict[str, Any] = answer.json
    return told


def test_one_key_calls_starts_and_goes_on_to_the_next(api: Office) -> None:
    first, second = api.issue(), api.issue()
    api.post(f"{AT_1}/open", "clerk")
    box = machine(api, "caller")
    called = press(api, "N", box)
    assert (called["did"], called["ticket"]["id"], called["ticket"]["state"]) == (
        "next",
        first["id"],
        "called",
    )
    assert press(api, "R", box)["ticket"]["calls"] == 2
    assert press(api, "N", box)["ticket"]["state"] == "serving"
    done = press(api, "N", box)
    assert (done["did"], done["ticket"]["id"]) == ("next-after", second["id"])
    assert press(api, "M", box) == {"did": "missed", "asks": None, "missing": 0, "ticket": None}
    assert press(api, "F", box)["asks"] == "nothing"


def test_what_the_box_did_the_box_takes_back(api: Office) -> None:
    first = api.issue()
    api.post(f"{AT_1}/open", "clerk")
    box = machine(api, "caller")
    press(api, "N", box)
    assert press(api, "P", box)["did"] == "park"
    undone = press(api, "U", box)
    assert (undone["did"], undone["ticket"]["id"], undone["ticket"]["state"]) == (
        "undo",
        first["id"],
        "called",
    )
    assert press(api, "T", box)["asks"] == "where"


def test_a_group_called_together_is_taken_back_together(api: Office) -> None:
    tickets = [api.issue() for _ in range(3)]
    api.post(f"{AT_1}/open", "clerk")
    api.post(f"{AT_1}/call-group", "clerk", json={"count": 3})
    assert press(api, "U", "clerk") == {"did": "undo", "asks": None, "missing": 0, "ticket": None}
    for ticket in tickets:
        told = api.get(f"/tickets/{ticket['id']}", "clerk").json
        assert told is not None
        assert told["state"] == "waiting"


def test_the_bounce_of_a_key_does_nothing(api: Office) -> None:
    api.issue()
    api.post(f"{AT_1}/open", "clerk")
    with api.standing.database.work() as session:
        clock.set_demo(session, speed=1)
    box = machine(api, "caller")
    assert press(api, "N", box)["did"] == "next"
    bounced = press(api, "N", box)
    assert (bounced["did"], bounced["asks"], bounced["ticket"]["state"]) == (None, "again", "called")


def test_missing_papers_are_asked_about_once_by_the_box_too(api: Office) -> None:
    ticket = api.issue(items=[TRADE], queue=None)
    at_3, box = f"/windows/{TOWN_HALL}-3", machine(api, "caller", "3")
    api.post(f"{at_3}/open", "clerk")
    called = api.post(f"{at_3}/call", "clerk", json={"ticket": ticket["number"]})
    assert called.json is not None
    claim = called.json["claim"]
    api.post(f"/tickets/{ticket['id']}/start", "clerk", json={"claim": claim})
    ticked = api.post(f"/tickets/{ticket['id']}/papers", "clerk", json={"held": [1, 0, 1], "claim": claim})
    assert ticked.json is not None
    assert ticked.json["held"] == [0, 1]
    asked = api.post(f"{at_3}/key", box, json={"key": "F"}).json
    assert asked is not None
    assert (asked["did"], asked["asks"], asked["missing"]) == (None, "papers", ticked.json["of"] - 2)
    sure = api.post(f"{at_3}/key", box, json={"key": "F"}).json
    assert sure is not None
    assert (sure["did"], sure["ticket"]) == ("finish", None)


def test_papers_are_ticked_at_a_window_only_and_only_those_there_are(api: Office) -> None:
    ticket = api.issue(items=[TRADE], queue=None)
    url = f"/tickets/{ticket['id']}/papers"
    with api.unchanged():
        assert api.post(url, "clerk", json={"held": [0]}).status_code in (404, 409)
    api.post(f"/windows/{TOWN_HALL}-4/open", "clerk")
    api.post(f"/windows/{TOWN_HALL}-4/call-next", "clerk")
    with api.unchanged():
        far = api.post(url, "clerk", json={"held": [39]})
        assert (far.status_code, fields(far)) == (422, ["held"])
        stale = api.post(url, "clerk", json={"held": [0], "claim": 99})
        assert code(stale) == (409, "stale_claim")
        assert api.post(url, "other clerk", json={"held": [0]}).status_code == 403


@pytest.mark.parametrize("who", ["kiosk", "board", "guide", "other clerk"])
def test_nobody_else_presses_a_windows_keys(api: Office, who: str) -> None:
    api.issue()
    api.post(f"{AT_1}/open", "clerk")
    with api.unchanged():
        assert code(api.post(f"{AT_1}/key", who, json={"key": "N"})) == (403, "not_allowed")
        assert code(api.post(f"{AT_1}/key", machine(api, "caller", "2"), json={"key": "N"})) == (
            403,
            "not_allowed",
        )
        assert code(api.post(f"{AT_1}/key", json={"key": "N"})) == (401, "not_signed_in")
        assert api.post(f"{AT_1}/key", "clerk", json={"key": "X"}).status_code == 422
