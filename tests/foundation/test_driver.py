"""Past psycopg's cursors: several statements at once, still in one transaction, still with every error told."""

from typing import Any

import pytest
from sqlalchemy import Integer, bindparam, column, literal, select, table, text
from sqlalchemy.exc import IntegrityError

from dispatch.foundation import driver
from dispatch.foundation.database import Database
from dispatch.foundation.prepared import Prepared

ROWS = table("said", column("n", Integer))
SAY = Prepared(ROWS.insert().values(n=bindparam("n")))
HEARD = Prepared(select(ROWS.c.n).order_by(ROWS.c.n))
SAME = Prepared(select(literal("100 %s and :colons").label("said"), bindparam("n", type_=Integer).label("n")))


@pytest.fixture
def city(postgresql_url: str) -> Any:  # noqa: ANN401 - a generator
    with Database(postgresql_url) as database:
        with database.work() as session:
            session.execute(text("CREATE TABLE said (n integer PRIMARY KEY)"))
        yield database


def test_what_is_said_soon_is_answered_in_its_order(city: Database) -> None:
    with city.work() as session:
        said = [SAY.soon(session, n=n) for n in (3, 1, 2)]
        heard, same = HEARD.soon(session), SAME.soon(session, n=7)
        assert [row.n for row in heard.all()] == [1, 2, 3]
        assert [each.touched() for each in said] == [1, 1, 1]
        assert same.one() == ("100 %s and :colons", 7)


def test_what_nobody_asks_for_is_done_by_the_commit(city: Database) -> None:
    with city.work() as session:
        SAY.soon(session, n=1)
    with city.reading() as session:
        assert [row.n for row in HEARD.all(session)] == [1]


def test_sqlalchemys_own_statements_come_after_it(city: Database) -> None:
    with city.work() as session:
        SAY.soon(session, n=1)
        assert session.scalar(text("SELECT count(*) FROM said")) == 1


def _say_and_fail(city: Database) -> None:
    with city.work() as session:
        SAY.run(session, n=1)
        SAY.soon(session, n=2)
        raise ZeroDivisionError


def test_what_was_said_soon_is_undone_with_all_else(city: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        _say_and_fail(city)
    with city.reading() as session:
        assert HEARD.all(session) == []


def _say_all(city: Database, *numbers: int) -> None:
    with city.work() as session:
        for n in numbers:
            SAY.soon(session, n=n)


def test_an_error_at_the_commit_undoes_all_and_leaves_a_line_that_works(city: Database) -> None:
    _say_all(city, 1)
    with pytest.raises(IntegrityError):
        _say_all(city, 2, 1, 3)
    with city.work() as session:
        assert [row.n for row in HEARD.all(session)] == [1]


def test_statements_stay_prepared_after_a_rollback(city: Database) -> None:
    for _ in range(3):
        with city.reading() as session:
            HEARD.all(session)
            known = session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
            assert sum("FROM said" in each for each in known) == 1


@pytest.mark.parametrize("asks_after_s", [0.0, 1000.0], ids=["rested", "busy"])
def test_a_line_that_the_server_ended_is_renewed_before_it_is_used(
    city: Database, asks_after_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "ASK_AFTER_S", asks_after_s)
    with city.reading() as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
    with Database(city.url) as other, other.work() as session:
        assert session.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    with city.work() as session:
        assert SAY.run(session, n=1) == 1
