"""The proxy in front of a city, as small as can be: wires to the display process, all else to the core."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Literal, Self

Way = Literal["open", "refused", "deaf"]
NO_UPGRADE = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
GLANCE_S = 0.2


class Door:
    """Leads a browser to two processes. `wires`: whether sockets get through, are refused, or are met by silence."""

    def __init__(self, core: int, display: int) -> None:
        self.wires: Way = "open"
        self.asked = 0
        self.open_wires = 0
        self._core, self._display = core, display
        self._ended = threading.Event()
        self._lines: set[socket.socket] = set()
        self._entrance = socket.create_server(("127.0.0.1", 0))
        self._entrance.settimeout(GLANCE_S)
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self.url = f"http://127.0.0.1:{self._entrance.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(5)
        self._entrance.close()
        for line in list(self._lines):
            _hang_up(line)

    def treat_wires(self, way: Way) -> None:
        """From now on; those that stand are cut unless silence meets them too."""
        self.wires = way
        if way == "refused":
            for line in list(self._lines):
                _hang_up(line)

    def _answer(self) -> None:
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError):
                near, _ = self._entrance.accept()
                near.settimeout(None)
                threading.Thread(target=self._lead, args=(near,), daemon=True).start()

    def _lead(self, near: socket.socket) -> None:
        with contextlib.suppress(OSError):
            first = near.recv(65536)
            wire = first.startswith(b"GET /socket.io/")
            if wire and self.wires == "refused":
                near.sendall(NO_UPGRADE)
                near.close()
                return
            far = socket.create_connection(("127.0.0.1", self._display if wire else self._core))
            self._lines |= {near, far}
            self.open_wires += wire
            back = threading.Thread(target=self._carry, args=(far, near, wire), daemon=True)
            back.start()
            self._pass_on(first, far, wire)
            self._carry(near, far, wire)
            back.join()
            self.open_wires -= wire
            return
        near.close()

    def _carry(self, source: socket.socket, target: socket.socket, wire: bool) -> None:
        try:
            while data := source.recv(65536):
                self._pass_on(data, target, wire)
        except OSError:
            pass
        finally:
            _hang_up(source)
            _hang_up(target)

    def _pass_on(self, data: bytes, target: socket.socket, wire: bool) -> None:
        self.asked += data.count(b"/changes?")
        while wire and self.wires == "deaf" and not self._ended.is_set():
            time.sleep(GLANCE_S)
        target.sendall(data)


def _hang_up(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
