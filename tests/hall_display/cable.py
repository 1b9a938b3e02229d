"""A network cable between a board and its server that can be pulled out and put back."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self
from urllib.parse import urlsplit

from tests.patience import PATIENCE_S


class Cable:
    """Passes bytes both ways; while pulled out, lines are broken and new ones refused."""

    def __init__(self, address: str) -> None:
        there = urlsplit(address)
        self._there = (str(there.hostname), int(there.port or 80))
        self._in = True
        self._ended = False
        self._lock = threading.Lock()
        self._lines: set[socket.socket] = set()
        self._door = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self.pull_out()
        # A listening socket is not woken by being closed.
        socket.create_connection(self._door.getsockname(), timeout=PATIENCE_S).close()
        self._thread.join(timeout=5)
        self._door.close()

    def pull_out(self) -> None:
        """Break every line and refuse new ones."""
        with self._lock:
            self._in = False
            lines, self._lines = self._lines, set()
        for line in lines:
            _hang_up(line)

    def put_back(self) -> None:
        """Let lines through again."""
        with self._lock:
            self._in = True

    def _answer(self) -> None:
        while not self._ended:
            near, _ = self._door.accept()
            with self._lock:
                let_in = self._in and not self._ended
            if not let_in:
                near.close()
                continue
            far = socket.create_connection(self._there)
            with self._lock:
                self._lines |= {near, far}
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        finally:
            _hang_up(source)
            _hang_up(target)


def _hang_up(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
