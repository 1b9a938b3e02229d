"""The one place where transactions begin and end.

Rooms are handed a session and never commit. Whatever they announce meanwhile is appended to the hall's log as
the transaction's last act, so that the log's order is the order of commits.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from dispatch.foundation import log
from dispatch.foundation.errors import Refusal

OnCommit = Callable[[str, int], None]
WAIT_FOR_LOCK_MS = 3_000


class CityIsBusy(Refusal):
    """A lock was not to be had in time; nothing happened, the same call may be made again."""

    code = "busy"
    status = 503
    sentence = "这一刻人多,没办成,请再按一次"


class NestedWork(RuntimeError):
    """A transaction was opened inside another one of the same thread: a bug."""


class Database:
    """One city's database: SQLite for a small city on one machine, PostgreSQL for every other."""

    def __init__(
        self, url: str, *, on_commit: OnCommit | None = None, pool_size: int = 20, durable: bool = True
    ) -> None:
        """Without `durable` a power cut may take the last commits: for databases that can be made again."""
        self.url = url
        self.on_commit = on_commit
        self.sqlite = url.startswith("sqlite")
        self.engine = (
            _sqlite_engine(url, durable) if self.sqlite else _postgres_engine(url, pool_size, durable)
        )
        self._writer = threading.Lock()
        self._open = threading.local()

    @contextmanager
    def work(self) -> Iterator[Session]:
        """A transaction that writes. It commits when the block ends well, and is as if never begun otherwise."""
        with self._one_at_a_time(), self._translated_errors():
            with Session(self.engine, expire_on_commit=False, autoflush=False) as session:
                if self.sqlite:
                    session.execute(text("BEGIN IMMEDIATE"))
                yield session
                session.flush()
                told = log.append_announced(session)
                session.commit()
        if told and self.on_commit:
            self.on_commit(*told)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One unchanging view of the city. Writing in it is a bug that PostgreSQL refuses."""
        with self._translated_errors(), Session(self.engine, autoflush=False) as session:
            if self.sqlite:
                session.execute(text("BEGIN"))
            else:
                session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            yield session

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        if getattr(self._open, "yes", False):
            raise NestedWork("work() inside work()")
        self._open.yes = True
        try:
            if not self.sqlite:
                yield
                return
            # SQLite's own waiting is unfair: with eight writers some wait for seconds. A lock in front is not.
            with self._writer:
                yield
        finally:
            self._open.yes = False

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            busy = ("LockNotAvailable", "DeadlockDetected", "QueryCanceled")
            if type(error.orig).__name__ in busy or "locked" in str(error.orig):
                raise CityIsBusy from error
            raise


def _sqlite_engine(url: str, durable: bool) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: ConnectionPoolEntry) -> None:  # noqa: ANN401 - a DBAPI connection
        connection.isolation_level = None  # the driver must not begin transactions of its own
        synchronous = "FULL" if durable else "OFF"
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _postgres_engine(url: str, pool_size: int, durable: bool) -> Engine:
    options = f"-c lock_timeout={WAIT_FOR_LOCK_MS} -c timezone=UTC"
    if not durable:
        options += " -c synchronous_commit=off"
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args={"options": options},
    )
