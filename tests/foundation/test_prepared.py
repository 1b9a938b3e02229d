"""Statements that go straight to the driver say the same as SQLAlchemy's own way, on both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, column, event, insert, select, table, text
from sqlalchemy.exc import IntegrityError

from dispatch.foundation.database import Database
from dispatch.foundation.idempotency import KeptAnswer
from dispatch.foundation.prepared import ByKey, Prepared, put

ROWS = KeptAnswer.__table__
AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
TOLD = {"scope": "s", "asked": "a", "status": 200, "answer": {"names": ["号", None]}, "at": AT}
WRITE = Prepared(
    insert(ROWS).values({each.name: bindparam(each.name, type_=each.type) for each in ROWS.c})  # type: ignore[arg-type]
)
READ = Prepared(select(ROWS).where(ROWS.c.scope == bindparam("of")))


def test_what_was_written_is_read_as_the_orm_reads_it(database: Database) -> None:
    with database.work() as session:
        assert WRITE.run(session, **TOLD) == 1
        assert READ.one(session, of="s")._asdict() == TOLD
        row = session.get_one(KeptAnswer, "s")
        assert {name: getattr(row, name) for name in TOLD} == TOLD


def test_nothing_is_an_empty_list(database: Database) -> None:
    with database.reading() as session:
        assert (READ.all(session, of="s"), READ.first(session, of="s")) == ([], None)


def test_errors_are_those_of_sqlalchemy(database: Database) -> None:
    with database.work() as session:
        WRITE.run(session, **TOLD)
    with database.work() as session, pytest.raises(IntegrityError):
        WRITE.run(session, **TOLD)


def test_whoever_listens_hears_of_every_statement(database: Database) -> None:
    heard: list[str] = []
    with database.reading() as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *told: heard.append(told[2]))
        READ.all(session, of="s")
    assert len(heard) == 1


def test_a_row_put_into_the_session_is_the_sessions_own_and_unchanged(database: Database) -> None:
    with database.work() as session:
        WRITE.run(session, **TOLD)
        row = put(session, KeptAnswer, READ.one(session, of="s")._asdict())
        assert session.get(KeptAnswer, "s") is row
        assert row not in session.dirty
        assert put(session, KeptAnswer, {**TOLD, "status": 201}) is row
        assert (row.status, list(session.dirty)) == (201, [])
        row.status = 204
    with database.reading() as session:
        assert session.get_one(KeptAnswer, "s").status == 204


def test_a_key_is_looked_up_once_unless_it_must_be_fresh(database: Database) -> None:
    by_key = ByKey(KeptAnswer)
    with database.work() as session:
        assert by_key.get(session, "s") is None
        WRITE.run(session, **TOLD)
        row = by_key.get(session, "s")
        assert row is not None
        Prepared(ROWS.update().values(status=500)).run(session)  # type: ignore[attr-defined]
        assert by_key.get(session, "s") is row
        assert row.status == 200
        assert by_key.get(session, "s", fresh=True) is row
        assert row.status == 500


def test_an_answer_that_nobody_wanted_holds_no_connection_to_an_old_view(sqlite_url: str) -> None:
    with Database(sqlite_url) as database:
        with database.work() as session:
            session.execute(text("CREATE TABLE said (n integer PRIMARY KEY)"))
            session.execute(text("INSERT INTO said VALUES (1), (2), (3)"))
        with database.work() as session:
            unwanted = Prepared(select(column("n")).select_from(table("said"))).soon(session)
        with database.work() as session:
            session.execute(text("DELETE FROM said"))
        with database.reading() as session:
            assert session.execute(text("SELECT count(*) FROM said")).scalar() == 0
        assert len(unwanted.all()) == 3
