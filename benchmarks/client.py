"""Callers that cost little: each a process with one connection that stays open, sending what it was given.

They share two cores with the server they measure, so they read no more of an answer than they must.
"""

import json
import multiprocessing
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

START_SECONDS = 60


@dataclass(frozen=True)
class Ask:
    """One call: a path, what is sent, and whose token goes along. `keyed` sends a new Idempotency-Key each time."""

    path: str
    body: dict[str, Any]
    token: str | None = None
    keyed: bool = False

    def head(self) -> bytes:
        """The call as HTTP says it, up to its last header."""
        sent = len(json.dumps(self.body).encode())
        lines = [
            f"POST {self.path} HTTP/1.1",
            "Host: 127.0.0.1",
            "Content-Type: application/json",
            f"Content-Length: {sent}",
        ]
        if self.token:
            lines.append(f"Authorization: Bearer {self.token}")
        return "\r\n".join(lines).encode()


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - a JSON value
        """The body's meaning."""
        return json.loads(self.body)


class Caller:
    """One connection that stays open."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def send(self, request: bytes) -> Answer:
        """Send a whole request and wait for its answer."""
        self._socket.sendall(request)
        head = self._until(b"\r\n\r\n")
        status, length = int(head[9:12]), _length(head)
        while len(self._buffer) < length:
            self._more()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return Answer(status, body)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            self._more()
        head, _, self._buffer = self._buffer.partition(mark)
        return head

    def _more(self) -> None:
        more = self._socket.recv(65536)
        if not more:
            raise ConnectionError("the server hung up")
        self._buffer += more


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    return int(lowered[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


@dataclass(frozen=True)
class Done:
    """What one caller did in a round: how long it took, and every answer as (status, body) where they were kept."""

    seconds: float
    statuses: dict[int, int]
    answers: list[Answer]
    latencies: list[float]


class Callers:
    """Caller processes that begin each round together."""

    def __init__(self, port: int, count: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._gate = context.Barrier(count)
        pipes = [context.Pipe() for _ in range(count)]
        self._ends = [mine for mine, _ in pipes]
        self._processes = [
            context.Process(target=_serve, args=(port, theirs, self._gate), daemon=True)
            for _, theirs in pipes
        ]
        for process in self._processes:
            process.start()

    def __len__(self) -> int:
        return len(self._ends)

    def round(self, asks: Sequence[Sequence[Ask]], *, keep: bool = False) -> tuple[float, list[Done]]:
        """Each caller makes its calls, one after the other; how many a second all made together, and what came."""
        for end, part in zip(self._ends, asks, strict=True):
            end.send((list(part), keep))
        done: list[Done] = []
        for end in self._ends:
            told = end.recv()
            if isinstance(told, str):
                raise RuntimeError(told)
            done.append(told)
        return sum(map(len, asks)) / max(each.seconds for each in done), done

    def close(self) -> None:
        """Send them home."""
        for end in self._ends:
            end.send(None)
        for process in self._processes:
            process.join(START_SECONDS)


def _serve(port: int, end: Connection, gate: Barrier) -> None:
    caller = Caller(port)
    key = 0
    while (told := end.recv()) is not None:
        asks, keep = told
        requests = []
        for ask in asks:
            key += 1
            named = f"\r\nIdempotency-Key: {os.getpid():x}-{time.time_ns():x}-{key:08x}" if ask.keyed else ""
            requests.append(ask.head() + named.encode() + b"\r\n\r\n" + json.dumps(ask.body).encode())
        gate.wait(START_SECONDS)
        try:
            end.send(_make(caller, requests, keep))
        except (OSError, ConnectionError) as error:
            end.send(f"{type(error).__name__}: {error}")
            return
    caller.close()


def _make(caller: Caller, requests: Sequence[bytes], keep: bool) -> Done:
    statuses: dict[int, int] = {}
    answers, latencies = [], []
    began = time.perf_counter()
    for request in requests:
        sent = time.perf_counter()
        answer = caller.send(request)
        latencies.append(time.perf_counter() - sent)
        statuses[answer.status] = statuses.get(answer.status, 0) + 1
        if keep:
            answers.append(answer)
    return Done(time.perf_counter() - began, statuses, answers, latencies)
