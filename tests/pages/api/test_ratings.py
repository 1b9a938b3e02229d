"""好差评: once for each service, by its holder or the small screen at the window, and counted for the hall."""

import pytest

from dispatch.foundation import clock
from dispatch.halls import finding
from dispatch.halls.devices import pairing
from tests.pages.api.office import Office, code
from tests.standing_city import TOWN_HALL


def machine(api: Office, kind: str, window: str = "1") -> str:
    """The token of a machine that stands at a window."""
    with api.standing.database.work() as session:
        place = finding.hall(session, TOWN_HALL)
        about = pairing.About(window=f"{TOWN_HALL}-{window}")
        return pairing.pair(session, place, kind, now=clock.real_now(), about=about)


def finished(api: Office) -> dict[str, str]:
    ticket = api.called()
    assert api.post(f"/tickets/{ticket['id']}/finish", "clerk").status_code == 200
    return ticket


def test_the_holder_rates_once(api: Office) -> None:
    ticket = finished(api)
    body = {"level": "satisfied", "reasons": []}
    first = api.post(f"/tickets/{ticket['id']}/rating", json=body, secret=ticket["secret"])
    assert first.status_code == 201
    assert first.json == {
        "ticket": ticket["id"],
        "window": f"{TOWN_HALL}-1",
        "level": "satisfied",
        "reasons": [],
        "given_by": "holder",
    }
    again = api.post(f"/tickets/{ticket['id']}/rating", json=body, secret=ticket["secret"])
    assert code(again) == (409, "rated_before")


def test_the_small_screen_at_the_window_rates_and_no_other_machine_may(api: Office) -> None:
    ticket = finished(api)
    body = {"level": "very_dissatisfied", "reasons": ["slow", "slow", "attitude"]}
    url = f"/tickets/{ticket['id']}/rating"
    for who in ("kiosk", "board", machine(api, "pad", "2")):
        with api.unchanged():
            assert code(api.post(url, who, json=body)) == (403, "not_allowed")
    answer = api.post(url, machine(api, "pad"), json=body)
    assert answer.json is not None
    assert (answer.status_code, answer.json["given_by"], answer.json["reasons"]) == (
        201,
        "pad",
        ["attitude", "slow"],
    )


@pytest.mark.parametrize("who", ["clerk", "supervisor", "guide"])
def test_staff_never_rate_themselves(api: Office, who: str) -> None:
    ticket = finished(api)
    with api.unchanged():
        assert code(api.post(f"/tickets/{ticket['id']}/rating", who, json={"level": "satisfied"})) == (
            403,
            "not_allowed",
        )
        stranger = api.post(f"/tickets/{ticket['id']}/rating", json={"level": "satisfied"})
        assert code(stranger) == (401, "not_signed_in")


def test_only_a_finished_service_is_rated(api: Office) -> None:
    ticket = api.called()
    with api.unchanged():
        answer = api.post(
            f"/tickets/{ticket['id']}/rating", json={"level": "satisfied"}, secret=ticket["secret"]
        )
        assert code(answer) == (409, "nothing_to_rate")
        bad = api.post(f"/tickets/{ticket['id']}/rating", json={"level": "fine"}, secret=ticket["secret"])
        assert bad.status_code == 422


def test_the_hall_counts_them_for_whoever_answers_for_it(api: Office) -> None:
    ticket = finished(api)
    api.post(f"/tickets/{ticket['id']}/rating", json={"level": "fair"}, secret=ticket["secret"])
    told = api.get(f"/halls/{TOWN_HALL}/ratings", "supervisor").json
    assert told is not None
    assert (told["finished"], told["rated"], told["levels"]["fair"]) == (1, 1, 1)
    assert [row["window"] for row in told["windows"]] == [f"{TOWN_HALL}-1"]
    other_day = api.get(f"/halls/{TOWN_HALL}/ratings?day=2026-01-05", "supervisor").json
    assert other_day is not None
    assert other_day["finished"] == 0
    assert code(api.get(f"/halls/{TOWN_HALL}/ratings", "clerk")) == (403, "not_allowed")
    assert code(api.get(f"/halls/{TOWN_HALL}/ratings", "other supervisor")) == (403, "not_allowed")
    assert code(api.get(f"/halls/{TOWN_HALL}/ratings")) == (401, "not_signed_in")
