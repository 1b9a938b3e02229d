"""The roles that a process can play, and how each is run."""

import signal
import threading
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from dispatch.foundation.settings import Settings
from dispatch.wiring.app import create_web
from dispatch.wiring.clockwork import run_clock

THREADS = 200
"""A board's websocket holds a thread for as long as it is open."""


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
        """Make the application, in the worker."""
        return self._load()


def serve_web(settings: Settings, host: str, port: int) -> None:
    """Pages, API and boards in one process on threads. Ends on SIGTERM."""
    options = {
        "bind": f"{host}:{port}",
        "workers": 1,
        "worker_class": "gthread",
        "threads": THREADS,
        "timeout": 60,
        "graceful_timeout": 2,
        "keepalive": 30,
        "loglevel": "warning",
        "control_socket_disable": True,
    }
    _Gunicorn(lambda: create_web(settings).app, options).run()


def serve_clock(settings: Settings) -> None:
    """The city's scheduled jobs. Ends on SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_clock(settings, stop)


ROLES = ("web", "clock")
