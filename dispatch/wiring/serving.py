"""How a process is run that answers by HTTP."""

import gc
import logging
import os
import resource
import sys
from collections.abc import Callable
from typing import Any

from flask_openapi3 import OpenAPI
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.errors import HaltServer
from gunicorn.glogging import Logger

from dispatch.foundation.settings import Settings
from dispatch.wiring import greenlets
from dispatch.wiring.app import Web, create_core, create_display, create_web
from dispatch.wiring.metrics import process
from dispatch.wiring.warming import warm

logger = logging.getLogger(__name__)
THREADS = 16
"""Of a process that answers requests; each holds a connection to the database while it works."""
LINES = 200
"""Of a process in which a websocket holds a thread for as long as it is open."""
WIRES = 5_000
"""Of a process in which a websocket holds but a few greenlets."""
OTHER_FILES = 200
"""That such a process has open besides its wires: connections to the database, modules, logs."""
KEEP_ALIVE_S = 30
"""Of a line on which nothing is asked; the proxy in front lets go of it sooner."""


class _Gunicorn(BaseApplication):  # type: ignore[misc]
    """Gunicorn with its settings handed over instead of read from a file."""

    def __init__(self, load: Callable[[], Any], settings: dict[str, object]) -> None:
        self._load, self._settings = load, settings
        super().__init__()

    def load_config(self) -> None:
        """Take the settings as given."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - a WSGI application
        """Make the application, in the worker; where that fails there is nothing to try again."""
        try:
            made = self._load()
        except Exception as error:
            logger.critical("the application cannot be made", exc_info=error)
            sys.exit(Arbiter.APP_LOAD_ERROR)
        # What is there from the start stays. To look through all of it for garbage again and again would stop the
        # process for a third of a second each time.
        gc.collect()
        gc.freeze()
        return made


class _Log(Logger):  # type: ignore[misc]
    """Gunicorn's own words, in the one format and to the one place that all others go to."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401 - gunicorn's settings
        """Take no handlers of its own."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.handlers.clear()
            log.propagate = True
            log.setLevel(logging.NOTSET)


def serve_core(settings: Settings, host: str, port: int, workers: int) -> None:
    """Pages and API, in as many processes as asked for. Ends on SIGTERM."""
    _serve(
        lambda: _with_threads(create_core(settings), THREADS), host, port, workers=workers, threads=THREADS
    )


def serve_display(settings: Settings, host: str, port: int, _workers: int) -> None:
    """Every live wire that is opened here. Ends on SIGTERM.

    On greenlets, since a thread for each of a city's boards starves the heartbeats; but on SQLite, whose reading
    would hold up every greenlet, on threads.
    """
    if not greenlets.running():
        _serve(lambda: create_display(settings).app, host, port, threads=LINES)
        return
    _serve(
        lambda: create_display(settings).app,
        host,
        port,
        worker_class="gevent",
        worker_connections=_make_room_for_wires(),
    )


def serve_web(settings: Settings, host: str, port: int, _workers: int) -> None:
    """Pages, API and wires in one process. Ends on SIGTERM."""
    _serve(lambda: _with_threads(create_web(settings), LINES), host, port, threads=LINES)


def _with_threads(web: Web, threads: int) -> OpenAPI:
    web.meter.has_threads(threads)
    warm(web.database)
    return web.app


def _make_room_for_wires() -> int:
    """Raise the limit of open files as far as allowed; how many wires there is room for, said if they are few."""
    limit, highest = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WIRES + OTHER_FILES
    if limit < wanted:
        limit = wanted if highest == resource.RLIM_INFINITY else min(wanted, highest)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, highest))
    wires = max(1, min(WIRES, limit - OTHER_FILES))
    if wires < WIRES:
        print(
            f"tongban: {limit} open files allow {wires} wires, not {WIRES}; raise `ulimit -n`",
            file=sys.stderr,
        )
    return wires


def _shared_figures() -> dict[str, object]:
    """What gunicorn does with the figures that its workers keep together."""
    folder = process.share()
    return {
        "child_exit": lambda _, worker: process.forget_worker(worker.pid),
        "on_exit": lambda _: process.forget(folder),
    }


def _serve(load: Callable[[], Any], host: str, port: int, **kind: object) -> None:
    options: dict[str, object] = {
        "bind": f"{host}:{port}",
        "workers": 1,
        "worker_class": "gthread",
        "timeout": 60,
        "graceful_timeout": 2,
        "keepalive": KEEP_ALIVE_S,
        "logger_class": _Log,
        "control_socket_disable": True,
    }
    options.update(kind)
    if options["workers"] != 1:
        options.update(_shared_figures())
    master = os.getpid()
    try:
        _Gunicorn(load, options).run()
    except (SystemExit, HaltServer) as end:
        # A second worker that dies while the arbiter stops for the first is told by a halt of its own.
        code = end.exit_status if isinstance(end, HaltServer) else end.code
        if os.getpid() == master and code in (Arbiter.APP_LOAD_ERROR, Arbiter.WORKER_BOOT_ERROR):
            raise SystemExit(2) from None
        raise
