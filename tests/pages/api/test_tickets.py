"""Tickets over HTTP: taken, looked at, worked, given up, and every way of being refused."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from dispatch.people import citizens
from dispatch.tickets import finding
from tests.pages.api.office import KEY, Office, code, fields
from tests.standing_city import CARD, CITY_HALL, DISTRICT_HALL, MORTGAGE, TOWN_HALL, TRADE

GOOD: dict[str, Any] = {"hall": TOWN_HALL, "items": [CARD], "channel": "app"}


def test_anybody_takes_a_ticket(api: Office) -> None:
    answer = api.post("/tickets", json=GOOD)
    told = answer.json
    assert told is not None
    assert answer.status_code == 201
    assert {
        name: told[name] for name in ("number", "hall", "queue", "state", "ahead", "service_day", "claim")
    } == {
        "number": "D001",
        "hall": TOWN_HALL,
        "queue": "D",
        "state": "waiting",
        "ahead": 0,
        "service_day": "2026-11-23",
        "claim": None,
    }
    assert told["items"] == [
        {"item": CARD, "name": told["items"][0]["name"], "name_en": told["items"][0]["name_en"], "count": 1}
    ]
    assert told["issued_at"] == "2026-11-23T09:30:00+08:00"
    assert (told["wait"], told["unknown_because"]) == (None, "not_learned_yet")
    assert len(bytes.fromhex(told["secret"])) == 32


def test_her_secret_lets_her_look_and_give_up(api: Office) -> None:
    mine = api.issue()
    shown = api.get(f"/tickets/{mine['id']}", secret=mine["secret"]).json
    assert shown is not None
    assert (shown["number"], shown["secret"]) == ("D001", None)
    gone = api.post(f"/tickets/{mine['id']}/cancel", secret=mine["secret"])
    assert gone.json is not None
    assert (gone.status_code, gone.json["state"], gone.json["ahead"]) == (200, "cancelled", None)
    with api.unchanged():
        again = api.post(f"/tickets/{mine['id']}/cancel", secret=mine["secret"])
        assert code(again) == (409, "wrong_state")


def test_a_persons_data_are_kept_sealed(api: Office) -> None:
    person = {
        "name": "王小明",
        "phone": "+86 138-0000-0000",
        "id_kind": "resident_id",
        "id_number": "33108219900101001X",
    }
    told = api.issue(person=person)
    assert "王小明" not in str(told)
    row = api.town.ticket(told["id"])
    assert row.person is not None
    with api.standing.database.reading() as session:
        assert citizens.read(session, api.keys, row.person) == citizens.PersonData(**person)
    log = "".join(entry.body for entry in api.town.entries())
    assert "王小明" not in log
    assert "138-0000" not in log


def test_the_same_item_twice_is_one_item(api: Office) -> None:
    told = api.issue(items=[CARD, CARD], queue=None, count=3)
    assert [(item["item"], item["count"]) for item in told["items"]] == [(CARD, 3)]


@pytest.mark.parametrize(
    ("who", "channel", "priority"),
    [
        ("clerk", "counter", "elderly"),
        ("guide", "counter", "disabled"),
        ("street", "counter", "none"),
        ("supervisor", "kiosk", "soldier"),
        ("clerk", "app", "none"),
        ("kiosk", "kiosk", "none"),
    ],
)
def test_staff_and_kiosks_take_tickets_for_people(api: Office, who: str, channel: str, priority: str) -> None:
    answer = api.post("/tickets", who, {**GOOD, "channel": channel, "priority": priority})
    assert answer.json is not None
    assert (answer.status_code, answer.json["priority"]) == (201, priority)


@pytest.mark.parametrize(
    ("who", "different", "refusal"),
    [
        (None, {"channel": "kiosk"}, (401, "not_signed_in")),
        (None, {"channel": "counter"}, (401, "not_signed_in")),
        (None, {"priority": "elderly"}, (403, "not_allowed")),
        ("kiosk", {"channel": "app"}, (403, "not_allowed")),
        ("kiosk", {"channel": "counter"}, (403, "not_allowed")),
        ("kiosk", {"channel": "kiosk", "hall": DISTRICT_HALL}, (403, "not_allowed")),
        ("other kiosk", {"channel": "kiosk"}, (403, "not_allowed")),
        ("board", {"channel": "kiosk"}, (403, "not_allowed")),
        ("other clerk", {"channel": "counter"}, (403, "not_allowed")),
        ("auditor", {"channel": "counter"}, (403, "not_allowed")),
        ("nonsense", {}, (401, "not_signed_in")),
        ("device-nonsense", {"channel": "kiosk"}, (401, "not_signed_in")),
    ],
)
def test_who_may_not_take_this_ticket(
    api: Office, who: str | None, different: dict[str, object], refusal: tuple[int, str]
) -> None:
    with api.unchanged():
        assert code(api.post("/tickets", who, {**GOOD, **different})) == refusal


def test_a_kiosk_serves_its_own_hall_and_not_the_halls_below(api: Office) -> None:
    """A machine is paired with one hall: a stolen one must not open the whole district."""
    from dispatch.halls import finding as halls
    from dispatch.halls.devices import pairing

    with api.standing.database.work() as session:
        token = pairing.pair(session, halls.hall(session, CITY_HALL), "kiosk", now=api.town.now)
    with api.unchanged():
        answer = api.post("/tickets", token, {**GOOD, "channel": "kiosk"})
        assert code(answer) == (403, "not_allowed")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({**GOOD, "hall": "H-NONE"}, (404, "not_found")),
        ({**GOOD, "items": ["NO-SUCH"]}, (404, "not_found")),
        ({"hall": TOWN_HALL, "queue": "Z", "channel": "app"}, (404, "not_found")),
        ({**GOOD, "items": [MORTGAGE]}, (422, "item_not_taken_here")),
        ({**GOOD, "items": [CARD, TRADE]}, (422, "items_in_different_queues")),
        ({**GOOD, "items": []}, (422, "nothing_wanted")),
    ],
)
def test_a_ticket_for_what_is_not_to_be_had(
    api: Office, body: dict[str, object], refusal: tuple[int, str]
) -> None:
    with api.unchanged():
        assert code(api.post("/tickets", json=body)) == refusal


def test_a_person_given_with_a_refused_ticket_is_not_kept(api: Office) -> None:
    with api.unchanged():
        api.post("/tickets", json={**GOOD, "items": [MORTGAGE], "person": {"name": "王小明"}})


def test_a_closed_hall_says_when_it_opens_and_in_words(api: Office) -> None:
    api.call("PUT", "/demo/clock", "administrator", json={"now": "2026-11-23T22:00:00+08:00"})
    with api.unchanged():
        answer = api.post("/tickets", json=GOOD)
    assert code(answer) == (409, "hall_closed")
    assert answer.json is not None
    assert "08:30" in answer.json["detail"]


def test_a_hall_that_never_opens_again_does_not_say_none(api: Office) -> None:
    from tests import standing_city

    shut = standing_city.town_spec(hours={"weekly": {}, "makeup_workdays": False, "public_holidays": False})
    standing_city.configure(api.standing.database, shut)
    answer = api.post("/tickets", json=GOOD)
    assert code(answer) == (409, "hall_closed")
    assert answer.json is not None
    assert "None" not in answer.json["detail"]


@pytest.mark.parametrize(
    ("different", "field"),
    [
        ({"hall": None}, "hall"),
        ({"hall": 7}, "hall"),
        ({"hall": "H 1"}, "hall"),
        ({"hall": TOWN_HALL + "\n"}, "hall"),
        ({"items": CARD}, "items"),
        ({"items": [CARD] * 21}, "items"),
        ({"items": [None]}, "items[0]"),
        ({"channel": "phone"}, "channel"),
        ({"channel": "App"}, "channel"),
        ({"priority": "rich"}, "priority"),
        ({"count": 0}, "count"),
        ({"count": 51}, "count"),
        ({"count": 1.5}, "count"),
        ({"hal": TOWN_HALL}, "hal"),
        ({"person": "王"}, "person"),
        ({"person": {}}, "person.name"),
        ({"person": {"name": "  "}}, "person.name"),
        ({"person": {"name": "王" * 81}}, "person.name"),
        ({"person": {"name": "王", "phone": "call me"}}, "person.phone"),
        ({"person": {"name": "王", "id_number": "3310-82"}}, "person.id_number"),
        ({"person": {"name": "王", "id_kind": "library_card"}}, "person.id_kind"),
        ({"person": {"name": "王", "age": 7}}, "person.age"),
    ],
)
def test_a_bad_field_is_named(api: Office, different: dict[str, object], field: str) -> None:
    with api.unchanged():
        answer = api.post("/tickets", json={**GOOD, **different})
    assert (code(answer), fields(answer)) == ((422, "invalid_input"), [field])


@pytest.mark.parametrize("left_out", ["hall", "channel"])
def test_a_missing_field_is_named(api: Office, left_out: str) -> None:
    answer = api.post("/tickets", json={name: value for name, value in GOOD.items() if name != left_out})
    assert fields(answer) == [left_out]


# --- verbs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "state"),
    [("recall", "called"), ("start", "serving"), ("finish", "finished"), ("missed", "missed")],
)
def test_a_window_works_the_ticket_it_called(api: Office, verb: str, state: str) -> None:
    ticket = api.called()
    for claim in (ticket["claim"] - 1, ticket["claim"] + 1):
        with api.unchanged():
            assert code(api.post(f"/tickets/{ticket['id']}/{verb}", "clerk", {"claim": claim})) == (
                409,
                "stale_claim",
            )
    answer = api.post(f"/tickets/{ticket['id']}/{verb}", "clerk", {"claim": ticket["claim"]})
    assert answer.json is not None
    assert (answer.status_code, answer.json["state"]) == (200, state)
    assert "secret" not in answer.json or answer.json["secret"] is None


@pytest.mark.parametrize("verb", ["recall", "start", "finish", "missed"])
def test_a_verb_before_its_time_is_refused(api: Office, verb: str) -> None:
    ticket = api.issue()
    with api.unchanged():
        answer = api.post(f"/tickets/{ticket['id']}/{verb}", "clerk")
    assert code(answer) == (409, "wrong_state")
    assert answer.json is not None
    assert answer.json["state"] == "waiting"


@pytest.mark.parametrize("verb", ["recall", "start", "finish", "missed"])
@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        (None, (401, "not_signed_in")),
        ("other clerk", (403, "not_allowed")),
        ("other supervisor", (403, "not_allowed")),
        ("guide", (403, "not_allowed")),
        ("auditor", (403, "not_allowed")),
        ("kiosk", (403, "not_allowed")),
        ("board", (403, "not_allowed")),
    ],
)
def test_who_may_not_work_a_ticket(api: Office, verb: str, who: str | None, refusal: tuple[int, str]) -> None:
    ticket = api.called()
    with api.unchanged():
        assert code(api.post(f"/tickets/{ticket['id']}/{verb}", who)) == refusal


@pytest.mark.parametrize("claim", ["1", -1, 2**31, 1.5, [1], True])
def test_a_claim_is_a_number(api: Office, claim: object) -> None:
    ticket = api.called()
    with api.unchanged():
        answer = api.post(f"/tickets/{ticket['id']}/start", "clerk", {"claim": claim})
        assert (answer.status_code, fields(answer)) == (422, ["claim"])


def test_an_unknown_ticket(api: Office) -> None:
    unknown = "0" * 32
    assert code(api.get(f"/tickets/{unknown}", "clerk")) == (404, "not_found")
    assert code(api.post(f"/tickets/{unknown}/finish", "clerk")) == (404, "not_found")
    assert code(api.get(f"/tickets/{unknown}")) == (401, "not_signed_in")


def test_a_wrong_secret_does_not_tell_whether_the_ticket_exists(api: Office) -> None:
    mine, yours = api.issue(), api.issue()
    with api.unchanged():
        for ident in (yours["id"], "0" * 32):
            for secret in (mine["secret"], "票", "0" * 64):
                headers = {"Authorization": f"Ticket {secret}".encode().decode("latin-1")}
                shown = api.get(f"/tickets/{ident}", headers=headers)
                gone = api.post(f"/tickets/{ident}/cancel", headers=headers)
                assert code(shown) == code(gone) == (403, "not_your_ticket")


def test_only_her_secret_gives_a_ticket_up(api: Office) -> None:
    ticket = api.issue()
    with api.unchanged():
        for who in (None, "clerk", "supervisor", "kiosk"):
            assert code(api.post(f"/tickets/{ticket['id']}/cancel", who)) == (401, "not_signed_in")


def test_who_is_called_cannot_give_up(api: Office) -> None:
    ticket = api.called()
    with api.unchanged():
        answer = api.post(f"/tickets/{ticket['id']}/cancel", secret=ticket["secret"])
    assert code(answer) == (409, "wrong_state")


def test_staff_of_the_hall_look_at_a_ticket_and_others_do_not(api: Office) -> None:
    ticket = api.issue()
    for who in ("clerk", "guide", "supervisor", "auditor", "kiosk"):
        assert api.get(f"/tickets/{ticket['id']}", who).status_code == 200
    for who in ("other clerk", "other kiosk"):
        assert code(api.get(f"/tickets/{ticket['id']}", who)) == (403, "not_allowed")


# --- once ---------------------------------------------------------------------------------------------


def test_the_same_key_repeats_the_ticket_with_its_secret(api: Office) -> None:
    first = api.post("/tickets", json=GOOD, key=KEY)
    with api.unchanged():
        second = api.post("/tickets", json=GOOD, key=KEY)
    assert (second.status_code, second.json) == (201, first.json)
    assert first.json is not None
    assert api.keys.holds(finding.SECRET, first.json["id"], first.json["secret"])


def test_the_same_key_with_another_body_is_refused(api: Office) -> None:
    api.post("/tickets", json=GOOD, key=KEY)
    with api.unchanged():
        answer = api.post("/tickets", json={**GOOD, "count": 2}, key=KEY)
    assert (code(answer), fields(answer)) == ((422, "idempotency_key_reused"), ["Idempotency-Key"])


def test_the_same_key_of_another_caller_is_another_call(api: Office) -> None:
    first = api.post("/tickets", json=GOOD, key=KEY).json
    second = api.post("/tickets", "clerk", GOOD, key=KEY).json
    third = api.post("/tickets", "guide", GOOD, key=KEY).json
    numbers = [told["number"] for told in (first, second, third) if told]
    assert numbers == ["D001", "D002", "D003"]


def test_a_refusal_is_not_kept(api: Office) -> None:
    assert api.post("/tickets", json={**GOOD, "items": [MORTGAGE]}, key=KEY).status_code == 422
    assert api.post("/tickets", json=GOOD, key=KEY).status_code == 201


@pytest.mark.parametrize("key", ["a", "short", "1" * 40, "abababababababababab", "0000000000000000"])
def test_a_strangers_key_must_not_be_guessable(api: Office, key: str) -> None:
    with api.unchanged():
        answer = api.post("/tickets", json=GOOD, key=key)
    assert (code(answer), fields(answer)) == ((422, "weak_idempotency_key"), ["Idempotency-Key"])


@pytest.mark.parametrize("key", ["k" * 201, "schlüssel", "a\tb"])
def test_a_key_of_a_bad_form_is_refused(api: Office, key: str) -> None:
    with api.unchanged():
        answer = api.post("/tickets", "clerk", GOOD, key=key)
    assert (answer.status_code, fields(answer)) == (422, ["Idempotency-Key"])


@pytest.mark.parametrize("key", ["", " "])
def test_an_empty_key_is_not_a_key_that_all_calls_share(api: Office, key: str) -> None:
    """A client with a bug sends the header without a value: two people must not get one ticket."""
    first = api.post("/tickets", "clerk", GOOD, key=key)
    second = api.post("/tickets", "clerk", GOOD, key=key)
    assert first.status_code == second.status_code
    assert first.status_code == 422 or first.json != second.json


def test_staff_may_use_short_keys_since_they_are_their_own(api: Office) -> None:
    first = api.post("/tickets", "clerk", GOOD, key="7").json
    assert first == api.post("/tickets", "clerk", GOOD, key="7").json


def test_a_repeated_call_next_calls_once_and_a_repeated_nobody_stays_nobody(api: Office) -> None:
    window = f"/windows/{TOWN_HALL}-1"
    api.post(f"{window}/open", "clerk")
    assert api.post(f"{window}/call-next", "clerk", key="1").status_code == 204
    ticket = api.issue()
    assert api.post(f"{window}/call-next", "clerk", key="1").status_code == 204
    first = api.post(f"{window}/call-next", "clerk", key="2")
    assert first.json is not None
    assert first.json["id"] == ticket["id"]
    assert api.post(f"{window}/call-next", "clerk", key="2").json == first.json


def test_a_holders_repeated_cancel_is_answered_again(api: Office) -> None:
    ticket = api.issue()
    path = f"/tickets/{ticket['id']}/cancel"
    first = api.post(path, secret=ticket["secret"], key=KEY)
    second = api.post(path, secret=ticket["secret"], key=KEY)
    assert (second.status_code, second.json) == (200, first.json)


def test_a_key_does_not_open_what_its_holders_secret_would(api: Office) -> None:
    ticket = api.issue()
    path = f"/tickets/{ticket['id']}/cancel"
    api.post(path, secret=ticket["secret"], key=KEY)
    assert code(api.post(path, key=KEY)) == (401, "not_signed_in")
    assert code(api.post(path, secret="0" * 64, key=KEY)) == (403, "not_your_ticket")


# --- cookies ------------------------------------------------------------------------------------------


@pytest.fixture
def signed_in(api: Office) -> tuple[FlaskClient, str]:
    """A clerk's browser, and the form token of its pages."""
    return api.browser("clerk")


def test_a_browsers_call_needs_the_token_of_our_own_page(
    api: Office, signed_in: tuple[FlaskClient, str]
) -> None:
    client, token = signed_in
    with api.unchanged():
        for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "0" * 64}):
            answer = client.post(f"/api/v1/windows/{TOWN_HALL}-1/open", headers=headers)
            assert code(answer) == (403, "not_allowed")
    answer = client.post(f"/api/v1/windows/{TOWN_HALL}-1/open", headers={"X-CSRF-Token": token})
    assert answer.status_code == 200


def test_another_browsers_token_is_no_token(api: Office, signed_in: tuple[FlaskClient, str]) -> None:
    client, _ = signed_in
    stolen = api.keys.secret_of("form", "another-browser")
    with api.unchanged():
        answer = client.post(f"/api/v1/windows/{TOWN_HALL}-1/open", headers={"X-CSRF-Token": stolen})
        assert code(answer) == (403, "not_allowed")


def test_a_cookie_reads_without_a_token(signed_in: tuple[FlaskClient, str]) -> None:
    client, _ = signed_in
    assert client.get(f"/api/v1/windows/{TOWN_HALL}-1").status_code == 200


def test_an_expired_cookie_makes_a_stranger_not_an_intruder(api: Office) -> None:
    client = api.client()
    client.set_cookie("tongban_session", "expired-long-ago")
    assert client.get("/api/v1/halls").status_code == 200
    assert client.get(f"/api/v1/windows/{TOWN_HALL}-1").status_code == 401
