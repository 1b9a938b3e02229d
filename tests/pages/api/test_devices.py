"""Machines over the API: paired by a code, heard, revoked; what each kind may, and what it prints."""

import base64
from datetime import timedelta
from typing import Any

import pytest

from dispatch.foundation import clock
from dispatch.halls import finding as halls
from dispatch.halls.devices import pairing, tokens
from tests.pages.api.office import Office, code, fields, told
from tests.standing_city import CITY_HALL, TOWN_HALL

KEY = "a-key-of-this-call-alone"


def ask(api: Office, kind: str = "board") -> dict[str, Any]:
    response = api.post("/devices/pairings", json={"kind": kind})
    assert response.status_code == 201
    return told(response)


def approve(api: Office, user_code: str, who: str | None = "supervisor", **more: object) -> Any:  # noqa: ANN401
    return api.post(
        "/devices/pairings/approve", who, json={"user_code": user_code, "hall": TOWN_HALL, **more}
    )


def collect(api: Office, asked: dict[str, Any]) -> Any:  # noqa: ANN401
    return api.post("/devices/pairings/token", json={"device_code": asked["device_code"]})


def paired(api: Office, kind: str, **more: object) -> dict[str, Any]:
    asked = ask(api, kind)
    assert approve(api, asked["user_code"], "supervisor", **more).status_code == 201
    return told(collect(api, asked))


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is slowed down here."""
    monkeypatch.setattr(pairing, "too_soon", lambda *_, **__: None)


@pytest.mark.usefixtures("patient")
def test_a_machine_is_paired_as_in_rfc_8628(api: Office) -> None:
    asked = ask(api, "kiosk")
    assert asked["expires_in_s"] == 600
    assert asked["interval_s"] == 5
    assert asked["verification_uri"].endswith(asked["user_code"])
    assert code(collect(api, asked)) == (400, "authorization_pending")
    made = approve(api, asked["user_code"].lower(), name="东门", abilities=["print", "id_reader"])
    assert made.status_code == 201
    taken = told(collect(api, asked))
    assert taken["id"] == told(made)["id"]
    assert (taken["kind"], taken["hall"], taken["name"]) == ("kiosk", TOWN_HALL, "东门")
    assert told(api.get("/devices/me", taken["token"]))["abilities"] == ["print", "id_reader"]
    assert code(collect(api, asked)) == (400, "expired_token")


def test_asking_too_soon_is_slowed_down(api: Office) -> None:
    asked = ask(api)
    assert code(collect(api, asked)) == (400, "authorization_pending")
    slower = collect(api, asked)
    assert code(slower) == (400, "slow_down")
    assert told(slower)["interval_s"] == 10


@pytest.mark.usefixtures("patient")
def test_a_refused_machine_is_told(api: Office) -> None:
    asked = ask(api)
    body = {"user_code": asked["user_code"]}
    assert api.post("/devices/pairings/deny", "supervisor", json=body).status_code == 204
    assert code(collect(api, asked)) == (400, "access_denied")


@pytest.mark.parametrize(
    ("who", "answer"),
    [
        (None, (401, "not_signed_in")),
        ("clerk", (403, "not_allowed")),
        ("guide", (403, "not_allowed")),
        ("kiosk", (403, "not_allowed")),
        ("other supervisor", (403, "not_allowed")),
    ],
)
def test_only_who_may_pair_approves(api: Office, who: str | None, answer: tuple[int, str]) -> None:
    asked = ask(api)
    with api.unchanged():
        assert code(approve(api, asked["user_code"], who)) == answer


def test_guessing_codes_ends(api: Office) -> None:
    answers = [code(approve(api, "BBBB-BBBB")) for _ in range(6)]
    assert answers == [(404, "unknown_code")] * 5 + [(429, "too_many_wrong_codes")]
    asked = ask(api)
    assert code(approve(api, asked["user_code"])) == (429, "too_many_wrong_codes")


def test_a_caller_needs_its_window(api: Office) -> None:
    asked = ask(api, "caller")
    refused = approve(api, asked["user_code"])
    assert (code(refused), fields(refused)) == ((422, "window_needed"), ["window"])
    assert approve(api, asked["user_code"], window=f"{TOWN_HALL}-1").status_code == 201


def test_one_machine_may_stand_in_for_another(api: Office) -> None:
    old = paired(api, "board")
    new = paired(api, "board", replaces=old["id"])
    assert code(api.get("/devices/me", old["token"])) == (401, "not_signed_in")
    assert told(api.get("/devices/me", new["token"]))["id"] == new["id"]


def test_a_revoked_machine_is_refused_at_once(api: Office) -> None:
    made = paired(api, "kiosk")
    body = {"hall": TOWN_HALL, "queue": "D", "channel": "kiosk"}
    assert api.post("/tickets", made["token"], json=body).status_code == 201
    answer = api.post(f"/devices/{made['id']}/revoke", "supervisor", json={"reason": "lost"})
    assert told(answer)["status"] == "revoked"
    assert code(api.post("/tickets", made["token"], json=body)) == (401, "not_signed_in")
    assert code(api.post("/devices/heartbeat", made["token"], json={})) == (401, "not_signed_in")


def test_heartbeats_carry_nonces_and_answers_can_be_had_again(api: Office) -> None:
    made = paired(api, "kiosk")
    body = {"nonce": made["nonce"], "paper": "low", "state": "showing"}
    first = told(api.post("/devices/heartbeat", made["token"], json=body, key=KEY))
    assert told(api.post("/devices/heartbeat", made["token"], json=body, key=KEY))["nonce"] == first["nonce"]
    body["nonce"] = first["nonce"]
    second = told(api.post("/devices/heartbeat", made["token"], json=body))
    assert second["nonce"] != first["nonce"]
    assert second["token"] is None
    me = told(api.get("/devices/me", made["token"]))
    assert (me["status"], me["paper"], me["state"]) == ("paper_low", "low", "showing")


def test_a_copied_machine_is_found_and_both_are_refused(api: Office) -> None:
    made = paired(api, "kiosk")
    body = {"nonce": made["nonce"]}
    first = told(api.post("/devices/heartbeat", made["token"], json=body))
    assert code(api.post("/devices/heartbeat", made["token"], json=body)) == (401, "device_cloned")
    body["nonce"] = first["nonce"]
    assert code(api.post("/devices/heartbeat", made["token"], json=body)) == (401, "device_cloned")
    assert code(api.get("/devices/me", made["token"])) == (401, "device_cloned")
    listed = told(api.get(f"/halls/{TOWN_HALL}/devices", "supervisor"))["devices"]
    assert [each["status"] for each in listed if each["id"] == made["id"]] == ["cloned"]


def test_only_machines_beat(api: Office) -> None:
    for who in (None, "supervisor", "device-nonsense"):
        assert code(api.post("/devices/heartbeat", who, json={})) == (401, "not_signed_in")


@pytest.mark.parametrize(("who", "status"), [("guide", 200), ("auditor", 200), ("clerk", 403), (None, 401)])
def test_who_sees_a_halls_machines(api: Office, who: str | None, status: int) -> None:
    assert api.get(f"/halls/{TOWN_HALL}/devices", who).status_code == status


def test_a_hall_tells_of_its_kiosks(api: Office) -> None:
    def kiosks() -> object:
        return told(api.get(f"/halls/{TOWN_HALL}"))["kiosks"]

    made = paired(api, "kiosk", abilities=["print", "pay"])
    assert kiosks() == {"count": 2, "working": 1, "abilities": ["pay", "print"]}
    api.post("/devices/heartbeat", made["token"], json={"nonce": made["nonce"], "paper": "out"})
    assert kiosks() == {"count": 2, "working": 0, "abilities": []}


# --- scope --------------------------------------------------------------------------------------------


def test_a_machine_of_a_hall_does_nothing_in_the_halls_below_it(api: Office) -> None:
    with api.standing.database.work() as session:
        now = clock.real_now()
        token = pairing.pair(session, halls.hall(session, CITY_HALL), "kiosk", now=now)
    ticket = api.issue()
    body = {"hall": TOWN_HALL, "queue": "D", "channel": "kiosk"}
    assert api.post("/tickets", token, json=body).status_code == 403
    assert api.get(f"/tickets/{ticket['id']}", token).status_code == 403
    assert api.post(f"/tickets/{ticket['id']}/print", token, json={}).status_code == 403


@pytest.mark.parametrize("kind", ["board", "printer", "pad", "caller"])
def test_only_a_kiosk_gives_out_numbers(api: Office, kind: str) -> None:
    window = {"window": f"{TOWN_HALL}-1"} if kind in ("pad", "caller") else {}
    token = paired(api, kind, **window)["token"]
    body = {"hall": TOWN_HALL, "queue": "D", "channel": "kiosk"}
    assert api.post("/tickets", token, json=body).status_code == 403
    ticket = api.issue()
    assert api.post(f"/tickets/{ticket['id']}/recall", token, json={}).status_code == 403
    assert api.post(f"/windows/{TOWN_HALL}-2/call-next", token, json={}).status_code in (401, 403)
    assert api.post("/devices/help", token, json={}).status_code == 403


def test_help_is_asked_for_by_kiosks(api: Office) -> None:
    made = paired(api, "kiosk")
    assert api.post("/devices/help", made["token"], json={}).status_code == 204
    assert api.town.kinds()[-1] == "HelpWanted"
    assert api.town.entries()[-1].body.count(made["id"]) == 2  # who says it, and where


# --- printing -----------------------------------------------------------------------------------------


def test_a_kiosk_fetches_what_it_has_to_print(api: Office) -> None:
    made = paired(api, "kiosk", abilities=["print"])
    ticket = api.issue(items=["HR-CARD"], queue=None)
    job = told(api.post(f"/tickets/{ticket['id']}/print", made["token"], json={}))
    again = told(api.post(f"/tickets/{ticket['id']}/print", made["token"], json={}))
    assert job["id"] == again["id"]
    (wanted,) = told(api.get("/devices/jobs", made["token"]))["jobs"]
    assert ticket["number"] in wanted["lines"]
    assert wanted["link"].endswith(f"/t/{ticket['id']}?s={ticket['secret']}")
    assert ticket["number"].encode() in base64.b64decode(wanted["escpos"])
    path = f"/devices/jobs/{job['id']}"
    assert told(api.post(f"{path}/take", made["token"], json={}))["state"] == "printing"
    assert told(api.get("/devices/jobs", made["token"]))["jobs"] == []
    assert code(api.post(f"{path}/take", made["token"], json={})) == (409, "wrong_state")
    assert told(api.post(f"{path}/printed", made["token"], json={}))["state"] == "printed"
    reprint = told(api.post(f"/tickets/{ticket['id']}/print", made["token"], json={}))
    assert reprint["id"] != job["id"]


def test_a_job_is_only_for_its_own_machine(api: Office) -> None:
    made, other = (paired(api, "kiosk", abilities=["print"]) for _ in range(2))
    ticket = api.issue()
    job = told(api.post(f"/tickets/{ticket['id']}/print", made["token"], json={}))
    assert code(api.post(f"/devices/jobs/{job['id']}/take", other["token"], json={})) == (404, "not_found")
    assert api.get("/devices/jobs", paired(api, "board")["token"]).status_code == 403


def test_staff_print_on_the_halls_first_printer_that_works(api: Office) -> None:
    ticket = api.issue()
    assert code(api.post(f"/tickets/{ticket['id']}/print", "guide", json={})) == (409, "no_printer")
    silent, made = paired(api, "printer"), paired(api, "printer")
    api.post("/devices/heartbeat", silent["token"], json={"nonce": silent["nonce"], "paper": "out"})
    api.post("/devices/heartbeat", made["token"], json={"nonce": made["nonce"]})
    job = told(api.post(f"/tickets/{ticket['id']}/print", "guide", json={}))
    assert job["device"] == made["id"]
    failed = api.post(f"/devices/jobs/{job['id']}/failed", made["token"], json={"trouble": "paper"})
    assert (told(failed)["state"], told(failed)["trouble"]) == ("failed", "paper")


def test_the_token_of_yesterday_and_of_today(api: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    made = paired(api, "kiosk")
    later = clock.real_now() + tokens.TURNED_EVERY + timedelta(minutes=1)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    turned = told(api.post("/devices/heartbeat", made["token"], json={"nonce": made["nonce"]}))
    assert turned["generation"] == 2
    assert told(api.get("/devices/me", turned["token"]))["id"] == made["id"]
