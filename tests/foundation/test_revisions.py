"""What is kept in memory is never older than what stands in the database, in any process."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from dispatch.catalogue.models import Item
from dispatch.foundation import revisions
from dispatch.foundation.database import Database
from dispatch.foundation.revisions import Kept


class GivenUp(Exception):
    """What was begun is given up."""


THING = {
    "name": "事项",
    "name_en": "Item",
    "department": "某局",
    "department_en": "Bureau",
    "minutes": 5,
    "channels": {},
    "details": {},
}


@pytest.fixture
def two(database_url: str) -> Iterator[tuple[Database, Database]]:
    """Two processes of one city."""
    with Database(database_url) as one, Database(database_url) as other:
        yield one, other


def counting() -> tuple[Kept[list[str]], list[int]]:
    """The codes of all items, kept; and how often they were read."""
    reads: list[int] = []

    def read(session: object) -> list[str]:
        reads.append(1)
        return list(session.scalars(select(Item.code).order_by(Item.code)))  # type: ignore[attr-defined]

    return Kept(("catalogue",), read), reads


def test_what_stands_is_read_once(two: tuple[Database, Database]) -> None:
    kept, reads = counting()
    for _ in range(3):
        with two[0].reading() as session:
            assert kept.of(session) == []
    assert len(reads) == 1


def test_a_change_is_seen_by_every_process(two: tuple[Database, Database]) -> None:
    one, other = two
    kept, _ = counting()
    for _ in range(2):
        with other.reading() as session:
            assert kept.of(session) == []
    with one.work() as session:
        session.add(Item(code="NEW", **THING))
    for database in two:
        with database.reading() as session:
            assert kept.of(session) == ["NEW"]
    with one.work() as session:
        session.delete(session.get_one(Item, "NEW"))
    with other.reading() as session:
        assert kept.of(session) == []


def test_what_goes_past_the_orm_says_so_itself(two: tuple[Database, Database]) -> None:
    kept, _ = counting()
    with two[0].work() as session:
        session.execute(insert(Item).values(code="NEW", **THING))
        revisions.changed(session, "catalogue")
    with two[1].reading() as session:
        assert kept.of(session) == ["NEW"]
    with two[0].work() as session:
        session.execute(delete(Item))
        revisions.changed(session, "catalogue")
    with two[1].reading() as session:
        assert kept.of(session) == []


def test_what_was_given_up_is_kept_by_nobody(two: tuple[Database, Database]) -> None:
    kept, _ = counting()
    with suppress(GivenUp), two[0].work() as session:
        session.add(Item(code="NEW", **THING))
        session.flush()
        assert kept.of(session) == ["NEW"]  # whoever changes it sees it
        raise GivenUp
    for database in two:
        with database.reading() as session:
            assert kept.of(session) == []


def test_whoever_began_to_read_before_goes_on_as_before(two: tuple[Database, Database]) -> None:
    kept, _ = counting()
    with two[1].reading() as before:
        assert kept.of(before) == []
        with two[0].work() as session:
            session.add(Item(code="NEW", **THING))
        with two[1].reading() as after:
            assert kept.of(after) == ["NEW"]
        assert kept.of(before) == []
    with two[1].reading() as after:
        assert kept.of(after) == ["NEW"]


def test_nothing_writes_the_settled_tables_past_their_marks() -> None:
    """Bulk statements on these models stand only beside a `changed`."""
    root = Path(__file__).parents[2] / "dispatch"
    models = ("Hall", "CalendarDay", "Item", "Placement", "Bundle", "WordGroup")
    verbs = [f"{verb}({model})" for verb in ("insert", "update", "delete") for model in models]
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if any(verb in path.read_text(encoding="utf-8") for verb in verbs)
    }
    assert all("revisions.changed" in (root / name).read_text(encoding="utf-8") for name in found)
    assert found == {"catalogue/editing.py", "halls/calendar.py"}
