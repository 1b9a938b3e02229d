"""`tongban doctor` and `tongban pair-device`, as whoever looks after a hall uses them."""

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from click.testing import CliRunner, Result
from sqlalchemy import select

from adapters.printers import pretend
from dispatch.foundation import clock, jobs
from dispatch.foundation.database import Database
from dispatch.foundation.ids import Keyring
from dispatch.foundation.jobs import JobLeader
from dispatch.foundation.log import LogEntry
from dispatch.halls.devices import hearing, pairing, tokens
from dispatch.halls.devices.hearing import Said
from dispatch.halls.devices.models import Device
from dispatch.wiring import doctor
from dispatch.wiring.cli import main
from dispatch.wiring.soundness.redis import OWNER
from tests.patience import PATIENCE_S
from tests.standing_city import TOWN_HALL, build

Run = Callable[..., Result]
AN_HOUR = timedelta(hours=1)
"""A sign of life that stays one, however slow the machine."""


@pytest.fixture
def city(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The standing city, its jobs done, and nobody pressed for time."""
    monkeypatch.setattr(doctor, "WITHIN_S", PATIENCE_S)
    build(database)
    with database.work() as session:
        now = clock.real_now()
        for role in jobs.ROLES:
            session.add(JobLeader(role=role, leader=f"{role} 1", term=1, since=now, heard=now + AN_HOUR))
    return database


@pytest.fixture
def run(city: Database, tmp_path: Path) -> Run:
    """The command, on this city."""

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(main, ["--database", city.url, *words], env={"TONGBAN_VAR": str(tmp_path)})

    return invoke


def pair(run: Run, kind: str, *words: str) -> dict[str, Any]:
    result = run("pair-device", TOWN_HALL, "--kind", kind, "--json", *words)
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.output)
    return told


def beat(city: Database, token: str, **said: object) -> None:
    with city.work() as session:
        now = clock.real_now()
        hearing.hear(session, token, Said(**said), now=now, real_now=now)  # type: ignore[arg-type]


def card(run: Run, *words: str) -> tuple[int, dict[str, Any]]:
    result = run("doctor", "--hall", TOWN_HALL, "--json", *words)
    return result.exit_code, json.loads(result.output)


def test_a_token_made_on_the_command_line_is_good(city: Database, run: Run) -> None:
    told = pair(run, "caller", "--window", "1")
    with city.reading() as session:
        device = tokens.device_of(session, told["token"], real_now=clock.real_now())
        assert (device.id, device.window) == (told["device"], f"{TOWN_HALL}-1")


def test_a_shown_code_is_approved_on_the_command_line(city: Database, run: Run) -> None:
    with city.work() as session:
        asked = pairing.ask(session, "board", real_now=clock.real_now())
    assert run("pair-device", TOWN_HALL, "--code", asked.user_code).exit_code == 0
    with city.work() as session:
        assert pairing.collect(session, asked.device_code, real_now=clock.real_now()).device.hall == TOWN_HALL


@pytest.mark.parametrize(
    "words",
    [
        ("H-NOWHERE", "--kind", "board"),
        (TOWN_HALL,),
        (TOWN_HALL, "--kind", "board", "--code", "BCDF-GHJK"),
        (TOWN_HALL, "--code", "BCDF-GHJK"),
        (TOWN_HALL, "--kind", "pad"),
        (TOWN_HALL, "--kind", "toaster"),
    ],
)
def test_bad_input_ends_with_two(run: Run, words: tuple[str, ...]) -> None:
    assert run("pair-device", *words).exit_code == 2


def test_a_sound_hall(city: Database, run: Run) -> None:
    beat(city, pair(run, "board")["token"], receipt=17, at=clock.real_now())
    printer = pretend.at(f"doctor-{id(city)}")
    pair(run, "printer", "--address", f"pretend://{printer.name}")
    code, told = card(run)
    assert (code, told["ok"]) == (0, True)
    assert {check["what"] for check in told["checks"]} >= {"database", "migrations", "clock", "bus"}
    board, slips = told["devices"]
    assert (board["receipt"], board["paper"], board["generation"]) == (17, "ok", 1)
    assert abs(board["clock_skew_s"]) < 5
    assert slips["printed"] == "printed"
    assert len(printer.printed) == 1


@pytest.mark.parametrize("said", [{"faults": ["jam"]}, {"paper": "out"}])
def test_a_hall_with_something_wrong(city: Database, run: Run, said: dict[str, object]) -> None:
    beat(city, pair(run, "kiosk")["token"], **said)
    code, told = card(run)
    assert (code, told["ok"], told["devices"][0]["ok"]) == (1, False, False)


def test_a_machine_that_was_never_switched_on_is_told_but_no_fault(run: Run) -> None:
    pair(run, "board")
    code, told = card(run)
    assert (code, told["devices"][0]["status"]) == (0, "never_heard")
    assert run("doctor", "--hall", TOWN_HALL).output.splitlines()[-1].startswith("new")


def test_a_machine_that_fell_silent_is_wrong(city: Database, run: Run) -> None:
    beat(city, pair(run, "board")["token"])
    with city.work() as session:
        for device in session.scalars(select(Device)):
            device.heard_at = clock.real_now() - timedelta(minutes=5)
    assert card(run)[0] == 1


def test_a_printer_without_paper_is_wrong(city: Database, run: Run) -> None:
    printer = pretend.at(f"empty-{id(city)}")
    printer.trouble = "paper"
    pair(run, "printer", "--address", f"pretend://{printer.name}")
    code, told = card(run)
    assert (code, told["devices"][0]["printed"]) == (1, "paper")
    assert card(run, "--no-print")[1]["devices"][0]["printed"] is None


def test_the_table_is_read_by_people(city: Database, run: Run) -> None:
    beat(city, pair(run, "board", "--name", "东墙大屏")["token"])
    result = run("doctor", "--hall", TOWN_HALL)
    assert result.exit_code == 0
    row = next(line for line in result.output.splitlines() if "东墙大屏" in line)
    assert row.startswith("ok")
    assert "working" in row


def test_a_database_that_is_not_there(run: Run) -> None:
    result = CliRunner().invoke(main, ["--database", "sqlite:////nowhere/city.db", "doctor"])
    assert result.exit_code == 1
    assert "BAD  database" in result.output
    assert "-> run: tongban migrate" in result.output


def wrong(run: Run) -> dict[str, str]:
    """What is wrong, and what to do about it."""
    told = json.loads(run("doctor", "--json").output)
    return {check["what"]: check["do"] for check in told["checks"] if not check["ok"]}


def test_a_sound_city_has_nothing_wrong(run: Run) -> None:
    assert wrong(run) == {}


def test_a_leader_that_fell_silent(city: Database, run: Run) -> None:
    with city.work() as session:
        session.get_one(JobLeader, "clock").heard -= timedelta(minutes=1)
        session.delete(session.get_one(JobLeader, "forecast"))
    found = wrong(run)
    assert "serve --role" in found["jobs"]


def test_an_entry_that_was_edited(city: Database, run: Run) -> None:
    with city.work() as session:
        newest = session.scalars(select(LogEntry).order_by(LogEntry.hall, LogEntry.seq.desc()).limit(1)).one()
        newest.body = newest.body.replace("actor", "Actor")
    assert f"verify-log --hall {newest.hall}" in wrong(run)["log"]


def test_keys_that_others_can_read(run: Run, tmp_path: Path) -> None:
    Keyring(tmp_path / "keys").key("form")
    assert wrong(run) == {}
    (tmp_path / "keys" / "form").chmod(0o644)
    assert "chmod" in wrong(run)["secrets"]


def test_a_redis_of_another_city(run: Run, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGBAN_REDIS_URL", redis_url)
    assert wrong(run) == {}
    with redis.Redis.from_url(redis_url) as client:
        client.set(OWNER, "0" * 32)
    assert f"DEL {OWNER}" in wrong(run)["bus"]
    monkeypatch.setenv("TONGBAN_REDIS_URL", "redis://127.0.0.1:1/0")
    assert "start it" in wrong(run)["bus"]


def test_a_disk_without_room(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert wrong(run)["disk"] == "make room on it"


def test_a_hall_without_devices_is_not_sound(run: Run) -> None:
    assert run("doctor").exit_code == 0
    assert card(run)[0] == 1
