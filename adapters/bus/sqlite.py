"""The bus of a city on SQLite: the database file itself says that somebody committed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

# PRAGMA data_version reads a few bytes of shared memory; forty looks a second cost next to nothing.
LOOK_EVERY_S = 0.025
# How long to wait before opening a file again that could not be opened or read.
RETRY_S = 0.5


class SqliteBus:
    """Keeps the promise of `dispatch.ports.bus.Bus` for all processes that share one SQLite file.

    SQLite cannot say which hall moved, so listeners hear None. Telling needs no act of its own: the commit that it
    follows has already changed the data version.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def tell(self, hall: str, seq: int) -> None:
        """Do nothing: the commit has told."""

    def listen(self, stop: Event) -> Iterator[set[str] | None]:
        """Yield None whenever another connection has committed; ends soon after `stop` is set."""
        while not stop.is_set():
            try:
                with closing(self._open()) as connection:
                    yield from _versions(connection, stop)
            except sqlite3.Error:
                stop.wait(RETRY_S)

    def _open(self) -> sqlite3.Connection:
        # mode=rw, not ro: a reader of a WAL database must be able to map its shared memory; never creates the file.
        # The generator may be closed by another thread than the one that ran it.
        return sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=rw", uri=True, check_same_thread=False)


def _versions(connection: sqlite3.Connection, stop: Event) -> Iterator[None]:
    """Yield at once, then for every change of the data version seen by a connection that never writes."""
    # Looked up before the first yield: whatever is committed after it is a change.
    last = _version(connection)
    yield None
    while not stop.wait(LOOK_EVERY_S):
        now = _version(connection)
        if now != last:
            last = now
            yield None


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA data_version").fetchone()[0])
