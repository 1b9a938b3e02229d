"""The whole life of a ticket over HTTP: parked, moved, called by number, undone, two on one number."""

import pytest

from dispatch.wiring.listening import hear_all
from tests.pages.api.office import Office, code, fields, told
from tests.standing_city import CARD, DISTRICT_HALL, RENEWAL, TOWN_HALL, TRADE

FIRST, SECOND = f"/windows/{TOWN_HALL}-1", f"/windows/{TOWN_HALL}-2"
PERSON = {"name": "某某", "id_kind": "resident_id", "id_number": "33108219900101001X"}


def open_both(api: Office) -> None:
    for window in (FIRST, SECOND):
        assert api.post(f"{window}/open", "clerk").status_code == 200


def test_parked_and_resumed_at_the_window_that_is_free(api: Office) -> None:
    called = api.called()
    ident = called["id"]
    parked = told(
        api.post(f"/tickets/{ident}/park", "clerk", {"reason": "payment", "claim": called["claim"]})
    )
    assert (parked["state"], parked["window"]) == ("parked", f"{TOWN_HALL}-1")
    window = told(api.get(FIRST, "clerk"))
    assert (window["ticket"], [each["id"] for each in window["parked"]]) == (None, [ident])
    open_both(api)
    back = told(api.post(f"/tickets/{ident}/resume", "clerk", {"window": f"{TOWN_HALL}-2"}))
    assert (back["state"], back["window"]) == ("serving", f"{TOWN_HALL}-2")
    assert code(api.post(f"/tickets/{ident}/finish", "clerk", {"claim": called["claim"]})) == (
        409,
        "stale_claim",
    )
    assert (
        told(api.post(f"/tickets/{ident}/finish", "clerk", {"claim": back["claim"]}))["state"] == "finished"
    )


def test_a_number_or_an_id_is_called(api: Office) -> None:
    open_both(api)
    first, second = api.issue(), api.issue()
    assert told(api.post(f"{FIRST}/call", "clerk", {"ticket": second["number"]}))["id"] == second["id"]
    assert code(api.post(f"{SECOND}/call", "clerk", {"ticket": second["id"]})) == (409, "called_elsewhere")
    assert told(api.post(f"{SECOND}/call", "clerk", {"ticket": first["id"]}))["state"] == "called"
    assert code(api.post(f"{SECOND}/call", "clerk", {"ticket": "D999"})) == (404, "not_found")
    answer = api.post(f"{SECOND}/call", "clerk", {"ticket": ""})
    assert (code(answer), fields(answer)) == ((422, "invalid_input"), ["ticket"])


def test_a_group_and_somebody_without_a_number(api: Office) -> None:
    open_both(api)
    waiting = [api.issue()["id"] for _ in range(3)]
    group = told(api.post(f"{FIRST}/call-group", "clerk", {"count": 2}))["tickets"]
    assert [(each["id"], each["seat"]) for each in group] == [(waiting[0], 0), (waiting[1], 1)]
    assert [each["id"] for each in told(api.get(FIRST, "clerk"))["group"]] == waiting[:2]
    assert code(api.post(f"{FIRST}/serve", "clerk", {})) == (409, "window_busy")
    served = api.post(f"{SECOND}/serve", "clerk", {"items": [{"item": CARD, "count": 5}, RENEWAL]})
    assert served.status_code == 201
    ticket = told(served)
    assert (ticket["state"], ticket["channel"]) == ("serving", "counter")
    assert [(each["item"], each["count"]) for each in ticket["items"]] == [(CARD, 5), (RENEWAL, 1)]
    assert api.post(f"{SECOND}/call-group", "clerk", {"count": 99}).status_code == 422


def test_moved_to_a_queue_a_window_and_another_hall(api: Office) -> None:
    ticket = api.issue(items=[CARD], queue=None)
    ident, secret = ticket["id"], ticket["secret"]
    assert told(api.post(f"/tickets/{ident}/move", "guide", {"queue": "A"}))["queue"] == "A"
    moved = told(api.post(f"/tickets/{ident}/move", "guide", {"window": f"{TOWN_HALL}-2"}))
    assert (moved["queue"], moved["kept_for"]) == ("D", f"{TOWN_HALL}-2")
    sent = told(api.post(f"/tickets/{ident}/move", "clerk", {"hall": DISTRICT_HALL}))
    assert (sent["state"], sent["moved"]["hall"]) == ("moving", DISTRICT_HALL)
    hear_all(api.standing.database)
    old = told(api.get(f"/tickets/{ident}", secret=secret))
    assert (old["state"], old["moved"]["hall"]) == ("moved", DISTRICT_HALL)
    new = told(api.get(f"/tickets/{old['moved_to']}", secret=old["moved"]["secret"]))
    assert (new["state"], new["number"]) == ("waiting", old["moved"]["number"])
    by_staff = told(api.get(f"/tickets/{ident}", "clerk"))
    assert by_staff["moved"]["secret"] is None


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, (422, "nowhere_to_move")),
        ({"queue": "A", "hall": DISTRICT_HALL}, (422, "nowhere_to_move")),
        ({"queue": "Z"}, (404, "not_found")),
        ({"window": "no-such-window"}, (404, "not_found")),
        ({"hall": "H-000000"}, (404, "not_found")),
        ({"queue": "D"}, (409, "already_there")),
        ({"room": "A"}, (422, "invalid_input")),
    ],
)
def test_a_move_to_nowhere_changes_nothing(
    api: Office, body: dict[str, str], refusal: tuple[int, str]
) -> None:
    ident = api.issue()["id"]
    with api.unchanged():
        assert code(api.post(f"/tickets/{ident}/move", "clerk", body)) == refusal


def test_missed_reactivated_voided_undone(api: Office) -> None:
    ident = api.called()["id"]
    api.post(f"/tickets/{ident}/missed", "clerk")
    assert told(api.post(f"/tickets/{ident}/reactivate", "guide"))["state"] == "waiting"
    voided = told(api.post(f"/tickets/{ident}/void", "clerk", {"reason": "duplicate"}))
    assert (voided["state"], voided["undo_until"] is not None) == ("void", True)
    assert code(api.post(f"/tickets/{ident}/undo", "guide")) == (409, "nothing_to_undo")
    assert told(api.post(f"/tickets/{ident}/undo", "clerk"))["state"] == "waiting"
    assert code(api.post(f"/tickets/{ident}/undo", "clerk")) == (409, "nothing_to_undo")
    api.post(f"{FIRST}/call-next", "clerk")
    api.post(f"/tickets/{ident}/missed", "clerk")
    assert code(api.post(f"/tickets/{ident}/reactivate", "guide")) == (409, "reactivated_before")


def test_the_holder_takes_back_her_own_cancel_and_nothing_else(api: Office) -> None:
    ticket = api.issue()
    ident, secret = ticket["id"], ticket["secret"]
    api.post(f"/tickets/{ident}/cancel", secret=secret)
    assert told(api.post(f"/tickets/{ident}/undo", secret=secret))["state"] == "waiting"
    api.post(f"{FIRST}/open", "clerk")
    api.post(f"{FIRST}/call", "clerk", {"ticket": ident})
    assert code(api.post(f"/tickets/{ident}/undo", secret=secret)) == (409, "nothing_to_undo")


def test_changed_and_finished_as_what_was_really_done(api: Office) -> None:
    ident = api.called()["id"]
    changed = told(api.post(f"/tickets/{ident}/change", "clerk", {"items": [{"item": TRADE, "count": 3}]}))
    assert [(each["item"], each["count"]) for each in changed["items"]] == [(TRADE, 3)]
    assert fields(api.post(f"/tickets/{ident}/change", "clerk", {"items": []})) == ["items"]
    assert code(api.post(f"/tickets/{ident}/finish", "clerk", {"items": ["NO-SUCH"]})) == (404, "not_found")
    done = told(api.post(f"/tickets/{ident}/finish", "clerk", {"items": [CARD]}))
    assert (done["state"], [each["item"] for each in done["items"]]) == ("finished", [CARD])


def test_one_live_ticket_per_person_and_item_in_the_whole_city(api: Office) -> None:
    first = api.issue(items=[CARD], queue=None, person=PERSON)
    again = {"hall": DISTRICT_HALL, "items": [CARD, RENEWAL], "channel": "web", "person": PERSON}
    with api.unchanged():
        answer = api.post("/tickets", json=again)
        assert code(answer) == (409, "already_in_line")
    assert told(answer)["errors"][0]["field"] == "person"
    assert api.post("/tickets", json={**again, "items": [RENEWAL]}).status_code == 201
    api.post(f"/tickets/{first['id']}/cancel", secret=first["secret"])
    assert api.post("/tickets", json={**again, "items": [CARD]}).status_code == 201
    assert code(api.post(f"/tickets/{first['id']}/undo", secret=first["secret"])) == (409, "already_in_line")


def test_pressing_twice_is_pressing_once(api: Office) -> None:
    """A double click brings the same key; without one the second press finds the state changed."""
    ident = api.called()["id"]
    once = api.post(f"/tickets/{ident}/park", "clerk", {}, key="a-double-click-0001")
    twice = api.post(f"/tickets/{ident}/park", "clerk", {}, key="a-double-click-0001")
    assert told(once) == told(twice)
    assert code(api.post(f"/tickets/{ident}/park", "clerk", {})) == (409, "wrong_state")
