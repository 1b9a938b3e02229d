"""The one place where transactions begin and end.

Rooms are handed a session and never commit. Whatever they announce meanwhile is appended to the hall's log as
the transaction's last act, so that the log's order is the order of commits.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

import psycopg
from pydantic_core import from_json
from sqlalchemy import Dialect, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from dispatch.foundation import idempotency, log, revisions
from dispatch.foundation.driver import Driver
from dispatch.foundation.errors import Refusal
from dispatch.foundation.prepared import Prepared

logger = logging.getLogger(__name__)

OnCommit = Callable[[str, int], None]
WAIT_FOR_LOCK_MS = 3_000
STATEMENT_MS = 8_000
"""The server ends a statement that takes longer, and a transaction in which nothing is said for as long."""
CONNECT_WITHIN_S = 3
RETRY_AWAY_S, RETRY_FULL_S = 2, 60
_ONE_VIEW = Prepared(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"), sqlite=text("BEGIN"))


class CityIsBusy(Refusal):
    """A lock was not to be had in time; nothing happened, the same call may be made again."""

    code = "busy"
    status = 503
    sentence = "这一刻人多,没办成,请再按一次"


class DatabaseAway(Refusal):
    """The database does not answer; whether the call had its effect, only the same call made again can tell."""

    code = "database_away"
    status = 503
    sentence = "暂时连不上数据库,请稍后再试"


class StorageFull(Refusal):
    """There is no room to write; nothing happened, and reading goes on."""

    code = "storage_full"
    status = 503
    sentence = "服务器的存储空间满了,没办成;请告诉管理员腾出空间,然后再试"


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
                revisions.keep_marks(session)
                told = log.append_announced(session)
                session.commit()
        if told and self.on_commit:
            self.on_commit(*told)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One unchanging view of the city. Writing in it is a bug that PostgreSQL refuses."""
        with self._translated_errors(), Session(self.engine, autoflush=False) as session:
            _ONE_VIEW.soon(session)
            yield session

    def __enter__(self) -> Self:
        """For whoever needs the city for a moment only."""
        return self

    def __exit__(self, *_: object) -> None:
        self.dispose()

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
        except NoneFree as error:
            raise CityIsBusy from error
        except DBAPIError as error:
            refusal = _refusal_of(error)
            if refusal is None:
                raise
            logger.warning("%s: %s", refusal.code, str(error.orig).strip().partition("\n")[0])
            raise refusal from error


def _refusal_of(error: DBAPIError) -> Refusal | None:
    """What the caller is told of the database's trouble; None where the trouble is a bug of ours."""
    kind, said = type(error.orig).__name__, str(error.orig)
    if kind in ("LockNotAvailable", "DeadlockDetected", "QueryCanceled") or "locked" in said:
        return CityIsBusy()
    if isinstance(error.orig, Exception) and idempotency.is_second(error.orig):
        return idempotency.StillRunning(field="Idempotency-Key")
    if kind == "DiskFull" or "disk is full" in said:
        return StorageFull(retry_after=RETRY_FULL_S)
    of_postgres = isinstance(error, OperationalError) and isinstance(error.orig, psycopg.Error)
    if of_postgres or error.connection_invalidated or kind == "IdleInTransactionSessionTimeout":
        return DatabaseAway(retry_after=RETRY_AWAY_S)
    return None


def _sqlite_engine(url: str, durable: bool) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": 30, "check_same_thread": False},
        hide_parameters=True,
        json_deserializer=from_json,  # many times as quick
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: ConnectionPoolEntry) -> None:  # noqa: ANN401 - a DBAPI connection
        connection.isolation_level = None  # the driver must not begin transactions of its own
        synchronous = "FULL" if durable else "OFF"
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _postgres_engine(url: str, pool_size: int, durable: bool) -> Engine:
    settings = {
        "timezone": "UTC",
        "lock_timeout": WAIT_FOR_LOCK_MS,
        "statement_timeout": STATEMENT_MS,
        "idle_in_transaction_session_timeout": STATEMENT_MS,
        "tcp_keepalives_idle": 30,  # whoever vanished does not keep a connection for hours
    }
    if not durable:
        settings["synchronous_commit"] = "off"
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=CONNECT_WITHIN_S,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={
            "options": options,
            "connect_timeout": CONNECT_WITHIN_S,
            "prepare_threshold": None,  # what is worth it `Prepared` keeps; psycopg would forget that with its own
        },
    )

    give_up_silent_lines(engine)
    engine.dialect.do_ping = Driver.lives  # type: ignore[method-assign, assignment]
    return engine


def give_up_silent_lines(engine: Engine) -> None:
    """Let no connection of this engine to PostgreSQL wait for ever for an answer."""

    @event.listens_for(engine, "do_connect")
    def _connect(_: Dialect, __: ConnectionPoolEntry, args: list[Any], named: dict[str, Any]) -> Driver:
        return Driver.connect(*args, **named)
