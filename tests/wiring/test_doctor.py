"""`tongban doctor` and `tongban pair-device`, as whoever looks after a hall uses them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from adapters.printers import pretend
from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.halls.devices import hearing, pairing, tokens
from dispatch.halls.devices.hearing import Said
from dispatch.wiring.cli import main
from tests.standing_city import TOWN_HALL, build

Run = Callable[..., Result]


@pytest.fixture
def city(database: Database) -> Database:
    """The standing city."""
    build(database)
    return database


@pytest.fixture
def run(city: Database) -> Run:
    """The command, on this city."""

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(main, ["--database", city.url, *words])

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


def test_a_machine_that_was_never_heard_is_wrong(run: Run) -> None:
    pair(run, "board")
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
    assert "BAD" in result.output


def test_a_hall_without_devices_is_not_sound(run: Run) -> None:
    assert run("doctor").exit_code == 0
    assert card(run)[0] == 1
