"""What a newcomer finds after one command."""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime

import httpx

from dispatch.people.otp import code_at
from tests.patience import wait_for
from tests.visits.conftest import DemoCity


def test_the_city_is_alive_within_seconds(demo_city: DemoCity) -> None:
    halls = httpx.get(f"{demo_city.url}/api/v1/halls", params={"limit": 100}).json()["halls"]
    assert len(halls) >= 29
    assert sum(hall["waiting"] for hall in halls) > 0
    with demo_city.staff("supervisor") as boss:

        def served() -> int:
            time.sleep(1)
            return sum(int(hall["served_today"]) for hall in boss.get("/city").json()["halls"])

        before = served()
        assert before > 50
        wait_for(lambda: served() > before, told=lambda: "nobody is served any more")


def test_the_morning_begins_at_half_past_nine(demo_city: DemoCity) -> None:
    started = datetime.fromisoformat(demo_city.told["city_now"])
    now = datetime.fromisoformat(httpx.get(f"{demo_city.url}/api/v1/demo/clock").json()["now"])
    assert (started.hour, started.minute) == (9, 30)
    assert started.weekday() < 5
    assert now >= started


def test_nobody_but_the_guest_is_in_a_quiet_hall(demo_city: DemoCity) -> None:
    first, untouched, _ = demo_city.told["quiet_halls"]  # the other visits of this suite go to the other two
    hall = httpx.get(f"{demo_city.url}/api/v1/halls/{untouched}").json()
    assert {window["state"] for window in hall["windows"]} == {"closed"}
    token = httpx.post(f"{demo_city.url}/api/v1/sessions", json=entry(demo_city.told["logins"][0])).json()[
        "token"
    ]
    log = httpx.get(
        f"{demo_city.url}/api/v1/halls/{untouched}/log", headers={"Authorization": f"Bearer {token}"}
    ).json()
    kinds = {json.loads(each["body"])["kind"] for each in log["entries"]}
    assert not {kind for kind in kinds if kind.startswith(("Ticket", "Window"))}, kinds
    assert len(httpx.get(f"{demo_city.url}/api/v1/halls/{first}").json()["windows"]) >= 10


def entry(login: dict[str, str]) -> dict[str, str]:
    """What signs somebody of the demo file in, now."""
    body = {"username": login["username"], "password": login["password"]}
    if secret := login.get("totp_secret"):
        body["otp"] = code_at(secret, datetime.now(UTC))
    return body


def test_every_login_and_device_works(demo_city: DemoCity) -> None:
    for login in demo_city.told["logins"]:
        session = httpx.post(f"{demo_city.url}/api/v1/sessions", json=entry(login))
        assert session.status_code == 201
        assert session.json()["role"] == login["role"]
    hall, token = demo_city.quiet, demo_city.told["device_tokens"][demo_city.quiet]
    ticket = httpx.post(
        f"{demo_city.url}/api/v1/tickets",
        json={"hall": hall, "queue": "D", "channel": "kiosk"},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert ticket.status_code == 201


def test_the_logs_of_the_living_city_verify(demo_city: DemoCity) -> None:
    command = [sys.executable, "-m", "dispatch.wiring.cli", "--database", demo_city.told["database_url"]]
    verified = subprocess.run([*command, "verify-log"], capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout
    assert verified.stdout.endswith(" 0 faults\n")
