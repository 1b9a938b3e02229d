"""The roles that a process of the city can play: one table, read by the command line, the deployment and its tests."""

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from dispatch.foundation.settings import Settings
from dispatch.wiring import serving
from dispatch.wiring.clockwork.jobs import FORECASTS, JOBS, Job
from dispatch.wiring.clockwork.running import run_jobs
from dispatch.wiring.metrics.exposing import listen_for

Run = Callable[[Settings, str, int, int], None]


@dataclass(frozen=True)
class Role:
    """What a process does. One that `listens` has a port; of one that is not `many`, one works and others wait."""

    name: str
    does: str
    listens: bool
    many: bool
    run: Run


def _run_jobs(
    role: str, jobs: tuple[Job, ...], settings: Settings, host: str, port: int, _workers: int
) -> None:
    """Do these jobs at their times, or wait until nobody else does. Ends on SIGTERM. With a port, figures are there."""
    if port:
        listen_for(settings, host, port)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_jobs(settings, role, jobs, stop)


ROLES = {
    role.name: role
    for role in (
        Role("core", "pages and API", True, True, serving.serve_core),
        Role("display", "live wires of boards, phones and consoles", True, True, serving.serve_display),
        Role("clock", "scheduled jobs", False, False, partial(_run_jobs, "clock", JOBS)),
        Role("forecast", "whatever computes ahead", False, False, partial(_run_jobs, "forecast", FORECASTS)),
        Role("web", "core and display in one, for a small city", True, False, serving.serve_web),
    )
}
