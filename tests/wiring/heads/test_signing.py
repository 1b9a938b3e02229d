"""Heads are signed minute by minute, and the record survives whatever ends the process that writes it."""

import json
import stat
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from dispatch.foundation import heads, log
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.ids import Keyring
from dispatch.foundation.log import CITY, EpochBegun, LogHead
from dispatch.wiring.heads import keys, signing
from tests.wiring.heads.conftest import HALL, OTHER, Minutes

FIELDS = ["at", "epoch", "hall", "hash", "seq", "signature"]


def said(lines: list[str]) -> list[tuple[str, int]]:
    """Hall and number of each line."""
    return [(each["hall"], each["seq"]) for each in map(json.loads, lines)]


def test_a_head_says_where_its_log_ends(minutes: Minutes) -> None:
    minutes.write(entries=3)
    minutes.sign()
    line = json.loads(minutes.lines[0])
    assert list(line) == FIELDS
    with minutes.database.reading() as session:
        head = session.get_one(LogHead, HALL)
        assert (line["hall"], line["epoch"], line["seq"], line["hash"]) == (HALL, 1, 3, head.hash)
    assert line["at"] == minutes.now.isoformat()


def test_a_day_begins_with_every_log_and_goes_on_with_those_that_moved(minutes: Minutes) -> None:
    minutes.write()
    minutes.sign()
    minutes.write(OTHER, entries=2)
    minutes.sign()
    minutes.sign()
    everybody = [(HALL, 1), (OTHER, 0), (CITY, 0)]
    assert sorted(said(minutes.lines[:3])) == sorted(everybody)
    assert said(minutes.lines[3:]) == [(heads.SEALS, 4), (OTHER, 2), (heads.SEALS, 6), (heads.SEALS, 7)]
    assert minutes.verify().faults == []


def test_a_new_days_file_stands_by_itself(minutes: Minutes) -> None:
    minutes.write(entries=2)
    minutes.sign()
    last = minutes.lines[-1]
    minutes.sign(after=timedelta(days=1))
    assert [path.name for path in minutes.files] == ["heads-2026-11-22.jsonl", "heads-2026-11-23.jsonl"]
    assert minutes.files[1].read_text().splitlines()[0] == last
    assert minutes.verify().faults == []
    alone = minutes.verify(minutes.files[1])
    assert alone.faults == []
    assert alone.heads == 3
    assert "goes on where line 4 of the record ended" in alone.remarks[0]


def test_a_clock_set_back_never_writes_into_an_older_file(minutes: Minutes) -> None:
    minutes.sign()
    minutes.sign(after=timedelta(days=1))
    minutes.write()
    minutes.sign(after=-timedelta(days=1))
    assert said(minutes.files[1].read_text().splitlines())[-2] == (HALL, 1)
    assert minutes.verify().faults == []


def test_killed_between_record_and_cursor_it_says_the_same_again(
    minutes: Minutes, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        pass

    def killed(*_: object) -> None:
        raise Killed

    minutes.write()
    with monkeypatch.context() as patched:
        patched.setattr(signing, "_note", killed)
        with pytest.raises(Killed):
            minutes.sign()
    minutes.sign()
    assert said(minutes.lines).count((HALL, 1)) == 2
    verdict = minutes.verify()
    assert (verdict.faults, verdict.remarks, verdict.unproven) == ([], [], 0)


@pytest.mark.parametrize("left", [1, 40, -1])
def test_a_line_torn_by_a_power_cut_is_told_as_such(minutes: Minutes, left: int) -> None:
    """However much of it is left; the next run goes on behind it, and says again what was lost."""
    minutes.write()
    minutes.sign()
    minutes.write()
    whole = minutes.files[0].stat().st_size
    minutes.sign()
    minutes.write()
    with minutes.files[0].open("rb+") as file:
        second = file.read()[whole:].index(b"\n")
        file.truncate(whole + (left if left > 0 else second + 1 + 30))
    assert [fault.what for fault in minutes.verify().faults] == []
    assert "torn, as a power cut leaves it" in minutes.verify().remarks[0]
    minutes.sign()
    verdict = minutes.verify()
    assert verdict.faults == []
    assert "torn, as a power cut leaves it" in verdict.remarks[0]
    assert verdict.unproven == 0


def test_a_new_epoch_goes_on(minutes: Minutes) -> None:
    minutes.write(entries=2)
    minutes.sign()
    with minutes.database.work() as session:
        log.announce(session, HALL, EpochBegun("restored"), at=minutes.now, actor=system("test"))
    minutes.write()
    minutes.sign()
    assert json.loads(minutes.lines[-2])["epoch"] == 2
    assert minutes.verify().faults == []


def test_the_key_is_the_owners_and_rotates(minutes: Minutes) -> None:
    minutes.write()
    minutes.sign()
    folder = minutes.var / "keys"
    assert stat.S_IMODE((folder / "heads").stat().st_mode) == 0o600
    assert stat.S_IMODE(minutes.files[0].stat().st_mode) == 0o640
    Keyring(folder).renew(heads.KEY)
    minutes.write()
    minutes.sign()
    Keyring(folder).forget(heads.KEY, 0)  # its public half stays
    minutes.write()
    minutes.sign()
    assert len(keys.public_keys(folder)) == 2
    assert minutes.verify().faults == []
    (folder / "heads.pub").unlink()
    assert minutes.verify().faults != []


def test_two_signers_at_once_write_one_record(minutes: Minutes) -> None:
    def sign_often() -> None:
        for _ in range(5):
            signing.sign_heads(minutes.database)

    minutes.write()
    signers = [threading.Thread(target=sign_often) for _ in range(4)]
    for signer in signers:
        signer.start()
    for signer in signers:
        signer.join()
    assert minutes.verify().faults == []
    assert said(minutes.lines).count((HALL, 1)) == 1


def test_a_city_without_any_log_is_signed_too(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGBAN_VAR", str(tmp_path))
    signing.sign_heads(database)
    signing.sign_heads(database)
    empty = Minutes(database, tmp_path)
    assert said(empty.lines) == [(heads.SEALS, 1), (heads.SEALS, 2)]
    assert empty.verify().faults == []
