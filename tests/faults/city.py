"""A city of real processes over a PostgreSQL that may be killed, each process started again when it dies.

Between core and PostgreSQL, and between callers and core, runs a proxy that can be as bad as a network.
"""

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from dispatch.foundation.database import Database
from tests import servers
from tests.faults import doomed
from tests.faults.bench import HALLS, PLACES, furnish
from tests.faults.checker import check
from tests.faults.crowd import Crowd, Phone
from tests.faults.history import History, Watch
from tests.faults.proxy import HOST, Proxy
from tests.patience import PATIENCE_S, wait_for

LOOK_EVERY_S = 0.15


@dataclass
class Process:
    """One process of the city, started anew whenever it ends, as a service manager would."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    log: Path
    starts: int = 0
    _running: subprocess.Popen[bytes] | None = None

    def keep_running(self) -> None:
        """Start it, unless it runs."""
        if self._running is None or self._running.poll() is not None:
            with self.log.open("ab") as output:
                self._running = subprocess.Popen(
                    self.command,
                    cwd=servers.ROOT,
                    env={**os.environ, **self.environment},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            self.starts += 1

    @property
    def pid(self) -> int:
        """Of the process itself."""
        assert self._running is not None
        return self._running.pid

    def workers(self) -> list[int]:
        """Its children: those that answer, where it is a server."""
        with suppress(FileNotFoundError):
            said = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
            return [int(pid) for pid in said.split()]
        return []

    def end(self) -> None:
        """End it and whatever it started."""
        if self._running is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()


@dataclass
class City:
    """Everything that runs, what is told of it, and ways to hurt it."""

    cluster: servers.Cluster
    to_database: Proxy
    to_core: Proxy
    core_port: int
    doom: Path
    token: str
    processes: dict[str, Process]
    database: Database
    history: History = field(default_factory=History)
    display_port: int | None = None
    workers: int = 2
    _stop: threading.Event = field(default_factory=threading.Event)

    def url_seen_by_processes(self) -> str:
        """The database's address, through the proxy."""
        return _through(self.cluster.url, self.to_database)

    @contextmanager
    def crowd(self, *, direct: bool = False, pause: float = 0.01) -> Iterator[Crowd]:
        """People and boards at work for as long as the block lasts; then the city comes to rest and is checked."""
        port = self.core_port if direct else self.to_core.port
        crowd = Crowd(self.history, lambda: Phone([port]), self.token, pause=pause)
        going = threading.Event()
        boards = [
            _Board(f"http://{HOST}:{self.display_port or self.core_port}", hall, self.history)
            for hall in HALLS
        ]
        threads = [threading.Thread(target=board.follow, args=(going,)) for board in boards]
        for thread in threads:
            thread.start()
        try:
            with crowd.at_work(PLACES, citizens=2):
                yield crowd
            self.rest()
        finally:
            going.set()
            for thread in threads:
                thread.join()
        for board in boards:
            board.end()
        self.history.read(self.database, HALLS)
        check(self.history)
        for watch in self.history.watches:
            watch.is_last = False  # the next crowd moves on from here

    def rest(self) -> None:
        """Wait until every message between halls is heard."""
        deadline = time.monotonic() + PATIENCE_S
        while self._unheard() and time.monotonic() < deadline:
            time.sleep(0.1)

    def _unheard(self) -> int:
        """Whoever is still on her way, and whoever was taken in and has not been let go yet."""
        with psycopg.connect(_plain(self.database.url)) as connection:
            row = connection.execute("SELECT count(*) FROM ticket WHERE state = 'moving'").fetchone()
        assert row is not None
        return int(row[0])

    def is_serving(self) -> bool:
        """Whether a call that needs the database is answered."""
        try:
            url = f"http://{HOST}:{self.core_port}/api/v1/halls/{HALLS[0]}"
            with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
                return bool(answer.status == 200)
        except (OSError, http.client.HTTPException):
            return False

    def backends(self) -> list[int]:
        """The processes of PostgreSQL that work for the city."""
        with psycopg.connect(_plain(self.cluster.url), autocommit=True) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname = %s "
                "AND pid <> pg_backend_pid()",
                [make_url(self.database.url).database],
            )
            return [row[0] for row in rows]

    def terminate_backends(self) -> None:
        """End every connection, as an administrator may."""
        with psycopg.connect(_plain(self.cluster.url), autocommit=True) as connection:
            for pid in self.backends():
                connection.execute("SELECT pg_terminate_backend(%s)", [pid])

    def kill_backend(self) -> None:
        """Kill one of PostgreSQL's processes: the postmaster ends all others and recovers."""
        with suppress(ProcessLookupError):
            os.kill(random.choice(self.backends()), signal.SIGKILL)

    def restart_postgres(self, number: int) -> None:
        """End the postmaster by this signal and start it again at once."""
        self.cluster.end(number)
        self.cluster.start()

    def kill_worker(self) -> None:
        """Kill one of core's workers that answer."""
        if workers := self.ready_workers():
            os.kill(random.choice(workers), signal.SIGKILL)

    def ready_workers(self) -> list[int]:
        """Core's workers that answer; one that was just started does not yet."""
        ready = {int(path.name) for path in (self.doom / doomed.READY).iterdir()}
        return [pid for pid in self.processes["core"].workers() if pid in ready]

    def is_whole(self) -> bool:
        """Whether every worker of core answers."""
        return len(self.ready_workers()) == self.workers

    def jump(self, seconds: float) -> None:
        """Move every process's clock."""
        written = self.doom / "next"
        written.write_text(str(seconds))
        written.rename(self.doom / doomed.OFFSET)

    def watch_over(self) -> None:
        """Start again whatever has ended, until the city is closed."""
        while not self._stop.wait(0.02):
            for process in self.processes.values():
                process.keep_running()

    def close(self) -> None:
        """Nothing runs any more."""
        self._stop.set()


@dataclass
class Recovery:
    """How long nobody was served, and how long the unluckiest caller waited."""

    first: float
    worst: float

    @classmethod
    def of(cls, crowd: Crowd, hurt_at: float) -> "Recovery":
        """Since that moment."""
        deeds = [deed for deed in list(crowd.history.deeds) if deed.successes]
        asked_after = [each.answered for deed in deeds for each in deed.successes if each.sent > hurt_at]
        under_way = [deed.answered - max(hurt_at, deed.sent) for deed in deeds if deed.answered > hurt_at]
        return cls(min(asked_after, default=hurt_at) - hurt_at, max(under_way, default=0.0))


class _Board:
    """Asks for what it lacks, as a board does where sockets don't get through."""

    def __init__(self, url: str, hall: str, history: History) -> None:
        self._url, self._hall, self._history = f"{url}/board/{hall}/changes", hall, history
        self._watch: Watch | None = None

    def follow(self, stop: threading.Event) -> None:
        """Until it is switched off; an answer that does not come is asked for again."""
        while not stop.wait(LOOK_EVERY_S):
            self.has_looked()

    def has_looked(self) -> bool:
        """Look, if anybody answers."""
        try:
            self._look()
        except (OSError, ValueError, http.client.HTTPException):
            return False
        return True

    def _look(self) -> None:
        """Hear what is new, or begin anew with a snapshot."""
        watch = self._watch
        after = "" if watch is None else f"?after={watch.reached}"
        with urllib.request.urlopen(self._url + after, timeout=PATIENCE_S) as answer:
            told = json.loads(answer.read())
        if "snapshot" in told:
            self._watch = self._history.watch(Watch(self._hall, told["snapshot"]["seq"]))
        elif watch is not None:
            watch.heard += [(change["seq"], change["kind"]) for change in told["changes"]]

    def end(self) -> None:
        """The city is at rest: this is where the board stands."""
        wait_for(self.has_looked, told=lambda: "no board is answered")
        assert self._watch is not None
        self._watch.is_last = True


@contextmanager
def city(folder: Path, *, workers: int = 2, more: Sequence[str] = ()) -> Iterator[City]:
    """A core of so many workers and a clock, and these other roles too."""
    with (
        servers.restartable_postgres() as cluster,
        Proxy(HOST, cluster.port) as to_database,
        _database_of(cluster) as url,
    ):
        opened = Database(url)
        token = furnish(opened)
        core_port, doom = servers.free_port(), folder / "doom"
        (doom / doomed.READY).mkdir(parents=True)
        with Proxy(HOST, core_port) as to_core:
            ports = {"core": core_port, "display": servers.free_port()}
            environment = {
                "TONGBAN_DATABASE_URL": _through(url, to_database),
                "TONGBAN_VAR": str(folder / "var"),
                "TONGBAN_REDIS_URL": "",
            }
            processes = {
                role: Process(role, _command(role, ports, doom, workers), environment, folder / f"{role}.log")
                for role in ("core", "clock", *more)
            }
            made = City(
                cluster,
                to_database,
                to_core,
                core_port,
                doom,
                token,
                processes,
                opened,
                display_port=ports["display"] if "display" in more else None,
                workers=workers,
            )
            with _watched(made):
                wait_for(made.is_serving, told=lambda: "core does not answer")
                yield made
        opened.dispose()


@contextmanager
def _watched(made: City) -> Iterator[None]:
    thread = threading.Thread(target=made.watch_over)
    thread.start()
    try:
        yield
    finally:
        made.close()
        thread.join()
        for process in made.processes.values():
            process.end()


@contextmanager
def _database_of(cluster: servers.Cluster) -> Iterator[str]:
    databases = servers.Databases(cluster.url)
    databases.make_template()
    yield databases.url(databases.template)


def _command(role: str, ports: dict[str, int], doom: Path, workers: int) -> list[str]:
    # The display begins anew on greenlets, by the city's own command.
    program = ["-m", "dispatch.wiring.cli"] if role == "display" else ["-m", "tests.faults.doomed", str(doom)]
    listening = ["--port", str(ports[role])] if role in ports else []
    many = ["--workers", str(workers)] if role == "core" else []
    return [sys.executable, *program, "serve", "--role", role, *listening, *many]


def _through(url: str, proxy: Proxy) -> str:
    return make_url(url).set(port=proxy.port).render_as_string(hide_password=False)


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
