"""A busy counter through HTTP: tickets issued and called in 60 halls, against one hand-written statement each.

Everything runs as in a city: PostgreSQL that syncs its commits, Redis, the role `core` in two processes under
gunicorn, and eight callers in processes of their own. Rounds of all variants take turns, so that a noisy machine
disturbs them alike; each ratio is the median of the rounds' own.
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from benchmarks import pgbench, references
from benchmarks.client import Ask, Callers
from benchmarks.rows import Row
from benchmarks.standing_halls import City, furnish
from dispatch.foundation.database import Database
from dispatch.foundation.log import faults
from tests import servers

HALLS = 60
CALLERS = 8
WORKERS = 2
PER_CALLER = 100
"""Calls of one caller in a round."""
STARTS_WITHIN_S = 180


@dataclass(frozen=True)
class Place:
    """A city that serves: where, and what to know of it."""

    port: int
    city: City
    database: Database
    pids: Callable[[], list[int]]


def measure(rounds: int) -> list[Row]:
    """Measure every variant in turns."""
    with running(HALLS) as place:
        variants = _variants(place.city)
        callers = Callers(place.port, CALLERS)
        rates: dict[str, list[float]] = {name: [] for name in variants}
        _round(callers, place.city, variants)  # not measured: caches and connections
        for _ in range(rounds):
            for name, rate in _round(callers, place.city, variants).items():
                rates[name].append(rate)
        callers.close()
        _refuse_broken(place)
        bare = pgbench.rate(place.database.url, len(place.city.halls))
    return [*_rows(rates), *_beside(rates, bare)]


@contextmanager
def running(halls: int, *, workers: int = WORKERS, windows_each: int = 1) -> Iterator[Place]:
    """A furnished city behind HTTP, stopped and gone afterwards."""
    with ExitStack() as stack:
        server = stack.enter_context(servers.postgres(durable=True))
        databases = servers.Databases(server)
        databases.make_template()
        url = stack.enter_context(databases.fresh())
        redis_url = stack.enter_context(servers.redis_server())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = Database(url)
        stack.callback(database.dispose)
        city = furnish(database, halls, windows_each=windows_each)
        with database.engine.begin() as connection:
            for statement in filter(str.strip, references.PREPARE.split(";")):
                connection.execute(text(statement))
        surroundings = {
            **os.environ,
            "TONGBAN_DATABASE_URL": url,
            "TONGBAN_REDIS_URL": redis_url,
            "TONGBAN_VAR": str(folder),
        }
        yield stack.enter_context(_serving(surroundings, folder, workers, city, database))


@contextmanager
def _serving(
    surroundings: dict[str, str], folder: Path, workers: int, city: City, database: Database
) -> Iterator[Place]:
    port = servers.free_port()
    with (folder / "core.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.core_server", str(port), str(workers)],
            env=surroundings,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _await(process, port, folder / "core.log")
        yield Place(port, city, database, lambda: _children(process.pid))
    finally:
        process.terminate()
        process.wait(STARTS_WITHIN_S)


def _await(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the core does not serve: {log.read_text(errors='replace')[-2000:]}")


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


Variant = Callable[[str], Ask]


def _variants(city: City) -> dict[str, Variant]:
    """Every kind of call there is, by name, for a hall. A variant that calls comes after one that issues."""
    token = city.token

    def issue(hall: str, *, keyed: bool = False) -> Ask:
        body = {"hall": hall, "queue": "A", "channel": "counter"}
        return Ask("/api/v1/tickets", body, token, keyed)

    def call(hall: str, *, keyed: bool = False) -> Ask:
        return Ask(f"/api/v1/windows/{city.window(hall)}/call-next", {"finish": True}, token, keyed)

    def reference(what: str, *, keyed: bool = False) -> Variant:
        return lambda hall: Ask(
            f"/reference/{what}", {"hall": hall, "window": city.window(hall)}, token, keyed
        )

    return {
        "issue": issue,
        "issue: reference": reference("issue"),
        "call": call,
        "call: reference": reference("call"),
        "issue, kept": lambda hall: issue(hall, keyed=True),
        "issue, kept: reference": reference("issue", keyed=True),
        "call, kept": lambda hall: call(hall, keyed=True),
        "call, kept: reference": reference("call", keyed=True),
        "minimal": reference("minimal"),
        "no-op": reference("noop"),
    }


def _round(callers: Callers, city: City, variants: dict[str, Variant]) -> dict[str, float]:
    """Each caller has halls of its own: one statement cannot settle whom two callers at one window call."""
    shares = [city.halls[rank :: len(callers)] for rank in range(len(callers))]
    rates = {}
    for name, variant in variants.items():
        asks = [[variant(share[n % len(share)]) for n in range(PER_CALLER)] for share in shares]
        rates[name], done = callers.round(asks)
        statuses = {status for each in done for status in each.statuses}
        if not statuses <= {200, 201}:
            raise RuntimeError(f"{name} answered {statuses}")
    return rates


def _rows(rates: dict[str, list[float]]) -> list[Row]:
    """Ours against the one statement."""
    names = [name for name in rates if f"{name}: reference" in rates]
    return [
        Row.of(f"{name} through HTTP / one statement", rates[name], rates[f"{name}: reference"], goal="≥ 0.6")
        for name in names
    ]


def _beside(rates: dict[str, list[float]], bare: float) -> list[Row]:
    """What else there is to compare with."""
    rows = [
        Row.of(f"{name} through HTTP / {other}", rates[name], rates[other])
        for name in ("issue", "call")
        for other in ("minimal", "no-op")
    ]
    return [*rows, Row.of("issue through HTTP / pgbench", rates["issue"], [bare] * len(rates["issue"]))]


def _refuse_broken(place: Place) -> None:
    with place.database.reading() as session:
        found = [fault for hall in place.city.halls for fault in faults(session, hall)]
    if found:
        raise RuntimeError(f"the log broke: {found[:3]}")
