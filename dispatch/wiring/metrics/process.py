"""What one process does: requests by their route, connections to the database, open lines."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    multiprocess,
    values,
)
from sqlalchemy import Engine, event
from sqlalchemy.pool import QueuePool

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody asks for
SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Where the workers of one master keep their figures, so that whichever is asked tells those of all."""
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
FOLDER = "tongban-metrics-"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def share() -> str:
    """Have the workers that will be forked keep their figures together; the folder, for `forget` at the end."""
    beside = MEMORY if MEMORY.is_dir() else Path(tempfile.gettempdir())
    for left in beside.glob(f"{FOLDER}*"):
        if not _lives(left.name.removeprefix(FOLDER).partition("-")[0]):
            forget(str(left))
    folder = tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-", dir=beside)
    os.environ[SHARED] = folder
    return folder


def forget_worker(pid: int) -> None:
    """A worker died: what it had under way is no longer under way. What it counted stays counted."""
    multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]


def forget(folder: str) -> None:
    """The master ends."""
    shutil.rmtree(folder, ignore_errors=True)


def _lives(pid: str) -> bool:
    """Whether that master lives: one that was killed could not clear up after itself."""
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


class Meter:
    """The figures of this process, or of all workers of its master."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        shared = SHARED in os.environ
        if shared:
            Path(os.environ[SHARED]).mkdir(parents=True, exist_ok=True)  # somebody may have cleared it away
            values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
            multiprocess.MultiProcessCollector(self.registry)  # type: ignore[no-untyped-call]
        else:
            ProcessCollector(registry=self.registry)
        # What workers share is read from their files, and must not be told a second time as this worker's own.
        own = None if shared else self.registry
        self._took = Histogram(
            "tongban_http_request_duration_seconds",
            "How long requests took, by route, method and class of status.",
            ["route", "method", "status"],
            buckets=BUCKETS,
            registry=own,
        )
        self._under_way = _gauge("tongban_http_requests_in_flight", "Requests that are being answered.", own)
        self._threads = _gauge("tongban_http_threads", "Requests that can be answered at the same time.", own)
        self._in_use = _gauge(
            "tongban_database_connections_in_use", "Connections of the pool that are in use.", own
        )
        self._at_most = _gauge(
            "tongban_database_connections_limit", "Connections that the pool may open.", own
        )

    def begins(self) -> None:
        """A request has come."""
        self._under_way.inc()

    def ends(self, route: str | None, method: str, status: int, seconds: float) -> None:
        """And was answered. What leads nowhere has no route, for paths may hold anything."""
        self._under_way.dec()
        known = method if method in METHODS else "OTHER"
        self._took.labels(route or "-", known, f"{status // 100}xx").observe(seconds)

    def has_threads(self, count: int) -> None:
        """So many requests can be answered at once."""
        self._threads.set(count)

    def watch_pool(self, engine: Engine) -> None:
        """Count the pool's connections as they are taken and given back."""
        pool = engine.pool
        if isinstance(pool, QueuePool):
            self._at_most.set(pool.size() + max(0, pool._max_overflow))
        event.listen(engine, "checkout", lambda *_: self._in_use.inc())
        event.listen(engine, "checkin", lambda *_: self._in_use.dec())

    def watch_lines(self, count: Callable[[], int]) -> None:
        """Ask for the number of open lines whenever somebody looks."""
        lines = Gauge("tongban_display_lines", "Live wires that end in this process.", registry=self.registry)
        lines.set_function(count)


def _gauge(name: str, said: str, registry: CollectorRegistry | None) -> Gauge:
    return Gauge(name, said, registry=registry, multiprocess_mode="livesum")
