"""Bringing a database to the schema of this version."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def upgrade(url: str) -> None:
    """Apply every migration that the database lacks."""
    command.upgrade(_config(url), "head")


def pending(engine: Engine) -> bool:
    """Whether the database is not at the newest migration."""
    with engine.connect() as connection:
        return revision(connection) != newest()


def revision(connection: Connection) -> str | None:
    """The migration that the database is at; None when it never had one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The last migration of this version."""
    return _scripts().get_current_head()


def known(of: str) -> bool:
    """Whether this version knows that migration; a newer one's it does not."""
    return any(script.revision == of for script in _scripts().walk_revisions())


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(""))


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
