"""Times in the database: aware, exact and in order, on either one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError

from dispatch.foundation.database import Database
from dispatch.foundation.idempotency import KeptAnswer
from dispatch.foundation.tables import UtcTime, one_of

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=OFFSETS)  # noqa: DTZ001 - zone drawn


def remember(database: Database, *moments: datetime) -> None:
    with database.work() as session:
        for index, moment in enumerate(moments):
            session.merge(KeptAnswer(scope=str(index), asked="", status=200, answer=None, at=moment))


def test_a_time_without_a_zone_is_a_bug(database: Database) -> None:
    with pytest.raises(StatementError, match="a time without a zone"):
        remember(database, datetime(2026, 11, 23, 9, 30))  # noqa: DTZ001 - that is the point


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(moment=MOMENTS)
def test_a_time_comes_back_exactly_and_in_utc(database: Database, moment: datetime) -> None:
    remember(database, moment)
    with database.reading() as session:
        (kept,) = session.scalars(select(KeptAnswer.at))
    assert kept == moment
    assert kept.tzinfo is UTC


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(moments=st.lists(MOMENTS, min_size=2, max_size=6))
def test_the_database_orders_and_compares_times_as_they_are(
    database: Database, moments: list[datetime]
) -> None:
    remember(database, *moments)
    with database.reading() as session:
        wanted = select(KeptAnswer.at).where(KeptAnswer.scope.in_([str(n) for n in range(len(moments))]))
        kept = list(session.scalars(wanted.order_by(KeptAnswer.at)))
        later = list(session.scalars(wanted.where(KeptAnswer.at > moments[0])))
    assert kept == sorted(moments)
    assert sorted(later) == sorted(moment for moment in moments if moment > moments[0])


def test_no_time_is_no_time() -> None:
    from sqlalchemy.dialects import postgresql, sqlite

    for dialect in (postgresql.dialect(), sqlite.dialect()):  # type: ignore[no-untyped-call]
        assert UtcTime().process_bind_param(None, dialect) is None
        assert UtcTime().process_result_value(None, dialect) is None


def test_a_check_names_its_words() -> None:
    assert one_of("state", ("open", "closed")) == "state IN ('open', 'closed')"


def test_a_second_writer_does_not_lose_the_first_ones_row(database: Database) -> None:
    with database.work() as session:
        session.execute(
            insert(KeptAnswer).values(scope="a", asked="", status=1, answer=None, at=datetime.now(UTC))
        )
    with pytest.raises(Exception, match=r"(?i)unique|still_running"):
        with database.work() as session:
            session.execute(
                insert(KeptAnswer).values(scope="a", asked="", status=2, answer=None, at=datetime.now(UTC))
            )
    with database.reading() as session:
        assert session.scalars(select(KeptAnswer.status)).all() == [1]
