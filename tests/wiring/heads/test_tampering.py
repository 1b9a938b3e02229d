"""Whatever is done to a log, to its head or to the record of signed heads, is found, and found where it was done."""

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.foundation.access import system
from dispatch.foundation.log import CITY, EpochBegun
from dispatch.wiring.heads import keys
from dispatch.wiring.heads.reading import Record, RecordFault
from dispatch.wiring.verify_log import Verdict, verify
from tests.soak_tables import tell
from tests.wiring.heads.conftest import HALL, OTHER, Minutes
from tests.wiring.heads.tampering import LOGS, RECORDS, Lines, Log

SIGNED = {HALL: 28, OTHER: 12, CITY: 6}
NEWER = 3


class Undone(Exception):
    """Ends a transaction as if it had never been."""


@pytest.fixture
def city(minutes: Minutes) -> Minutes:
    """Three days of heads over three logs, one of them with a second epoch, and some entries newer than any head."""
    for day in range(3):
        for minute in range(4):
            minutes.write(HALL, 2 + (minute == day))
            if minute % 2:
                minutes.write(OTHER, 2)
            if minute == 3:
                minutes.write(CITY, 2)
            if (day, minute) == (1, 1):
                epoch_begins(minutes)
            minutes.sign()
        minutes.now += timedelta(days=1)
    minutes.write(HALL, NEWER)
    return minutes


def epoch_begins(city: Minutes) -> None:
    with city.database.work() as session:
        log.announce(session, HALL, EpochBegun("restored"), at=city.now, actor=system("test"))


@contextmanager
def undone(city: Minutes) -> Iterator[Session]:
    """A transaction that never was."""
    try:
        with city.database.work() as session:
            yield session
            raise Undone
    except Undone:
        pass


def records(city: Minutes, *folders: Path) -> list[Record]:
    known = keys.public_keys(city.var / "keys")
    return [Record(sorted(folder.glob("*.jsonl")), known) for folder in folders]


def after_a_log_was_tampered_with(city: Minutes, seed: int) -> tuple[str, bool]:
    """What was done, and whether it was found where it was done. Nothing is said of the other logs."""
    chance = random.Random(seed)
    hall = chance.choice(list(SIGNED))
    tamper = LOGS[seed % len(LOGS)]
    with undone(city) as session:
        found = tamper(Log(session, chance, hall, SIGNED[hall]))
        verdict = verify(session, records(city, city.folder))
        told = {getattr(fault, "hall", None) for fault in verdict.faults}
        return tamper.__name__, found(verdict) and told <= {hall, "TWIN", None}
    raise AssertionError


def after_the_record_was_tampered_with(city: Minutes, seed: int, copy: Path) -> tuple[str, bool]:
    chance = random.Random(seed)
    shutil.copytree(city.folder, copy)
    files = sorted(copy.glob("*.jsonl"))
    number = chance.randrange(1, 3)
    tamper = RECORDS[seed % len(RECORDS)]
    found = tamper(Lines(chance, files[number], files[2] if number == 1 else None))
    with city.database.reading() as session:
        verdict = verify(session, records(city, copy))
    shutil.rmtree(copy)
    return tamper.__name__, found(verdict)


def tried(city: Minutes, tmp_path: Path, seeds: range) -> list[dict[str, object]]:
    """A table of what was done and how often it was found; one in three goes for the record."""
    done: Counter[str] = Counter()
    missed: dict[str, list[int]] = {}
    for seed in seeds:
        if seed % 3:
            name, found = after_a_log_was_tampered_with(city, seed)
        else:
            name, found = after_the_record_was_tampered_with(city, seed // 3, tmp_path / "copy")
        done[name] += 1
        if not found:
            missed.setdefault(name, []).append(seed)
    return [
        {"tampering": name, "done": count, "not found or elsewhere": missed.get(name, [])}
        for name, count in sorted(done.items())
    ]


def test_the_city_is_sound_before_anybody_tampers(city: Minutes) -> None:
    verdict = city.verify()
    assert verdict.faults == []
    assert verdict.unproven == NEWER


def test_every_tampering_is_found_where_it_was_done(city: Minutes, tmp_path: Path) -> None:
    table = tried(city, tmp_path, range(168 if city.database.sqlite else 42))
    assert [row for row in table if row["not found or elsewhere"]] == []
    assert len(table) == len(LOGS) + len(RECORDS)


@pytest.mark.soak
def test_a_thousand_tamperings_are_found_where_they_were_done(city: Minutes, tmp_path: Path) -> None:
    table = tried(city, tmp_path, range(1000))
    kind = "sqlite" if city.database.sqlite else "postgresql"
    tell(f"tampering-{kind}", table)
    assert [row for row in table if row["not found or elsewhere"]] == []


@pytest.mark.parametrize("left", [1, 2])
def test_only_the_witness_shows_that_the_records_own_tail_was_cut(
    city: Minutes, tmp_path: Path, left: int
) -> None:
    """However many batches are left, and so it does when signing went on after the cut."""
    shutil.copytree(city.folder, tmp_path / "witness")
    last = city.files[-1]
    lines = last.read_text().splitlines()
    seals = [number for number, line in enumerate(lines, 1) if '"hall":"heads"' in line]
    last.write_text("".join(f"{line}\n" for line in lines[: seals[left - 1]]))
    assert [fault.file for fault in compared(city, tmp_path)] == [str(last)]
    city.write()
    city.sign()
    (parted,) = compared(city, tmp_path)
    assert parted.file in [str(path) for path in city.files]
    assert "it is not what stands in" in parted.what


def compared(city: Minutes, tmp_path: Path) -> list[RecordFault]:
    with city.database.reading() as session:
        found: Verdict = verify(session, records(city, city.folder, tmp_path / "witness"))
    assert city.verify().faults == []
    return [fault for fault in found.faults if isinstance(fault, RecordFault)]


def test_what_no_head_has_seen_can_be_rewritten_unseen(city: Minutes) -> None:
    """The limit of it all: it is told how many entries that is."""
    with undone(city) as session:
        Log(session, random.Random(1), HALL, SIGNED[HALL]).rewrite(SIGNED[HALL] + 1)
        verdict = verify(session, records(city, city.folder))
        assert verdict.faults == []
        assert verdict.unproven == NEWER
