"""The log's verification names every entry that was edited, deleted, doubled or reordered."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.log import Event, LogEntry, LogHead

HALL, OTHER = "town", "village"
LENGTH = 12
BEGAN = datetime(2024, 3, 4, 1, tzinfo=UTC)
SEQS = st.integers(1, LENGTH)


@dataclass(frozen=True)
class Noted(Event):
    """Something with a text, a number and a list, so that every kind of value is in the bodies."""

    text: str
    count: int
    names: list[str]


class Undone(Exception):
    """Ends a transaction as if it had never been."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Two halls with a log each, on each database. Every test undoes what it did, so all of them share these."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("integrity") / "city.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield from _written(f"sqlite:///{path}")
    else:
        with request.getfixturevalue("postgres_databases").fresh() as url:
            yield from _written(url)


def _written(url: str) -> Iterator[Database]:
    """Several entries to a transaction."""
    database = Database(url)
    for hall in (HALL, OTHER):
        with database.work() as session:
            log.begin(session, hall, at=BEGAN)
        for first in range(0, LENGTH, 3):
            with database.work() as session:
                for index in range(first, first + 3):
                    news = Noted(f"第 {index} 号", index, ["a", "b"])
                    log.announce(session, hall, news, at=BEGAN + timedelta(minutes=index), actor=system("x"))
    yield database
    database.dispose()


def faults_after(database: Database, tamper: Callable[[Session], None]) -> dict[int, set[str]]:
    """What the verification says of a log that was tampered with, by seq; the tampering is then undone."""
    found: dict[int, set[str]] = {}
    try:
        with database.work() as session:
            tamper(session)
            for fault in log.faults(session, HALL):
                assert fault.hall == HALL
                found.setdefault(fault.seq, set()).add(fault.what)
            assert list(log.faults(session, OTHER)) == []
            raise Undone
    except Undone:
        return found


def entry(session: Session, seq: int, hall: str = HALL) -> Any:  # noqa: ANN401 - a row with the columns of LogEntry
    wanted = select(LogEntry.__table__).where(LogEntry.hall == hall, LogEntry.seq == seq)
    return session.execute(wanted).one()


def put(session: Session, number: int, **values: object) -> None:
    """Change columns of the entry of this number."""
    here = (LogEntry.hall == HALL) & (LogEntry.seq == number)
    session.execute(update(LogEntry.__table__).where(here).values(**values))  # type: ignore[arg-type]


def add(session: Session, row: Any, **values: object) -> None:  # noqa: ANN401 - such a row
    """Write this entry once more, changed."""
    session.execute(insert(LogEntry.__table__), [{**row._mapping, **values}])  # type: ignore[arg-type]


def drop(session: Session, first: int, last: int) -> None:
    session.execute(delete(LogEntry).where(LogEntry.hall == HALL, LogEntry.seq.between(first, last)))


def head(session: Session, **values: object) -> None:
    session.execute(update(LogHead).where(LogHead.hall == HALL).values(**values))


any_seq = pytest.mark.parametrize("seq", [1, 2, LENGTH // 2, LENGTH - 1, LENGTH])


def test_an_untouched_log_has_no_faults(written: Database) -> None:
    assert faults_after(written, lambda session: None) == {}


@settings(max_examples=60, deadline=None)
@given(seq=SEQS, place=st.integers(0, 10_000), letter=st.characters(codec="utf-8", exclude_characters="\0"))
def test_any_other_letter_in_any_body_is_found(written: Database, seq: int, place: int, letter: str) -> None:
    changed: list[bool] = []

    def tamper(session: Session) -> None:
        body = entry(session, seq).body
        at = place % len(body)
        edited = body[:at] + letter + body[at + 1 :]
        changed.append(edited != body)
        put(session, seq, body=edited)

    found = faults_after(written, tamper)
    assert ("its text was edited" in found.get(seq, set())) == changed[0]


@any_seq
def test_a_body_that_says_the_same_in_other_bytes_is_found(written: Database, seq: int) -> None:
    found = faults_after(written, lambda s: put(s, seq, body=entry(s, seq).body + " "))
    assert found == {seq: {"its text was edited"}}


@any_seq
def test_an_edited_and_rehashed_entry_shows_at_its_neighbour(written: Database, seq: int) -> None:
    """By itself it is flawless: it is the entry after it, or the head, that does not fit."""

    def tamper(session: Session) -> None:
        old = entry(session, seq)
        body = old.body.replace('"count":', '"count":9')
        assert body != old.body
        put(session, seq, body=body, hash=log.chain(old.prev, body))

    found = faults_after(written, tamper)
    assert list(found) == [min(seq + 1, LENGTH)]
    (what,) = found[min(seq + 1, LENGTH)]
    assert what.startswith("it does not follow" if seq < LENGTH else "the head says")


@any_seq
def test_a_chain_rewritten_to_its_end_shows_at_the_head(written: Database, seq: int) -> None:
    def tamper(session: Session) -> None:
        prev = entry(session, seq).prev
        for each in range(seq, LENGTH + 1):
            body = entry(session, each).body.replace('"text":"', '"text":"not ')
            put(session, each, body=body, prev=prev, hash=log.chain(prev, body))
            prev = log.chain(prev, body)

    (what,) = faults_after(written, tamper)[LENGTH]
    assert what.startswith("the head says")


@pytest.mark.parametrize("seq", [1, 2, LENGTH - 1])
def test_a_deleted_entry_is_named(written: Database, seq: int) -> None:
    assert faults_after(written, lambda s: drop(s, seq, seq)) == {seq: {f"entry {seq} is missing"}}


def test_several_deleted_entries_are_named(written: Database) -> None:
    assert faults_after(written, lambda s: drop(s, 4, 6)) == {4: {"entry 4–6 is missing"}}


@pytest.mark.parametrize("left", [0, 1, LENGTH - 1])
def test_a_cut_tail_shows_at_the_head(written: Database, left: int) -> None:
    found = faults_after(written, lambda s: drop(s, left + 1, LENGTH))
    assert found == {LENGTH: {f"the head says {LENGTH}, the last entry is {left}"}}


def test_a_log_without_its_head_is_found(written: Database) -> None:
    def tamper(session: Session) -> None:
        session.execute(delete(LogHead).where(LogHead.hall == HALL))

    assert faults_after(written, tamper) == {LENGTH: {"the log has no head"}}


@pytest.mark.parametrize("values", [{"seq": LENGTH + 1}, {"seq": LENGTH - 1}, {"hash": "f" * 64}])
def test_a_head_that_differs_is_found(written: Database, values: dict[str, object]) -> None:
    (what,) = {
        what for found in faults_after(written, lambda s: head(s, **values)).values() for what in found
    }
    assert what.startswith("the head says")


@pytest.mark.parametrize(("one", "other"), [(1, 2), (3, 4), (2, 9), (1, LENGTH)])
def test_two_entries_that_changed_places_are_both_named(written: Database, one: int, other: int) -> None:
    def tamper(session: Session) -> None:
        put(session, one, seq=LENGTH + 50)
        put(session, other, seq=one)
        put(session, LENGTH + 50, seq=other)

    found = faults_after(written, tamper)
    assert {one, other} <= found.keys()
    assert all(any("moved or renamed" in what for what in found[seq]) for seq in (one, other))


@any_seq
def test_an_entry_given_another_number_is_found(written: Database, seq: int) -> None:
    found = faults_after(written, lambda s: put(s, seq, seq=LENGTH + 7))
    assert any("moved or renamed" in what for what in found[LENGTH + 7])
    assert any("missing" in what for what in found[seq])


@any_seq
@pytest.mark.parametrize(
    "values",
    [
        {"kind": "Other"},
        {"epoch": 2},
        {"at": BEGAN + timedelta(days=1)},
        {"at": BEGAN - timedelta(microseconds=1)},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_changed_column_is_found(written: Database, seq: int, values: dict[str, object]) -> None:
    found = faults_after(written, lambda s: put(s, seq, **values))
    assert any("columns differ" in what for what in found[seq])


@any_seq
@pytest.mark.parametrize("column", ["prev", "hash"])
def test_a_changed_hash_is_found(written: Database, seq: int, column: str) -> None:
    found = faults_after(written, lambda s: put(s, seq, **{column: "f" * 64}))
    assert "its text was edited" in found[seq]


@any_seq
def test_a_copy_of_an_entry_is_found(written: Database, seq: int) -> None:
    """At the end, where there is a free number."""

    def tamper(session: Session) -> None:
        add(session, entry(session, seq), seq=LENGTH + 1)

    found = faults_after(written, tamper)
    assert any("moved or renamed" in what for what in found[LENGTH + 1])


def test_an_entry_put_in_between_is_found(written: Database) -> None:
    """The rest is moved up by one, so that its place is free."""

    def tamper(session: Session) -> None:
        for seq in range(LENGTH, 4, -1):
            put(session, seq, seq=seq + 1)
        add(session, entry(session, 4), seq=5)

    found = faults_after(written, tamper)
    assert {5, 6, LENGTH + 1} <= found.keys()


@any_seq
def test_an_entry_of_another_hall_is_found(written: Database, seq: int) -> None:
    def tamper(session: Session) -> None:
        foreign = entry(session, seq, OTHER)
        drop(session, seq, seq)
        add(session, foreign, hall=HALL)

    found = faults_after(written, tamper)
    assert any("columns differ" in what for what in found[seq])


@pytest.mark.parametrize("body", ["", "null", "[]", "{}", '{"hall":1}', "\\"])
def test_a_body_that_is_no_entry_is_named_and_the_rest_still_read(written: Database, body: str) -> None:
    def tamper(session: Session) -> None:
        put(session, 3, body=body)
        put(session, 8, kind="Other")

    found = faults_after(written, tamper)
    assert "its text was edited" in found[3]
    assert "its text cannot be read" in found[3]
    assert any("columns differ" in what for what in found[8])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("prev", ""),
        ("hash", ""),
        ("hash", "no hash"),
        ("prev", "no hash"),
    ],
)
def test_a_hash_that_is_none_is_named_and_the_rest_still_read(
    written: Database, column: str, value: str
) -> None:
    def tamper(session: Session) -> None:
        put(session, 3, **{column: value})
        put(session, 8, kind="Other")

    found = faults_after(written, tamper)
    assert 3 in found
    assert 8 in found


def test_a_time_that_goes_backwards_is_found_though_the_chain_holds(written: Database) -> None:
    """Whoever holds the key of no head may still write a sound chain: it must be sound in time too."""

    def tamper(session: Session) -> None:
        last = entry(session, LENGTH)
        early = last.at - timedelta(days=1)
        body = last.body.replace(
            last.at.isoformat(timespec="microseconds"), early.isoformat(timespec="microseconds")
        )
        digest = log.chain(last.prev, body)
        put(session, LENGTH, body=body, at=early, hash=digest)
        head(session, hash=digest)

    assert "its time goes backwards" in faults_after(written, tamper)[LENGTH]


@pytest.mark.parametrize("number", [0, -1])
def test_an_entry_before_the_first_is_found(written: Database, number: int) -> None:
    assert faults_after(written, lambda s: add(s, entry(s, 1), seq=number)) != {}


@pytest.mark.parametrize("values", [{"epoch": 2}, {"at": BEGAN}], ids=lambda values: next(iter(values)))
def test_a_head_of_another_epoch_or_time_is_found(written: Database, values: dict[str, object]) -> None:
    assert faults_after(written, lambda s: head(s, **values)) != {}
