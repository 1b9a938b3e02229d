"""The database of a replay: new, its own, thrown away at will, and therefore not kept safe from a power cut."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, inspect, text

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.wiring import migrating


class NotFresh(Exception):
    """The database holds a city already: a replay never plays into one."""


def new_file(var: Path) -> str:
    """The address of a SQLite file that is not there yet, in `var/replay`."""
    folder = var / "replay"
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / f'{clock.real_now():%Y%m%d-%H%M%S-%f}.db'}"


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The database at this address, brought to this version's schema. Raises NotFresh."""
    _refuse_city(url)
    migrating.upgrade(url)
    database = Database(url, pool_size=2, durable=False)
    try:
        yield database
    finally:
        database.dispose()


def _refuse_city(url: str) -> None:
    engine: Engine = create_engine(url)
    try:
        with engine.connect() as connection:
            for table in ("hall", "log_head"):
                if inspect(connection).has_table(table) and connection.scalar(
                    text(f"SELECT count(*) FROM {table}")  # noqa: S608 - the two names above
                ):
                    raise NotFresh("it holds halls already; a replay needs a fresh one")
    finally:
        engine.dispose()
