"""`tongban verify-log --heads` on the command line, `tongban keys heads`, and the document's own way of checking."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dispatch.wiring.cli import main
from tests.house.tree import ROOT
from tests.wiring.heads.conftest import HALL, OTHER, Minutes

Run = Callable[..., Result]


@pytest.fixture
def run(minutes: Minutes) -> Run:
    """The command, on a city with a few minutes of heads."""
    for _ in range(3):
        minutes.write(HALL, 2)
        minutes.write(OTHER)
        minutes.sign()

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(main, ["--database", minutes.database.url, *words])

    return invoke


def test_a_sound_city(minutes: Minutes, run: Run) -> None:
    minutes.write(entries=4)
    result = run("verify-log", "--heads", str(minutes.folder))
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "7 signed heads read, 4 entries newer than the last of theirs",
        "13 entries, 0 faults",
    ]


def test_a_cut_tail_is_named(minutes: Minutes, run: Run) -> None:
    cut_tail(minutes)
    result = run("verify-log", "--heads", str(minutes.folder))
    assert result.exit_code == 1
    assert result.output.splitlines()[0] == (
        f"{HALL} 5–6: cut off: entry 6 was signed, the log ends with 4 ({minutes.files[0]} line 8)"
    )
    told = json.loads(run("verify-log", "--heads", str(minutes.folder), "--json").output)
    assert [(fault["hall"], fault["seq"], fault["until"]) for fault in told["faults"]] == [(HALL, 5, 6)]
    assert run("verify-log").exit_code == 0  # the chain alone does not know
    assert run("verify-log", "--heads", str(minutes.folder), "--hall", OTHER).exit_code == 0


def cut_tail(minutes: Minutes) -> None:
    """By hand, as whoever holds the database would."""
    from sqlalchemy import text

    last = "SELECT hash FROM log_entry WHERE hall = 'TOWN' AND seq = 4"
    moment = "SELECT at FROM log_entry WHERE hall = 'TOWN' AND seq = 4"
    with minutes.database.work() as session:
        session.execute(text("DELETE FROM log_entry WHERE hall = 'TOWN' AND seq > 4"))
        session.execute(
            text(f"UPDATE log_head SET seq = 4, hash = ({last}), at = ({moment}) WHERE hall = 'TOWN'")
        )


def test_a_line_that_is_none_is_named_by_its_number(minutes: Minutes, run: Run) -> None:
    lines = minutes.lines
    minutes.files[0].write_text("\n".join([*lines[:2], "no head", *lines[3:], ""]))
    result = run("verify-log", "--heads", str(minutes.files[0]))
    assert result.exit_code == 1
    assert f"{minutes.files[0]} line 3: cannot be read as a head" in result.output


def test_silence_is_told(minutes: Minutes, run: Run) -> None:
    minutes.sign(after=timedelta(minutes=42))
    result = run("verify-log", "--heads", str(minutes.folder))
    assert result.exit_code == 0
    assert (
        "nothing was signed for more than 5 minutes 1 times, the longest from 2026-11-22 08:03"
        in result.output
    )


def test_the_public_key_that_was_given_away_is_enough(minutes: Minutes, run: Run, tmp_path: Path) -> None:
    key = tmp_path / "given.pem"
    key.write_text(run("keys", "heads").output)
    (minutes.var / "keys").rename(minutes.var / "elsewhere")
    assert run("verify-log", "--heads", str(minutes.folder), "--public-key", str(key)).exit_code == 0
    without = run("verify-log", "--heads", str(minutes.folder))
    assert (without.exit_code, len(without.output.splitlines())) == (2, 1)


def test_a_renewed_key_goes_on_beside_the_old_one(minutes: Minutes, run: Run) -> None:
    assert run("keys", "rotate", "--key", "heads").exit_code == 0
    minutes.sign()
    assert run("keys", "heads").output.count("BEGIN PUBLIC KEY") == 2
    os.utime(minutes.var / "keys" / "heads.1", (0, 0))  # it has rested
    assert "heads 0 is destroyed" in run("keys", "retire").output
    minutes.sign()
    assert run("keys", "heads").output.count("BEGIN PUBLIC KEY") == 2
    assert run("verify-log", "--heads", str(minutes.folder)).exit_code == 0


def test_another_citys_key_fits_nothing(minutes: Minutes, run: Run, tmp_path: Path) -> None:
    other = CliRunner(env={"TONGBAN_VAR": str(tmp_path / "other")}).invoke(main, ["keys", "heads"])
    (tmp_path / "other.pem").write_text(other.output)
    given = ("--public-key", str(tmp_path / "other.pem"))
    result = run("verify-log", "--heads", str(minutes.folder), *given)
    assert result.exit_code == 1
    assert "its signature is by none of the keys" in result.output


@pytest.mark.parametrize("holds", [None, "", "-----BEGIN NOTHING-----\n", b"\xff\xfe"])
def test_a_key_that_is_none_is_refused(
    minutes: Minutes, run: Run, tmp_path: Path, holds: str | bytes | None
) -> None:
    path = tmp_path / "key.pem"
    if holds is not None:
        path.write_bytes(holds if isinstance(holds, bytes) else holds.encode())
    result = run("verify-log", "--heads", str(minutes.folder), "--public-key", str(path))
    assert result.exit_code == 2


@pytest.mark.parametrize("holds", [None, "", "folder"])
def test_heads_that_are_none_are_refused(run: Run, tmp_path: Path, holds: str | None) -> None:
    path = tmp_path / "none"
    if holds == "folder":
        path.mkdir()
    elif holds is not None:
        path.write_text(holds)
    assert run("verify-log", "--heads", str(path)).exit_code == 2


def test_the_documents_own_way_of_checking(minutes: Minutes, run: Run, tmp_path: Path) -> None:
    """What docs/log.md has an outsider do, word for word; and both notice a change."""
    (tmp_path / "heads.pem").write_text(run("keys", "heads").output)
    heads = tmp_path / "heads.jsonl"
    heads.write_text(minutes.files[0].read_text())
    assert "Verified Successfully" in by_hand("sh", tmp_path).stdout
    assert by_hand("python", tmp_path).stdout == "10 lines of the record, all bound\n"
    heads.write_text(heads.read_text().replace('"epoch":1', '"epoch":2'))
    assert by_hand("sh", tmp_path).returncode != 0
    assert by_hand("python", tmp_path).returncode != 0


def by_hand(language: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    page = (ROOT / "docs/log.md").read_text(encoding="utf-8")
    snippet = page.partition(f"```{language}\n")[2].partition("```")[0]
    command = [sys.executable, "-c"] if language == "python" else ["sh", "-ec"]
    return subprocess.run([*command, snippet], cwd=folder, capture_output=True, text=True, check=False)
