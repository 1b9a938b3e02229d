"""The roles that a process of the city can play: one table, read by the command line, the deployment and its tests.

What a role runs is imported when it runs: nobody loads what only others need.
"""

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from dispatch.foundation.settings import Settings

Run = Callable[[Settings, str, int, int], None]


@dataclass(frozen=True)
class Role:
    """What a process does. One that `listens` has a port; of one that is not `many`, one works and others wait.

    One `on_greenlets` is begun so, except over SQLite, whose reading would hold up every greenlet.
    """

    name: str
    does: str
    listens: bool
    many: bool
    run: Run
    on_greenlets: bool = False


def _serve(name: str, settings: Settings, host: str, port: int, workers: int) -> None:
    from dispatch.wiring import serving

    serve: Run = getattr(serving, f"serve_{name}")
    serve(settings, host, port, workers)


def _run_jobs(role: str, settings: Settings, host: str, port: int, _workers: int) -> None:
    """Do a role's jobs at their times, or wait until nobody else does. Ends on SIGTERM. A port tells figures."""
    from dispatch.wiring.clockwork.jobs import FORECASTS, JOBS
    from dispatch.wiring.clockwork.running import run_jobs
    from dispatch.wiring.metrics.exposing import listen_for

    if port:
        listen_for(settings, host, port)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_jobs(settings, role, {"clock": JOBS, "forecast": FORECASTS}[role], stop)


ROLES = {
    role.name: role
    for role in (
        Role("core", "pages and API", True, True, partial(_serve, "core")),
        Role(
            "display",
            "live wires of boards, phones and consoles",
            True,
            True,
            partial(_serve, "display"),
            on_greenlets=True,
        ),
        Role("clock", "scheduled jobs", False, False, partial(_run_jobs, "clock")),
        Role("forecast", "whatever computes ahead", False, False, partial(_run_jobs, "forecast")),
        Role("web", "core and display in one, for a small city", True, False, partial(_serve, "web")),
    )
}
