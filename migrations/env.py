"""Alembic's way into the city's database."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import create_engine, event, pool

from dispatch.foundation.tables import UtcTime
from dispatch.wiring.tables import METADATA

config = context.config


def _render(kind: str, thing: object, autogen: AutogenContext) -> str | Literal[False]:
    """Our own column type by its short name, everything else as Alembic does."""
    if kind == "type" and isinstance(thing, UtcTime):
        autogen.imports.add("from dispatch.foundation.tables import UtcTime")
        return "UtcTime()"
    return False


def run() -> None:
    """Apply the migrations, each in its own transaction, waiting at most a few seconds for a lock."""
    url = config.get_main_option("sqlalchemy.url")
    if not url:
        raise SystemExit("no database: set sqlalchemy.url or TONGBAN_DATABASE_URL")
    engine = create_engine(url, poolclass=pool.NullPool)
    if engine.dialect.name == "postgresql":

        @event.listens_for(engine, "connect")
        def _limit(connection: Any, _: object) -> None:  # noqa: ANN401 - a DBAPI connection
            connection.execute("SET lock_timeout = '4s'")

    else:

        @event.listens_for(engine, "connect")
        def _write_ahead(connection: Any, _: object) -> None:  # noqa: ANN401 - a DBAPI connection
            # Done here, alone: of several that open a new file and ask for it at once, some are told "locked".
            connection.execute("PRAGMA journal_mode=WAL")

    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            render_as_batch=engine.dialect.name == "sqlite",
            transaction_per_migration=True,
            compare_type=True,
            render_item=_render,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
