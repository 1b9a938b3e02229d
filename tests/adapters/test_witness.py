"""Outside witnesses: one contract for a folder, for somebody behind HTTP, and for the pretend one."""

import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.witness import pretend
from adapters.witness.file import FileWitness, lines_since
from adapters.witness.http import HttpWitness
from dispatch.foundation import heads
from dispatch.foundation.heads import FIRST_SEAL
from dispatch.ports.witness import Witness
from tests.adapters.receiver import Receiver

KEY = Ed25519PrivateKey.generate()
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
Kept = Callable[[], list[str]]


def batch(count: int = 2, day: int = 22) -> list[str]:
    """Lines that end with a seal."""
    at = NOW.replace(day=day)
    lines = [heads.Head(f"H-{number}", 1, number, "a" * 64, at).line(KEY) for number in range(count)]
    return [*lines, heads.seal(FIRST_SEAL, lines, at).line(KEY)]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who takes what is posted to him."""
    with Receiver() as running:
        yield running


@pytest.fixture(params=["file", "http", "pretend"])
def witness(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Witness, Kept]:
    """One of each, and what it has kept."""
    if request.param == "file":
        folder = FileWitness(tmp_path / "outside")
        return folder, lambda: [line for path in folder.files() for line in path.read_text().splitlines()]
    if request.param == "http":
        running: Receiver = request.getfixturevalue("receiver")
        return HttpWitness(running.url), lambda: running.lines
    kept = pretend.PretendWitness("one")
    return kept, lambda: kept.lines


def test_what_is_taken_is_kept_in_order(witness: tuple[Witness, Kept]) -> None:
    keeper, kept = witness
    assert keeper.take(batch(2))
    assert keeper.take(batch(3))
    assert kept() == batch(2) + batch(3)


@pytest.mark.parametrize("answer", [400, 404, 500, 302])
def test_a_refusal_is_no_taking(receiver: Receiver, answer: int) -> None:
    receiver.answer = answer
    assert not HttpWitness(receiver.url).take(batch())
    assert receiver.lines == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "ftp://127.0.0.1/", "nowhere", "http://[bad/"])
def test_out_of_reach_is_told_and_raises_nothing(url: str) -> None:
    assert not HttpWitness(url).take(batch())


def test_a_silent_receiver_is_given_up_soon(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.witness.http.PATIENCE_S", 0.2)
    receiver.silent = True
    assert not HttpWitness(receiver.url).take(batch())


def test_name_and_password_go_as_such_and_stay_out_of_the_log(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    url = receiver.url.replace("http://", "http://tongban:geheim@")
    assert HttpWitness(url).take(batch())
    assert receiver.authorization.startswith("Basic ")
    receiver.answer = 500
    HttpWitness(url).take(batch())
    assert "refuses" in caplog.text
    assert "geheim" not in caplog.text


def test_a_disk_that_takes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("no folder")
    assert not FileWitness(tmp_path / "outside").take(batch())


def test_files_are_daily_and_not_for_everybody(tmp_path: Path) -> None:
    folder = FileWitness(tmp_path / "outside")
    folder.append(batch(day=22))
    folder.append(batch(day=23))
    assert [path.name for path in folder.files()] == ["heads-2026-11-22.jsonl", "heads-2026-11-23.jsonl"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.files()} == {0o640}
    assert stat.S_IMODE(folder.folder.stat().st_mode) == 0o750


def test_what_was_torn_stays_and_ends(tmp_path: Path) -> None:
    folder = FileWitness(tmp_path)
    folder.append(batch())
    (path,) = folder.files()
    os.truncate(path, path.stat().st_size - 10)
    folder.append(batch())
    torn = batch()[-1][:-9]
    assert path.read_text().splitlines() == [*batch()[:-1], torn, *batch()]


@pytest.mark.parametrize("size", [10, 70_000, 2_000_000])
def test_the_last_lines_are_found_from_the_end(tmp_path: Path, size: int) -> None:
    path = tmp_path / "some"
    path.write_bytes(b"begin 1\nbegin 2\n" + b"x" * size + b"\nlast")
    assert lines_since(path, lambda line: line.startswith("begin")) == ["begin 2", "x" * size, "last"]
    assert len(lines_since(path, lambda line: False)) == 4
