"""The Socket.IO server of a process in which wires end, and its patience with whoever does not read."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any

from flask_openapi3 import OpenAPI
from flask_socketio import SocketIO
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import TextMessage

from dispatch.wiring import greenlets

PING_EVERY_S = 15
PATIENCE_S = 10
"""For an answer to a ping, so that what is kept for somebody who does not read is never older than both together."""
LARGEST_MESSAGE = 4096
"""Of a client, in bytes: it says which hall it watches, and what it did with a call."""


def sockets(app: OpenAPI) -> SocketIO:
    """Websockets only: polling would need every request of a client at the same process."""
    server = SocketIO(
        app,
        async_mode="gevent" if greenlets.running() else "threading",
        async_handlers=False,
        transports=["websocket"],
        manage_session=False,
        ping_interval=PING_EVERY_S,
        ping_timeout=PATIENCE_S,
    )
    engine = server.server.eio
    engine._async = {**engine._async, "websocket": _bounded(engine._async["websocket"])}
    return server


def _bounded(driver: Callable[..., Any]) -> Callable[..., Any]:
    """The driver of websockets, with a bound on what a client may send and on how long it may take to read."""

    def bounded(handler: object, engine: object) -> Callable[[dict[str, Any], object], Iterable[bytes]]:
        wire = driver(handler, engine)
        wire.server_args["max_message_size"] = LARGEST_MESSAGE
        wire.send = partial(_send, wire)

        def answer(environ: dict[str, Any], start_response: object) -> Iterable[bytes]:
            # A change is packed once for all boards of a hall; to compress it for each would cost more than it saves.
            environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
            if "gunicorn.socket" in environ:
                environ["gunicorn.socket"] = _Line(environ["gunicorn.socket"])
            answered: Iterable[bytes] = wire(environ, start_response)
            return answered

        return answer

    return bounded


def _send(wire: Any, message: str) -> None:  # noqa: ANN401 - the driver's websocket
    """OSError when the line is gone."""
    if not wire.ws.connected:
        raise ConnectionResetError
    wire.ws.sock.send(_framed(message))


@lru_cache(maxsize=256)
def _framed(message: str) -> bytes:
    """A message as it goes over the wire: nothing of it is its line's own, so that it is framed once for all boards."""
    return Connection(ConnectionType.SERVER).send(TextMessage(data=message))


class _Line:
    """A socket that sends a message whole or hangs up: half a frame would make nonsense of all that follow."""

    def __init__(self, line: socket.socket) -> None:
        line.settimeout(PING_EVERY_S + PATIENCE_S)
        self._line = line
        self._one_at_a_time = threading.Lock()

    def recv(self, size: int) -> bytes:
        """What has come; a client that is there answers each ping, so long silence is an OSError."""
        return self._line.recv(size)

    def send(self, data: bytes) -> None:
        """Send all of it. OSError when the other end does not take it in time, and the line is cut."""
        try:
            with self._one_at_a_time:
                self._line.sendall(data)
        except OSError:
            with contextlib.suppress(OSError):
                self._line.shutdown(socket.SHUT_RDWR)
            raise

    def close(self) -> None:
        """Let go of the line."""
        self._line.close()
