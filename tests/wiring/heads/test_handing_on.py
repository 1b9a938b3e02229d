"""What an outside witness is given: everything, in order, and later when it could not be reached."""

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.witness import pretend
from adapters.witness.pretend import PretendWitness
from dispatch.foundation.settings import Settings
from dispatch.wiring.heads import handing_on
from dispatch.wiring.heads.handing_on import UNWITNESSED, unsigned, unwitnessed
from tests.adapters.receiver import Receiver
from tests.wiring.heads.conftest import HALL, OTHER, Minutes

ALL_DAY = timedelta(days=1)


@pytest.fixture
def witness(minutes: Minutes, monkeypatch: pytest.MonkeyPatch) -> PretendWitness:
    """A witness whom the city is told of."""
    monkeypatch.setenv("TONGBAN_WITNESS_URL", f"pretend://{minutes.var}")
    return pretend.at(str(minutes.var))


def waits(minutes: Minutes) -> timedelta | None:
    return unwitnessed(Settings(), real_now=minutes.now)


def copy_of(minutes: Minutes, witness: PretendWitness) -> Path:
    copy = minutes.var / "copy.jsonl"
    copy.write_text("".join(f"{line}\n" for line in witness.lines))
    return copy


def test_without_a_witness_nothing_waits(minutes: Minutes) -> None:
    minutes.sign()
    minutes.hand_on()
    assert waits(minutes) is None


def test_the_witness_has_the_record_line_by_line(minutes: Minutes, witness: PretendWitness) -> None:
    for hall in (HALL, OTHER, HALL):
        minutes.write(hall)
        minutes.sign()
        minutes.hand_on()
    minutes.hand_on()
    assert witness.lines == minutes.lines
    assert waits(minutes) is None


def test_what_a_silent_witness_missed_comes_later_and_in_order(
    minutes: Minutes, witness: PretendWitness
) -> None:
    minutes.sign()
    minutes.hand_on()
    witness.reachable = False
    minutes.write()
    minutes.sign()
    for _ in range(80):
        minutes.sign()
        minutes.hand_on()
    waiting = waits(minutes)
    assert waiting == timedelta(minutes=80)
    assert waiting > UNWITNESSED
    minutes.sign(after=ALL_DAY)
    witness.reachable = True
    minutes.hand_on()
    assert witness.lines == minutes.lines
    assert waits(minutes) is None
    assert minutes.verify(minutes.folder, copy_of(minutes, witness)).faults == []


def test_much_is_handed_on_in_several_batches(
    minutes: Minutes, witness: PretendWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_on, "AT_ONCE", 3_000)
    for _ in range(30):
        minutes.write()
        minutes.sign()
    minutes.hand_on()
    assert witness.lines == minutes.lines


def test_killed_before_it_was_noted_it_is_handed_on_once_more(
    minutes: Minutes, witness: PretendWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The witness's copy then holds a batch twice, and is still sound."""
    minutes.write()
    minutes.sign()
    minutes.hand_on()
    minutes.write()
    minutes.sign()
    with monkeypatch.context() as patched:
        patched.setattr(handing_on, "_note", lambda *_: None)
        patched.setattr(handing_on, "BATCHES_A_RUN", 1)
        minutes.hand_on()
    minutes.hand_on()
    minutes.write()
    minutes.sign()
    minutes.hand_on()
    assert len(witness.lines) > len(minutes.lines)
    verdict = minutes.verify(minutes.folder, copy_of(minutes, witness))
    assert (verdict.faults, verdict.remarks) == ([], [])


def test_a_new_witness_begins_with_the_newest_day(
    minutes: Minutes, witness: PretendWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes.sign()
    minutes.hand_on()
    minutes.sign(after=ALL_DAY)
    monkeypatch.setenv("TONGBAN_WITNESS_URL", f"pretend://{minutes.var}-new")
    minutes.hand_on()
    assert pretend.at(f"{minutes.var}-new").lines == minutes.files[1].read_text().splitlines()


def test_a_note_that_a_power_cut_emptied_costs_only_doubles(
    minutes: Minutes, witness: PretendWitness
) -> None:
    minutes.sign()
    minutes.hand_on()
    (minutes.folder / "handed-on.json").write_text("")
    minutes.hand_on()
    assert witness.lines == minutes.lines * 2


def test_over_http_and_to_a_folder(minutes: Minutes, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes.write()
    minutes.sign()
    with Receiver() as receiver:
        monkeypatch.setenv("TONGBAN_WITNESS_URL", receiver.url)
        receiver.answer = 503
        minutes.hand_on()
        assert waits(minutes) == timedelta(0)
        receiver.answer = 200
        minutes.hand_on()
        assert receiver.lines == minutes.lines
    monkeypatch.setenv("TONGBAN_WITNESS_URL", f"file://{minutes.var}/outside")
    minutes.hand_on()
    assert (minutes.var / "outside" / minutes.files[0].name).read_text() == minutes.files[0].read_text()


def test_a_record_that_nobody_writes_is_told(minutes: Minutes) -> None:
    assert unsigned(Settings(), real_now=minutes.now) is None
    minutes.sign()
    minutes.now += timedelta(minutes=9)
    assert unsigned(Settings(), real_now=minutes.now) == timedelta(minutes=9)
