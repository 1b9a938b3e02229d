"""How often something may be done: bursts, the long run, and many at once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.foundation import limits
from dispatch.foundation.database import Database
from dispatch.foundation.limits import Limit, TooMany

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
FIVE = Limit(burst=5, per_minute=6)


def taken(database: Database, times: int, at: datetime = NOW, key: str = "k") -> int:
    """How many of so many tries went through."""
    through = 0
    for _ in range(times):
        try:
            with database.work() as session:
                limits.take(session, key, FIVE, real_now=at)
            through += 1
        except TooMany:
            pass
    return through


def test_a_burst_and_then_as_fast_as_the_bucket_fills(database: Database) -> None:
    assert taken(database, 8) == 5
    assert taken(database, 3, NOW + timedelta(seconds=9.9)) == 0
    assert taken(database, 3, NOW + timedelta(seconds=10)) == 1
    assert taken(database, 3, NOW + timedelta(seconds=30)) == 2
    assert taken(database, 8, NOW + timedelta(days=1)) == 5


def test_each_caller_has_a_bucket_of_his_own(database: Database) -> None:
    assert taken(database, 8) == 5
    assert taken(database, 8, key="other") == 5


def test_the_refusal_says_when_it_goes_on(database: Database) -> None:
    taken(database, 5)
    with pytest.raises(TooMany) as refusal, database.work() as session:
        limits.take(session, "k", FIVE, real_now=NOW + timedelta(seconds=3))
    assert refusal.value.data == {"retry_after": 7}


def test_a_clock_that_goes_back_gives_nothing(database: Database) -> None:
    taken(database, 5)
    assert taken(database, 1, NOW - timedelta(hours=1)) == 0
    assert taken(database, 1, NOW + timedelta(seconds=9)) == 0


def test_what_was_not_done_costs_nothing(database: Database) -> None:
    def fail() -> None:
        with database.work() as session:
            limits.take(session, "k", FIVE, real_now=NOW)
            raise RuntimeError

    for _ in range(9):
        with pytest.raises(RuntimeError):
            fail()
    assert taken(database, 8) == 5


def test_many_at_once_get_no_more_than_the_bucket_holds(database: Database) -> None:
    through: list[int] = []
    threads = [threading.Thread(target=lambda: through.append(taken(database, 4))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(through) == 5
