"""The log: numbered without gaps, chained as the design says, and never in two halls at once."""

import hashlib
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from dispatch.foundation import log
from dispatch.foundation.access import Actor, system
from dispatch.foundation.database import Database, NestedWork
from dispatch.foundation.log import EpochBegun, Event, LogEntry, LogHead

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
CLERK = Actor("staff", "c0ffee", "clerk", "/H-1/")


@dataclass(frozen=True)
class SlipPrinted(Event):
    """A kind of news that only these tests know."""

    number: str
    minutes: float = 1.5


@pytest.fixture
def city(database: Database) -> Database:
    """Two halls whose logs have begun."""
    with database.work() as session:
        for hall in ("H-1", "H-2"):
            log.begin(session, hall, at=NOON)
    return database


def say(city: Database, *numbers: str, hall: str = "H-1", at: datetime = NOON) -> None:
    """One transaction that announces these slips."""
    with city.work() as session:
        for number in numbers:
            log.announce(session, hall, SlipPrinted(number), at=at, actor=CLERK)


def entries(city: Database, hall: str = "H-1") -> list[LogEntry]:
    with city.reading() as session:
        found = log.entries_after(session, hall, 0)
        session.expunge_all()
        return found


def faults(city: Database, hall: str = "H-1") -> list[tuple[int, str]]:
    with city.reading() as session:
        return [(fault.seq, fault.what) for fault in log.faults(session, hall)]


# --- the shape of an entry ----------------------------------------------------------------------------


def test_entries_are_numbered_without_a_gap_across_transactions(city: Database) -> None:
    say(city, "A001", "A002")
    say(city, "A003")
    assert [entry.seq for entry in entries(city)] == [1, 2, 3]


def test_each_hall_counts_for_itself(city: Database) -> None:
    say(city, "A001")
    say(city, "B001", hall="H-2")
    assert [entry.seq for entry in entries(city, "H-2")] == [1]


def test_the_chain_can_be_recomputed_by_hand(city: Database) -> None:
    """Only json and hashlib: what any auditor has."""
    say(city, "A001", "A002")
    say(city, "甲003")
    prev = "0" * 64
    for entry in entries(city):
        assert entry.prev == prev
        prev = hashlib.sha256(bytes.fromhex(prev) + entry.body.encode("utf-8")).hexdigest()
        assert entry.hash == prev
    with city.reading() as session:
        head = log.head_of(session, "H-1")
    assert head is not None
    assert (head.seq, head.hash, head.epoch) == (3, prev, 1)


def test_a_body_is_the_canonical_text_of_its_eight_fields(city: Database) -> None:
    say(city, "甲001")
    (entry,) = entries(city)
    told = {
        "v": 1,
        "hall": "H-1",
        "epoch": 1,
        "seq": 1,
        "kind": "SlipPrinted",
        "at": "2026-11-23T04:00:00.000000+00:00",
        "actor": "staff:c0ffee",
        "data": {"number": "甲001", "minutes": 1.5},
    }
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert entry.body == canonical


def test_the_columns_say_what_the_body_says(city: Database) -> None:
    say(city, "A001", at=NOON.astimezone(timezone(timedelta(hours=8))))
    (entry,) = entries(city)
    assert (entry.hall, entry.kind, entry.epoch, entry.at) == ("H-1", "SlipPrinted", 1, NOON)
    assert entry.data == {"number": "A001", "minutes": 1.5}


@given(numbers=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=5))
def test_any_text_is_written_canonically_and_read_back(numbers: list[str]) -> None:
    for number in numbers:
        body = log.body_of("H-1", 1, 1, SlipPrinted(number), NOON, CLERK)
        told = json.loads(body)
        assert told["data"]["number"] == number
        # Within plain text and small numbers RFC 8785 and json's compact sorted form are one and the same.
        assert body == json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# --- time ---------------------------------------------------------------------------------------------


def test_time_in_a_log_never_goes_backwards(city: Database) -> None:
    say(city, "A001", at=NOON + timedelta(minutes=5))
    say(city, "A002", at=NOON)
    say(city, "A003", at=NOON + timedelta(minutes=6))
    five, six = NOON + timedelta(minutes=5), NOON + timedelta(minutes=6)
    assert [entry.at for entry in entries(city)] == [five, five, six]
    assert [json.loads(entry.body)["at"] for entry in entries(city)] == [
        moment.isoformat(timespec="microseconds") for moment in (five, five, six)
    ]


def test_time_does_not_go_backwards_within_one_transaction_either(city: Database) -> None:
    with city.work() as session:
        log.announce(session, "H-1", SlipPrinted("A001"), at=NOON + timedelta(minutes=1), actor=CLERK)
        log.announce(session, "H-1", SlipPrinted("A002"), at=NOON, actor=CLERK)
    first, second = entries(city)
    assert first.at == second.at


def test_a_new_epoch_goes_on_with_number_and_chain(city: Database) -> None:
    say(city, "A001")
    with city.work() as session:
        log.announce(session, "H-1", EpochBegun("restored"), at=NOON, actor=system("restore"))
        log.announce(session, "H-1", SlipPrinted("A002"), at=NOON, actor=CLERK)
    say(city, "A003")
    assert [(entry.epoch, entry.seq) for entry in entries(city)] == [(1, 1), (2, 2), (2, 3), (2, 4)]
    assert faults(city) == []


# --- transactions -------------------------------------------------------------------------------------


def test_two_halls_in_one_transaction_are_a_bug_and_nothing_is_written(city: Database) -> None:
    def break_halfway() -> None:
        with city.work() as session:
            log.announce(session, "H-1", SlipPrinted("A001"), at=NOON, actor=CLERK)
            log.announce(session, "H-2", SlipPrinted("B001"), at=NOON, actor=CLERK)

    with pytest.raises(log.LogMixed):
        break_halfway()
    assert entries(city) == entries(city, "H-2") == []


def test_a_log_that_never_began_takes_no_entry(city: Database) -> None:
    with pytest.raises(log.LogMissing):
        say(city, "A001", hall="H-3")


def test_what_is_rolled_back_leaves_neither_entry_nor_gap(city: Database) -> None:
    say(city, "A001")

    def break_halfway() -> None:
        with city.work() as session:
            log.announce(session, "H-1", SlipPrinted("A002"), at=NOON, actor=CLERK)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_halfway()
    say(city, "A003")
    assert [(entry.seq, entry.data["number"]) for entry in entries(city)] == [(1, "A001"), (2, "A003")]


def test_news_that_cannot_be_written_as_json_undoes_its_transaction(city: Database) -> None:
    def break_halfway() -> None:
        with city.work() as session:
            session.execute(update(LogHead).values(at=NOON + timedelta(days=9)))
            log.announce(session, "H-1", SlipPrinted(NOON), at=NOON, actor=CLERK)  # type: ignore[arg-type]

    with pytest.raises(Exception, match=r"(?i)json|serial|encode|unsupported|type"):
        break_halfway()
    with city.reading() as session:
        head = log.head_of(session, "H-1")
        assert head is not None
        assert (head.seq, head.at) == (0, NOON)


def test_work_inside_work_is_a_bug(city: Database) -> None:
    with city.work():
        with pytest.raises(NestedWork), city.work():
            pass  # pragma: no cover
    say(city, "A001")  # and afterwards the door is open again
    assert len(entries(city)) == 1


def test_work_of_another_thread_is_no_nesting(city: Database) -> None:
    failures: list[BaseException] = []

    def other() -> None:
        try:
            say(city, "A002")
        except BaseException as error:  # told to the test's thread
            failures.append(error)

    thread = threading.Thread(target=other)
    with city.work() as session:
        thread.start()
        log.announce(session, "H-1", SlipPrinted("A001"), at=NOON, actor=CLERK)
    thread.join(20)
    assert failures == []
    assert sorted(entry.data["number"] for entry in entries(city)) == ["A001", "A002"]


def test_listeners_are_told_after_the_commit_and_only_then(city: Database) -> None:
    told: list[tuple[str, int, int]] = []

    def listen(hall: str, seq: int) -> None:
        told.append((hall, seq, len(entries(city, hall))))  # what anybody can read at this moment

    city.on_commit = listen
    with city.work() as session:
        log.announce(session, "H-1", SlipPrinted("A001"), at=NOON, actor=CLERK)
        log.announce(session, "H-1", SlipPrinted("A002"), at=NOON, actor=CLERK)
        assert told == []
    assert told == [("H-1", 2, 2)]


def test_nobody_is_told_of_what_did_not_happen(city: Database) -> None:
    told: list[tuple[str, int]] = []
    city.on_commit = lambda hall, seq: told.append((hall, seq))

    def break_halfway() -> None:
        with city.work() as session:
            log.announce(session, "H-1", SlipPrinted("A001"), at=NOON, actor=CLERK)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_halfway()
    with city.work():
        pass
    assert told == []


def test_a_listener_may_work_itself(city: Database) -> None:
    def answer(hall: str, _: int) -> None:
        if hall == "H-1":
            say(city, "B001", hall="H-2")

    city.on_commit = answer
    say(city, "A001")
    assert len(entries(city, "H-2")) == 1


def test_a_reading_sees_one_unchanging_city(city: Database) -> None:
    say(city, "A001")
    with city.reading() as session:
        assert len(log.entries_after(session, "H-1", 0)) == 1
        thread = threading.Thread(target=say, args=(city, "A002"))
        thread.start()
        thread.join(20)
        assert len(log.entries_after(session, "H-1", 0)) == 1
    assert len(entries(city)) == 2


def test_what_is_written_while_reading_never_stays(city: Database) -> None:
    with city.reading() as session:
        with suppress(DBAPIError):  # PostgreSQL refuses at once, SQLite forgets at the end
            session.execute(delete(LogHead))
    say(city, "A001")
    assert len(entries(city)) == 1


# --- tampering ----------------------------------------------------------------------------------------

TAMPERINGS: dict[str, tuple[Callable[[], object], int]] = {
    "edited": (lambda: text("UPDATE log_entry SET body = replace(body, 'A003', 'A009') WHERE seq = 3"), 3),
    "removed": (lambda: text("DELETE FROM log_entry WHERE seq = 3"), 3),
    "first removed": (lambda: text("DELETE FROM log_entry WHERE seq = 1"), 1),
    "two removed": (lambda: text("DELETE FROM log_entry WHERE seq IN (2, 3)"), 2),
    "cut off": (lambda: text("DELETE FROM log_entry WHERE seq = 5"), 5),
    "renamed": (lambda: text("UPDATE log_entry SET kind = 'SlipLost' WHERE seq = 2"), 2),
    "moved in time": (lambda: update(LogEntry).where(LogEntry.seq == 4).values(at=NOON - timedelta(1)), 4),
    "hash changed": (lambda: update(LogEntry).where(LogEntry.seq == 2).values(hash="1" * 64), 2),
    "head set back": (lambda: update(LogHead).where(LogHead.hall == "H-1").values(seq=4), 5),
    "head's hash changed": (lambda: update(LogHead).where(LogHead.hall == "H-1").values(hash="1" * 64), 5),
    "head lost": (lambda: delete(LogHead).where(LogHead.hall == "H-1"), 5),
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_tampering_is_found_where_it_was_done(city: Database, how: str) -> None:
    say(city, "A001", "A002", "A003", "A004", "A005")
    assert faults(city) == []
    tampering, where = TAMPERINGS[how]
    with city.engine.begin() as connection:
        connection.execute(tampering())  # type: ignore[call-overload]
    found = faults(city)
    assert found
    assert found[0][0] == where


def test_an_entry_replaced_together_with_its_hash_breaks_the_chain_behind_it(city: Database) -> None:
    say(city, "A001", "A002", "A003")
    _, second, _ = entries(city)
    body = second.body.replace("A002", "A009")
    digest = hashlib.sha256(bytes.fromhex(second.prev) + body.encode()).hexdigest()
    with city.engine.begin() as connection:
        connection.execute(update(LogEntry).where(LogEntry.seq == 2).values(body=body, hash=digest))
    assert [seq for seq, _ in faults(city)] == [3]


def test_two_entries_that_changed_places_are_found(city: Database) -> None:
    say(city, "A001", "A002", "A003", "A004")
    with city.engine.begin() as connection:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            connection.execute(update(LogEntry).where(LogEntry.seq == old).values(seq=new))
    assert {2, 3} <= {seq for seq, _ in faults(city)}


def test_a_log_of_more_entries_than_one_reading_is_checked_to_its_end(city: Database) -> None:
    say(city, *(f"A{n:04d}" for n in range(1, 1206)))
    assert faults(city) == []
    with city.engine.begin() as connection:
        connection.execute(
            text("UPDATE log_entry SET body = replace(body, 'A1203', 'A9203') WHERE seq = 1203")
        )
    assert [seq for seq, _ in faults(city)] == [1203]
