"""A core and two display processes over a PostgreSQL and a Redis, each of which can be hurt by itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import redis
from sqlalchemy import select

from benchmarks.standing_halls import QUEUE, City, furnish
from dispatch.foundation import identity
from dispatch.foundation.database import Database
from dispatch.foundation.log import LogHead
from tests import servers
from tests.conftest import missing
from tests.faults.proxy import HOST, Proxy
from tests.hall_display.test_wire import Client
from tests.patience import PATIENCE_S, bar, wait_for

HALLS = 2


class Process:
    """A process that can be killed, frozen, and started again as it was."""

    def __init__(self, command: list[str], log: Path, environment: dict[str, str] | None = None) -> None:
        self._command, self._log, self._environment = command, log, environment
        self._running: subprocess.Popen[bytes]
        self.start()

    def start(self) -> None:
        """Begin, and leave what it says in a file."""
        with self._log.open("ab") as said:
            self._running = subprocess.Popen(self._command, stdout=said, stderr=said, env=self._environment)

    def workers(self) -> list[int]:
        """The processes below it."""
        pid = self._running.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill(self, *, workers_too: bool = False) -> None:
        """With -9: nothing is tidied up."""
        below = self.workers() if workers_too else []
        self._running.kill()
        for pid in below:
            os.kill(pid, signal.SIGKILL)
        self._running.wait()

    def kill_worker(self) -> None:
        """With -9 too, but its keeper lives and starts another."""
        os.kill(self.workers()[0], signal.SIGKILL)

    def freeze(self) -> None:
        """Let it stand still, its lines open."""
        for pid in (self._running.pid, *self.workers()):
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        for pid in (self._running.pid, *self.workers()):
            os.kill(pid, signal.SIGCONT)

    def end(self) -> None:
        """Nothing of it is needed any more."""
        if self._running.poll() is None:
            self.kill(workers_too=True)


@dataclass
class Stage:
    """What the tests hurt and what they look at."""

    city: City
    database: Database
    name: str
    redis: Process
    redis_url: str
    to_redis: Proxy
    core: Process
    displays: list[Process]
    ports: dict[str, int]
    boards: list[Client] = field(default_factory=list)

    @property
    def hall(self) -> str:
        """The hall that everything happens in."""
        return self.city.halls[0]

    def issue(self) -> float:
        """Somebody takes a number; how long the answer took."""
        return self._post("tickets", {"hall": self.hall, "queue": QUEUE, "channel": "counter"})

    def call(self) -> float:
        """The window calls the next person; how long the answer took."""
        return self._post(f"windows/{self.city.window(self.hall)}/call-next", {"finish": True})

    def _post(self, path: str, body: dict[str, Any]) -> float:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.city.token}"}
        url = f"http://127.0.0.1:{self.ports['core']}/api/v1/{path}"
        asked = urllib.request.Request(url, json.dumps(body).encode(), headers)
        began = time.monotonic()
        with urllib.request.urlopen(asked, timeout=PATIENCE_S) as answer:
            answer.read()
        return time.monotonic() - began

    def watch(self, display: int = 0, **asked: object) -> Client:
        """A board that hangs on this display process and has had its snapshot."""
        board = Client(f"http://127.0.0.1:{self.ports[f'display {display}']}")
        self.boards.append(board)
        board.watch(self.hall, **asked)
        return board

    def head(self) -> tuple[int, int]:
        """Where the hall's log ends."""
        with self.database.reading() as session:
            head = session.execute(select(LogHead.epoch, LogHead.seq).where(LogHead.hall == self.hall)).one()
        return head.epoch, head.seq

    def until_right(self, board: Client, within: float = PATIENCE_S) -> float:
        """Wait until a board has come to the log's head, every seq once and in order; how long that took."""
        head = self.head()
        return until(lambda: stands(board) == head, within)

    def ears(self) -> int:
        """How many processes listen to this city's hints; raises while Redis does not answer."""
        with redis.Redis.from_url(self.redis_url, socket_timeout=5, socket_connect_timeout=5) as client:
            return int(client.pubsub_numsub(f"tongban:{self.name}:moved")[0][1])

    def hang_up(self) -> None:
        """Take all boards down."""
        for board in self.boards:
            board.hang_up()
        self.boards.clear()


def stands(board: Client) -> tuple[int, int]:
    """Where a board stands after all it heard; fails at the first seq that is not the next."""
    epoch, seq = 0, -1
    for event, message in list(board.heard):
        if event == "snapshot":
            epoch, seq = message["epoch"], message["seq"]
        elif event == "change":
            assert (message["epoch"], message["seq"]) == (epoch, seq + 1), "a hole, or a change twice"
            seq += 1
    return epoch, seq


def until(true: Callable[[], bool], within: float = PATIENCE_S) -> float:
    """Wait for it; how long it took. What cannot be told yet is not true yet."""
    return wait_for(lambda: _holds(true), bar(within))


def _holds(true: Callable[[], bool]) -> bool:
    try:
        return true()
    except (redis.RedisError, OSError):
        return False


@contextmanager
def stage(folder: Path, databases: servers.Databases) -> Iterator[Stage]:
    """Everything started, and ended together."""
    binary = servers.redis_binary()
    if binary is None:
        missing("no Redis")
    with databases.fresh() as url, ExitStack() as stack:
        database = Database(url)
        stack.callback(database.dispose)
        city = furnish(database, HALLS)
        ports = {each: servers.free_port() for each in ("redis", "core", "display 0", "display 1")}
        redis_url = f"redis://127.0.0.1:{ports['redis']}/0"
        keeper = [str(binary), "--port", str(ports["redis"]), "--save", "", "--appendonly", "no"]
        redis_process = Process([*keeper, "--dir", str(folder)], folder / "redis.log")
        stack.callback(redis_process.end)
        until(lambda: _answers_redis(redis_url))
        to_redis = stack.enter_context(Proxy(HOST, ports["redis"]))
        environment = {
            **os.environ,
            "TONGBAN_DATABASE_URL": url,
            "TONGBAN_REDIS_URL": f"redis://{HOST}:{to_redis.port}/0",
            "TONGBAN_VAR": str(folder),
        }

        def begin(name: str, role: str) -> Process:
            options = ["serve", "--role", role, "--port", str(ports[name])]
            command = [sys.executable, "-m", "dispatch.wiring.cli", *options]
            process = Process(command, folder / f"{name}.log", environment)
            stack.callback(process.end)
            return process

        core, *displays = (begin(name, name.partition(" ")[0]) for name in ("core", "display 0", "display 1"))
        for name in ("core", "display 0", "display 1"):
            until(partial(answers, ports[name]))
        name = identity.city_of(database)
        made = Stage(city, database, name, redis_process, redis_url, to_redis, core, displays, ports)
        stack.callback(made.hang_up)
        for n in range(len(displays)):
            made.watch(n)  # a process listens once somebody watches
        until(lambda: made.ears() == len(displays))
        made.hang_up()
        yield made


def _answers_redis(url: str) -> bool:
    with redis.Redis.from_url(url, socket_timeout=5) as client:
        return bool(client.ping())


def answers(port: int) -> bool:
    """Whether a process serves there."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
        return bool(answer.status == 200)
