"""Who may lead: a lock that the database, or the file system, lets go of by itself when its holder dies.

The lock comes with the connection on which the leader keeps its books: it never goes through a pool, and on
PostgreSQL it is the lock itself, so that a leader without its lock can write nothing more.
"""

import fcntl
import os
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import ConnectionPoolEntry

from dispatch.foundation.database import give_up_silent_lines
from dispatch.foundation.jobs import ROLES

KEY = 0x746F6E67
"""Sets our locks apart from others of the same database; the second half of a key is the role's number."""
PATIENCE_S = 3
"""A database that does not answer for so long has lost its leader."""

_HOLDER = """
    SELECT pid FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND classid = :key AND objid = :role AND objsubid = 2
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_CUT_OFF = """
    SELECT coalesce(bool_and(pg_terminate_backend(pid, 1000)), true) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = :leader
"""
_CUT_OFF_HOLDER = f"""
    SELECT coalesce(bool_and(pg_terminate_backend(pid, 1000)), true) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND (application_name = :leader OR pid IN ({_HOLDER}))
"""  # noqa: S608 - both parts are constants


class Lock(Protocol):
    """The one lock of a role."""

    def connection(self) -> Connection:
        """The connection on which books are kept, opened at the first need."""

    def take(self) -> bool:
        """Whether the lock is ours now; asked by one that does not hold it."""

    def cut_off(self, leader: str) -> bool:
        """End whatever of a former leader's is still under way; whether nothing is left of it."""

    def break_open(self, leader: str) -> bool:
        """Take the lock away from a leader that is frozen; whether that can be done here."""

    def let_go(self) -> None:
        """Give it back, and close the connection."""


def lock_for(url: str, role: str, leader: str) -> Lock:
    """The lock that goes with the database."""
    return FileLock(url, role) if url.startswith("sqlite") else PostgresLock(url, role, leader)


class PostgresLock:
    """An advisory lock, held by a session of its own.

    Its commits do not wait for the disk: whatever a job commits afterwards takes them there, and where it commits
    nothing there is nothing to guard.
    """

    def __init__(self, url: str, role: str, leader: str) -> None:
        self._engine = create_engine(
            make_url(url).update_query_dict({"application_name": leader}),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={
                "connect_timeout": PATIENCE_S,
                "tcp_user_timeout": PATIENCE_S * 1000,
                "keepalives_idle": PATIENCE_S,
                "keepalives_interval": 1,
                "keepalives_count": PATIENCE_S,
                "options": f"-c timezone=UTC -c statement_timeout={PATIENCE_S}s -c synchronous_commit=off",
            },
        )
        give_up_silent_lines(self._engine)
        self._key = {"key": KEY, "role": ROLES.index(role)}
        self._connection: Connection | None = None

    def connection(self) -> Connection:
        """The session of the lock."""
        self._connection = self._connection or self._engine.connect()
        return self._connection

    def take(self) -> bool:
        """Ask, never wait."""
        asked = self.connection().execute(text("SELECT pg_try_advisory_lock(:key, :role)"), self._key)
        return bool(asked.scalar_one())

    def cut_off(self, leader: str) -> bool:
        """End the sessions that bear its name."""
        return bool(self.connection().execute(text(_CUT_OFF), {"leader": leader}).scalar_one())

    def break_open(self, leader: str) -> bool:
        """End its sessions, and whichever holds the lock: the server gives the lock back."""
        ended = self.connection().execute(text(_CUT_OFF_HOLDER), {"leader": leader, **self._key})
        return bool(ended.scalar_one())

    def let_go(self) -> None:
        """Ending the session gives the lock back."""
        _close(self._connection)
        self._connection = None


class FileLock:
    """A lock on a file beside the SQLite city; one machine's kernel keeps it for as long as the holder lives.

    The books are written without waiting for the disk, as PostgresLock says.
    """

    def __init__(self, url: str, role: str) -> None:
        self._path = Path(f"{make_url(url).database}.{role}.lock")
        self._engine = create_engine(
            url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"timeout": 30, "check_same_thread": False},
        )
        _leave_the_disk_alone(self._engine)
        self._connection: Connection | None = None
        self._file: int | None = None

    def connection(self) -> Connection:
        """A connection of its own."""
        self._connection = self._connection or self._engine.connect()
        return self._connection

    def take(self) -> bool:
        """Ask, never wait."""
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return False
        self._file = file
        return True

    def cut_off(self, leader: str) -> bool:
        """Nothing to do: SQLite has one writer, and that one reads the term before it writes."""
        return True

    def break_open(self, leader: str) -> bool:
        """Only the end of its process opens a file's lock."""
        return False

    def let_go(self) -> None:
        """Closing the file gives the lock back."""
        _close(self._connection)
        self._connection = None
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _close(connection: Connection | None) -> None:
    """End a session for good, whatever state it is in."""
    if connection is not None:
        connection.invalidate()
        connection.close()


def _leave_the_disk_alone(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _prepare(connection: object, _: ConnectionPoolEntry) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")  # type: ignore[attr-defined]
