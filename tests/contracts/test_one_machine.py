"""A city started by the one script, behind its proxy: what each death costs those outside."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from secrets import token_urlsafe

import httpx
import pytest
import socketio
from sqlalchemy import func, select

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.ids import digest
from dispatch.foundation.limits import RateBucket
from dispatch.tickets.models import Ticket
from tests import servers, standing_city
from tests.conftest import missing
from tests.contracts.deployed import DEPLOY
from tests.contracts.proxied import NGINX, free_hundred
from tests.house.tree import ROOT
from tests.patience import PATIENCE_S
from tests.soak_tables import tell
from tests.standing_city import MORNING, TOWN_HALL

PROGRAMS = ROOT / ".venv/bin"
STARTS_WITHIN_S = 400
BACK_WITHIN_S = 180
ENDS_WITHIN_S = 60
CROWD_S = 6.0
KILLED_AFTER_S = 2.0

pytestmark = pytest.mark.soak


@dataclass(frozen=True)
class Machine:
    """The running city: its door, its own ports, and the script that started it."""

    var: Path
    port: int
    inner: int
    database: Database
    script: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        """Its door."""
        return f"http://127.0.0.1:{self.port}"

    def processes(self) -> dict[str, int]:
        """The number of every process that is running, by its name."""
        control = [str(PROGRAMS / "supervisorctl"), "-s", f"unix://{self.var}/run/supervisor.sock", "status"]
        said = subprocess.run(control, capture_output=True, text=True, check=False).stdout
        return {
            name: int(pid) for name, pid in re.findall(r"^(\S+)\s+RUNNING\s+pid (\d+),", said, re.MULTILINE)
        }

    def ready(self, port: int) -> bool:
        """Whether a process says that it can serve."""
        try:
            return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def tickets(self) -> int:
        """How many numbers were given out, as the database has it."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Ticket)) or 0


def until(holds: Callable[[], bool], within_s: float, what: str) -> float:
    """Wait for it; how many seconds that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within_s, f"{what}: not within {within_s} s"
        time.sleep(0.05)
    return round(time.monotonic() - began, 2)


@pytest.fixture(scope="module")
def figures() -> Iterator[list[dict[str, object]]]:
    rows: list[dict[str, object]] = []
    yield rows
    tell("one-machine", rows)


@pytest.fixture(scope="module")
def machine(postgres_databases: servers.Databases, figures: list[dict[str, object]]) -> Iterator[Machine]:
    if NGINX is None or servers.redis_binary() is None or not (PROGRAMS / "supervisord").exists():
        missing("no nginx, no Redis or no supervisord")
    var = Path(tempfile.mkdtemp(prefix="tongban-machine-"))
    port, inner = servers.free_port(), free_hundred()
    with postgres_databases.fresh() as url:
        database = Database(url)
        standing_city.build(database)
        with database.work() as session:
            clock.begin_demo(session, MORNING)
        settings = {"TONGBAN_DATABASE_URL": url, "TONGBAN_VAR": str(var), "TONGBAN_SECURE_COOKIES": "false"}
        options = ["--user", _me(), "--port", str(port), "--inner-ports", str(inner), "--displays", "2"]
        with (var / "script.log").open("wb") as log:
            script = subprocess.Popen(
                [str(DEPLOY / "one-machine"), *options],
                env={**os.environ, **settings},
                stdout=log,
                stderr=log,
            )
        city = Machine(var, port, inner, database, script)
        try:
            listening = [inner + 1, inner + 2, inner + 51, inner + 52]
            took = until(lambda: all(map(city.ready, listening)), STARTS_WITHIN_S, "the start")
            figures.append({"what": "cold start of all processes", "seconds": took, "failed": ""})
            yield city
        finally:
            script.terminate()
            script.wait(ENDS_WITHIN_S)
            database.dispose()
            shutil.rmtree(var)


def _me() -> str:
    return subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()


@dataclass
class Crowd:
    """People who look, and people who take numbers; one of them presses again, by her key, until it is answered."""

    url: str
    looks: int = 0
    failed_looks: list[str] = field(default_factory=list)
    once: int = 0
    unknown: int = 0
    with_key: int = 0
    slowest_s: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        """Look at the hall again and again."""
        while not self.stop.is_set():
            began = time.monotonic()
            try:
                status = str(httpx.get(f"{self.url}/api/v1/halls/{TOWN_HALL}", timeout=30).status_code)
            except httpx.TransportError as error:
                status = repr(error)
            self.looks += 1
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            if status != "200":
                self.failed_looks.append(status)

    def press(self) -> None:
        """Take numbers without a key: what is not answered has an unknown outcome."""
        while not self.stop.is_set():
            if self._take({}):
                self.once += 1
            else:
                self.unknown += 1

    def insist(self) -> None:
        """Take numbers, each with a key, and press again until it is answered."""
        while not self.stop.is_set():
            key = {"Idempotency-Key": token_urlsafe(18)}
            while not self._take(key):
                time.sleep(0.05)
            self.with_key += 1

    def _take(self, headers: dict[str, str]) -> bool:
        body = {"hall": TOWN_HALL, "queue": "D", "channel": "web"}
        try:
            return (
                httpx.post(f"{self.url}/api/v1/tickets", json=body, headers=headers, timeout=30).status_code
                == 201
            )
        except httpx.TransportError:
            return False


def in_a_crowd(city: Machine, happens: Callable[[], None]) -> Crowd:
    """Let a crowd in, let something happen, and see the crowd out."""
    crowd, before = Crowd(city.url), city.tickets()
    threads = [threading.Thread(target=each) for each in (crowd.look, crowd.look, crowd.press, crowd.insist)]
    for thread in threads:
        thread.start()
    time.sleep(KILLED_AFTER_S)
    happens()
    time.sleep(CROWD_S - KILLED_AFTER_S)
    crowd.stop.set()
    for thread in threads:
        thread.join(60)
    given = city.tickets() - before - crowd.once - crowd.with_key
    assert 0 <= given <= crowd.unknown, f"{given} numbers more than were acknowledged"
    return crowd


def killed(city: Machine, name: str, is_back: Callable[[], bool]) -> float:
    """Kill it with all its workers, as nothing can prevent; seconds until it is back."""
    pid = city.processes()[name]
    os.killpg(pid, signal.SIGKILL)
    return until(lambda: city.processes().get(name, pid) != pid and is_back(), BACK_WITHIN_S, name)


def test_the_city_answers_behind_its_proxy(machine: Machine) -> None:
    for path in ("/", f"/board/{TOWN_HALL}", f"/api/v1/halls/{TOWN_HALL}", "/assets/shared/plain.css"):
        assert httpx.get(f"{machine.url}{path}").status_code == 200, path


@pytest.mark.parametrize("number", [1, 2])
def test_a_core_that_dies_costs_no_look_and_doubles_no_number(
    machine: Machine, figures: list[dict[str, object]], number: int
) -> None:
    port = machine.inner + number
    took: list[float] = []
    crowd = in_a_crowd(
        machine, lambda: took.append(killed(machine, f"core:{port}", lambda: machine.ready(port)))
    )
    failed = f"{len(crowd.failed_looks)} of {crowd.looks} looks, {crowd.unknown} of {crowd.once} presses"
    figures.append({"what": f"kill -9 of core {number}", "seconds": took[0], "failed": failed})
    assert crowd.failed_looks == []


def test_boards_come_back_by_another_display(machine: Machine, figures: list[dict[str, object]]) -> None:
    snapshots: list[float] = []
    board = socketio.Client(reconnection_delay=0.1, reconnection_delay_max=0.5)

    @board.on("connect", namespace="/display")  # type: ignore[untyped-decorator]
    def _watch() -> None:
        board.emit("watch", {"hall": TOWN_HALL}, namespace="/display")

    @board.on("snapshot", namespace="/display")  # type: ignore[untyped-decorator]
    def _shown(_: object) -> None:
        snapshots.append(time.monotonic())

    board.connect(machine.url, transports=["websocket"], namespaces=["/display"], wait_timeout=PATIENCE_S)
    until(lambda: bool(snapshots), 10, "the first snapshot")
    # Whichever of the two has the board: after both have died one after the other it has moved at least once.
    for number in (1, 2):
        seen, began, port = len(snapshots), time.monotonic(), machine.inner + 50 + number
        took = killed(machine, f"display:{port}", lambda port=port: machine.ready(port))  # type: ignore[misc]
        back = f"board back after {snapshots[-1] - began:.1f} s" if len(snapshots) > seen else "had no board"
        figures.append({"what": f"kill -9 of display {number}", "seconds": took, "failed": back})
    assert len(snapshots) > 1
    board.disconnect()


@pytest.mark.parametrize("role", ["clock", "forecast"])
def test_what_does_jobs_is_started_again(
    machine: Machine, figures: list[dict[str, object]], role: str
) -> None:
    took: list[float] = []
    crowd = in_a_crowd(machine, lambda: took.append(killed(machine, role, lambda: True)))
    figures.append(
        {"what": f"kill -9 of {role}", "seconds": took[0], "failed": f"{len(crowd.failed_looks)} looks"}
    )
    assert crowd.failed_looks == []
    assert crowd.unknown == 0


def test_nobody_notices_that_redis_died(machine: Machine, figures: list[dict[str, object]]) -> None:
    name, took = f"redis:{machine.inner + 99}", [0.0]
    crowd = in_a_crowd(machine, lambda: took.append(killed(machine, name, lambda: True)))
    figures.append(
        {"what": "kill -9 of Redis", "seconds": took[-1], "failed": f"{len(crowd.failed_looks)} looks"}
    )
    assert crowd.failed_looks == []
    assert crowd.unknown == 0


def test_the_proxy_is_started_again(machine: Machine, figures: list[dict[str, object]]) -> None:
    def answers() -> bool:
        try:
            return httpx.get(f"{machine.url}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    took = killed(machine, "proxy", answers)
    figures.append({"what": "kill -9 of nginx", "seconds": took, "failed": "all, meanwhile"})


def test_the_citizen_is_counted_and_not_the_proxy(machine: Machine) -> None:
    """The network that a call came from, through the proxy, has its bucket."""
    addresses = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=True).stdout.split()
    if not addresses:
        missing("this machine has no address but its loopback")
    body = json.dumps({"hall": TOWN_HALL, "queue": "D", "channel": "web"})
    take = ["curl", "--fail", "--silent", "--json", body]
    subprocess.run(
        [*take, f"http://{addresses[0]}:{machine.port}/api/v1/tickets"], capture_output=True, check=True
    )
    network = ip_network(f"{addresses[0]}/24", strict=False)
    with machine.database.reading() as session:
        assert session.get(RateBucket, digest(f"issue:net:{network}")) is not None


def test_all_end_together(machine: Machine, figures: list[dict[str, object]]) -> None:
    numbers = machine.processes().values()
    machine.script.terminate()
    began = time.monotonic()
    assert machine.script.wait(ENDS_WITHIN_S) == 0
    figures.append(
        {"what": "SIGTERM of the script", "seconds": round(time.monotonic() - began, 2), "failed": ""}
    )
    assert [pid for pid in numbers if Path(f"/proc/{pid}").exists()] == []
