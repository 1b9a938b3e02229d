"""Signing in and out."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from dispatch.foundation import clock
from dispatch.people.models import Account, SignIn
from tests.pages.api.office import PASSWORD, Office, code, fields
from tests.standing_city import DISTRICT_HALL, TOWN_HALL

WINDOW = f"/windows/{TOWN_HALL}-1"


def sign_in(api: Office, username: str = "clerk", password: str = PASSWORD) -> tuple[int, dict[str, object]]:
    answer = api.post("/sessions", json={"username": username, "password": password})
    assert answer.json is not None
    return answer.status_code, answer.json


def test_name_and_password_give_a_token_that_works(api: Office) -> None:
    status, told = sign_in(api, "supervisor")
    assert status == 201
    assert (told["role"], told["hall"]) == ("supervisor", DISTRICT_HALL)
    left = datetime.fromisoformat(str(told["expires_at"])) - clock.real_now()
    assert timedelta(hours=11) < left <= timedelta(hours=12)
    assert api.get(WINDOW, str(told["token"])).status_code == 200


def test_signing_out_ends_the_token_and_no_other(api: Office) -> None:
    _, first = sign_in(api)
    _, second = sign_in(api)
    assert api.call("DELETE", "/sessions/current", str(first["token"])).status_code == 204
    assert code(api.get(WINDOW, str(first["token"]))) == (401, "not_signed_in")
    assert code(api.call("DELETE", "/sessions/current", str(first["token"]))) == (401, "not_signed_in")
    assert api.get(WINDOW, str(second["token"])).status_code == 200


@pytest.mark.parametrize(
    ("username", "password"), [("clerk", "wrong"), ("nobody", PASSWORD), ("Clerk", PASSWORD)]
)
def test_a_wrong_name_or_password_is_the_same_refusal(api: Office, username: str, password: str) -> None:
    answer = api.post("/sessions", json={"username": username, "password": password})
    assert code(answer) == (401, "wrong_password")
    assert fields(answer) == []


def test_after_five_failures_even_the_right_password_waits(api: Office) -> None:
    for _ in range(5):
        assert sign_in(api, password="wrong")[0] == 401
    status, told = sign_in(api)
    assert (status, told["code"]) == (429, "too_many_failures")
    assert sign_in(api, "guide")[0] == 201


def test_a_success_forgets_the_failures(api: Office) -> None:
    for _ in range(4):
        sign_in(api, password="wrong")
    assert sign_in(api)[0] == 201
    for _ in range(4):
        assert sign_in(api, password="wrong")[0] == 401
    assert sign_in(api)[0] == 201


def test_an_expired_token_is_no_token(api: Office) -> None:
    with api.standing.database.work() as session:
        session.execute(update(SignIn).values(expires=clock.real_now() - timedelta(seconds=1)))
    assert code(api.get(WINDOW, "clerk")) == (401, "not_signed_in")


def test_an_account_put_out_of_use_is_out_at_once(api: Office) -> None:
    with api.standing.database.work() as session:
        session.execute(update(Account).where(Account.username == "clerk").values(active=False))
    assert code(api.get(WINDOW, "clerk")) == (401, "not_signed_in")
    assert sign_in(api)[0] == 401


def test_a_role_withdrawn_is_withdrawn_at_once(api: Office) -> None:
    with api.standing.database.work() as session:
        session.execute(update(Account).where(Account.username == "clerk").values(role="guide"))
    assert code(api.get(WINDOW, "clerk")) == (403, "not_allowed")


def test_refusals_for_want_of_a_token_say_how_to_bring_one(api: Office) -> None:
    answer = api.get(WINDOW)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Basic Y2xlcms6eA==", "Token x", "\xff\xfe", "Bearer \xff"]
)
def test_any_other_authorization_is_no_sign_in(api: Office, header: str) -> None:
    assert code(api.get(WINDOW, headers={"Authorization": header})) == (401, "not_signed_in")


def test_the_scheme_may_be_written_in_small_letters(api: Office) -> None:
    """RFC 9110: the name of a scheme is case-insensitive."""
    assert api.get(WINDOW, headers={"Authorization": f"bearer {api.tokens['clerk']}"}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [{}, {"username": "clerk"}, {"username": "", "password": "x"}, {"username": "clerk", "password": 7}],
)
def test_half_a_sign_in_is_refused(api: Office, body: dict[str, object]) -> None:
    assert code(api.post("/sessions", json=body)) == (422, "invalid_input")


def test_a_device_cannot_be_signed_out(api: Office) -> None:
    assert code(api.call("DELETE", "/sessions/current", "kiosk")) == (401, "not_signed_in")


# --- the demo's clock ---------------------------------------------------------------------------------


def test_an_administrator_pushes_the_clock_forward_and_never_back(api: Office) -> None:
    told = api.call("PUT", "/demo/clock", "administrator", json={"now": "2026-11-23T15:00:00+08:00"})
    assert told.status_code == 200
    back = api.call("PUT", "/demo/clock", "administrator", json={"now": "2026-11-23T14:59:59+08:00"})
    assert (code(back), fields(back)) == ((409, "clock_backwards"), ["now"])
    now = api.get("/demo/clock").json
    assert now is not None
    assert datetime.fromisoformat(now["now"]).isoformat() == "2026-11-23T07:00:00+00:00"


@pytest.mark.parametrize(
    "body",
    [
        {"now": "2026-11-24T09:00:00"},
        {"now": "tomorrow"},
        {"speed": -1},
        {"speed": 3601},
        {"speed": "NaN"},
        {"to": "2026-11-24T09:00:00+08:00"},
    ],
)
def test_a_bad_clock_is_refused(api: Office, body: dict[str, object]) -> None:
    assert api.call("PUT", "/demo/clock", "administrator", json=body).status_code == 422


@pytest.mark.parametrize("now", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "9999-12-01T00:00:00Z"])
def test_the_end_of_time_is_no_time_to_set_the_clock_to(api: Office, now: str) -> None:
    """It could never be set back, and every call would fail from then on."""
    api.call("PUT", "/demo/clock", "administrator", json={"now": now, "speed": 3600})
    assert api.get("/halls").status_code == 200
    assert api.get(f"/halls/{TOWN_HALL}").status_code == 200


@pytest.mark.parametrize(
    ("who", "status"), [(None, 401), ("clerk", 403), ("supervisor", 403), ("kiosk", 403)]
)
def test_nobody_else_touches_the_clock(api: Office, who: str | None, status: int) -> None:
    with api.unchanged():
        assert api.call("PUT", "/demo/clock", who, json={"speed": 2}).status_code == status
