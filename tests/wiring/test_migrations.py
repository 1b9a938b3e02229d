"""Migrations and models are one schema, forwards and backwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, Engine, create_engine, inspect

from dispatch.wiring import migrating
from dispatch.wiring.tables import METADATA

BOOKKEEPING = "alembic_version"


def config(url: str) -> Config:
    """Alembic as `make` and the command line have it."""
    told = Config()
    told.set_main_option("script_location", str(migrating.MIGRATIONS).replace("%", "%%"))
    told.set_main_option("path_separator", "os")
    told.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return told


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A migrated database."""
    opened = create_engine(database_url)
    yield opened
    opened.dispose()


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        # a migration's defaults are for the rows it finds; new rows bring their own
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {BOOKKEEPING}


def test_migrations_make_what_the_models_say(engine: Engine) -> None:
    assert differences(engine) == []
    assert tables(engine) == set(METADATA.tables)


def test_every_rule_of_a_table_is_in_the_database_too(engine: Engine) -> None:
    """What Alembic does not compare: checks, and the conditions of partial indices."""
    known = inspect(engine)
    for table in METADATA.tables.values():
        wanted = {check.name for check in table.constraints if isinstance(check, CheckConstraint)}
        assert wanted == {check["name"] for check in known.get_check_constraints(table.name)}, table.name
    indices = {index["name"]: index for index in known.get_indexes("ticket")}
    assert indices["ticket_at_window"]["unique"]
    for name, words in (("ticket_at_window", ("called", "serving")), ("ticket_waiting", ("waiting",))):
        condition = str(indices[name]["dialect_options"][f"{engine.dialect.name}_where"])
        assert all(word in condition for word in words), name


def test_the_way_back_and_forth_again_ends_where_it_began(engine: Engine, database_url: str) -> None:
    command.downgrade(config(database_url), "base")
    engine.dispose()
    assert tables(engine) == set()
    command.upgrade(config(database_url), "head")
    engine.dispose()
    assert tables(engine) == set(METADATA.tables)
    assert differences(engine) == []


def test_a_database_behind_is_said_to_be_pending(engine: Engine, database_url: str) -> None:
    assert migrating.pending(engine) is False
    command.downgrade(config(database_url), "-1")
    assert migrating.pending(engine) is True
    migrating.upgrade(database_url)
    assert migrating.pending(engine) is False


def test_upgrading_twice_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'city.db'}"
    migrating.upgrade(url)
    migrating.upgrade(url)
    engine = create_engine(url)
    assert differences(engine) == []
    engine.dispose()
