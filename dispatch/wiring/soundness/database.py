"""The database: whether it is there, at this version's schema, and at the same time as we."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from dispatch.foundation import clock
from dispatch.foundation.database import give_up_silent_lines
from dispatch.wiring import migrating
from dispatch.wiring.soundness.trouble import Trouble, begun

LOOKS_LIKE = "postgresql+psycopg://user:password@host/city"
CORRECT_IT = "correct TONGBAN_DATABASE_URL"
MIGRATE = "run: tongban migrate"
CLOCK_OFF_S = 2.0
"""From here on a clock is told of; leases and sign-ins go by it."""


@dataclass(frozen=True)
class Seen:
    """What one look at the database saw. `off_s`: how far our clock is before its clock."""

    kind: str
    took_s: float
    revision: str | None
    off_s: float


def look(url: str, *, seconds: float) -> Seen:
    """Look at the database through a connection of our own; Trouble when it cannot be used, or not in time."""

    def _seen() -> Seen:
        with connected(url, seconds=seconds) as connection:
            return seen(connection)

    try:
        return begun(_seen).result(seconds)
    except TimeoutError as error:
        said = f"the database at {_place(address_of(url))} gives no answer within {seconds:g} s"
        raise Trouble(
            said, f"look whether it runs and a firewall lets us through, or {CORRECT_IT}"
        ) from error


@contextmanager
def connected(url: str, *, seconds: float) -> Iterator[Connection]:
    """A connection of our own, so that no pool's trouble hides the database's; Trouble."""
    address = address_of(url)
    sqlite = address.get_backend_name() == "sqlite"
    limits = f"-c statement_timeout={int(seconds * 1000)} -c timezone=UTC"
    patience = {"timeout": seconds} if sqlite else {"connect_timeout": math.ceil(seconds), "options": limits}
    engine = create_engine(address, poolclass=NullPool, connect_args=patience, hide_parameters=True)
    if not sqlite:
        give_up_silent_lines(engine)
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise _trouble(error, address) from error


def seen(connection: Connection) -> Seen:
    """What can be seen of the database through this connection."""
    began = time.monotonic()
    connection.execute(text("SELECT 1"))
    took = time.monotonic() - began
    sqlite = connection.dialect.name == "sqlite"
    off = 0.0 if sqlite else _off(connection)
    return Seen("SQLite" if sqlite else "PostgreSQL", took, migrating.revision(connection), off)


def address_of(url: str) -> URL:
    """The database's address, if it is one that a city can have; Trouble."""
    try:
        address = make_url(url)
        kind = address.get_backend_name()
        address.get_dialect()
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
        raise Trouble("the database's address cannot be read", f"it looks like {LOOKS_LIKE}") from error
    if kind == "sqlite":
        return _file_of(address)
    if kind != "postgresql" or address.get_driver_name() != "psycopg":
        raise Trouble(f"no city runs on {address.drivername}", f"the address looks like {LOOKS_LIKE}")
    return address


def migrated(seen: Seen) -> str:
    """Say which migration the database is at; Trouble unless it is this version's newest."""
    if seen.revision is None:
        raise Trouble("the database lacks migrations: it is empty", MIGRATE)
    if not migrating.known(seen.revision):
        newer = f"the database is at migration {seen.revision}, which this version does not know"
        raise Trouble(newer, "start the newer version that migrated it")
    if seen.revision != migrating.newest():
        raise Trouble(f"the database lacks migrations after {seen.revision}", MIGRATE)
    return f"at the newest, {seen.revision}"


def in_time(seen: Seen, *, within_s: float = CLOCK_OFF_S) -> str:
    """Say how far our clock is from the database's; Trouble when too far."""
    off = f"{seen.off_s:+.1f} s beside the database's"
    if abs(seen.off_s) > within_s:
        raise Trouble(f"this machine's clock is {off}", "set both by NTP, then start again")
    return off


def _file_of(address: URL) -> URL:
    """A SQLite file that is there: looking at one that is not would make it."""
    if not address.database or address.database == ":memory:":
        raise Trouble("a city in memory would be forgotten", "name a file: sqlite:////path/to/city.db")
    if not Path(address.database).is_file():
        raise Trouble(f"there is no database {address.database}", f"{MIGRATE}; or {CORRECT_IT}")
    return address


def _off(connection: Connection) -> float:
    before = clock.real_now()
    theirs: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return ((before + (clock.real_now() - before) / 2) - theirs).total_seconds()


def _trouble(error: DBAPIError, address: URL) -> Trouble:
    """What a driver's error means. The words are libpq's and the server's, in English as we ask for no other."""
    text = str(error.orig).lower()
    place, name, user = _place(address), address.database, address.username
    wrong_there = f"{CORRECT_IT} or the account there"
    meanings = (
        ("password authentication failed", f"the database refuses the password of {user}", wrong_there),
        ("no password supplied", f"the database wants a password for {user}", CORRECT_IT),
        (
            "no pg_hba.conf entry",
            f"the database lets nobody in as {user} from here",
            "allow it in pg_hba.conf",
        ),
        (
            'database "',
            f"there is no database {name} at {place}",
            f"make it: createdb {name}; or {CORRECT_IT}",
        ),
        ('role "', f"the database knows no {user}", f"make it: createuser {user}; or {CORRECT_IT}"),
        ("connection refused", f"no database listens at {place}", f"start it, or {CORRECT_IT}"),
        ("resolve host", f"nobody knows the database's host {address.host}", CORRECT_IT),
        ("name or service not known", f"nobody knows the database's host {address.host}", CORRECT_IT),
        ("server closed the connection", f"whoever listens at {place} is no PostgreSQL", CORRECT_IT),
        ("unreachable", f"no way leads to the database at {place}", f"look at the network, or {CORRECT_IT}"),
        (
            "timeout expired",
            f"the database at {place} gives no answer",
            f"look whether it runs, or {CORRECT_IT}",
        ),
        (
            "too many",
            "all connections of the database are taken",
            "raise its max_connections, or end idle ones",
        ),
        (
            "remaining connection slots",
            "all connections of the database are taken",
            "raise its max_connections",
        ),
        ("starting up", "the database is starting", "wait a moment"),
        ("shutting down", "the database is shutting down", "start it again"),
        ("recovery mode", "the database is recovering from a crash", "wait until it has finished"),
        ("not a database", f"{name} is no SQLite database", CORRECT_IT),
        ("unable to open", f"the file {name} cannot be opened", "give us the right to read and write it"),
        ("readonly", f"the file {name} cannot be written", "give us the right to write it and its folder"),
        ("disk is full", f"the disk of {name} is full", "make room on it"),
        ("locked", f"another program holds {name} for itself", "end it: a backup or a shell that writes"),
    )
    for sign, said, do in meanings:
        if sign in text:
            return Trouble(said, do)
    return Trouble(f"the database cannot be used ({type(error.orig).__name__})", "look into its own log")


def _place(address: URL) -> str:
    return (
        f"{address.host or 'localhost'}:{address.port or 5432}"
        if address.get_backend_name() != "sqlite"
        else str(address.database)
    )
