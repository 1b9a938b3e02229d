"""How a process is run that answers by HTTP."""

from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from dispatch.foundation.settings import Settings
from dispatch.wiring.app import create_core, create_display, create_web

THREADS = 16
"""Of a process that answers requests; each holds a connection to the database while it works."""
LINES = 200
"""Of a process in which a websocket holds a thread for as long as it is open."""


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


def serve_core(settings: Settings, host: str, port: int, workers: int) -> None:
    """Pages and API, in as many processes as asked for. Ends on SIGTERM."""
    _serve(lambda: create_core(settings).app, host, port, workers=workers, threads=THREADS)


def serve_display(settings: Settings, host: str, port: int, _workers: int) -> None:
    """Every live wire that is opened here. Ends on SIGTERM."""
    _serve(lambda: create_display(settings).app, host, port, workers=1, threads=LINES)


def serve_web(settings: Settings, host: str, port: int, _workers: int) -> None:
    """Pages, API and wires in one process. Ends on SIGTERM."""
    _serve(lambda: create_web(settings).app, host, port, workers=1, threads=LINES)


def _serve(load: Callable[[], Any], host: str, port: int, *, workers: int, threads: int) -> None:
    options = {
        "bind": f"{host}:{port}",
        "workers": workers,
        "worker_class": "gthread",
        "threads": threads,
        "timeout": 60,
        "graceful_timeout": 2,
        "keepalive": 30,
        "loglevel": "warning",
        "control_socket_disable": True,
    }
    _Gunicorn(load, options).run()
