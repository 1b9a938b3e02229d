"""Boards that cost little: hundreds of sockets in one process, each keeping what a board keeps.

They speak Engine.IO and Socket.IO by hand, connect again as a board's script does, and note when each change came.
"""

import asyncio
import json
import random
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from benchmarks import frames

WIRE = "/socket.io/?EIO=4&transport=websocket"
SPACE = b"/display,"
NUMBERED = re.compile(rb'"seq": ?(\d+)')
FIRST_DELAY_S, LONGEST_DELAY_S, PATIENCE_S = 0.5, 3.0, 5.0
ASK_AGAIN_S = 3.0


@dataclass
class Report:
    """What one board knows and saw. `came`: when each seq arrived, by the machine's monotonic clock.

    `silence_s` is the longest time without a word: at fifteen seconds a board says that it knows nothing.
    """

    hall: str
    epoch: int = 0
    seq: int = -1
    waiting: dict[str, int] = field(default_factory=dict)
    called: str | None = None
    sound_at: float = 0.0
    connects: int = 0
    snapshots: int = 0
    gaps: int = 0
    problems: int = 0
    heard_at: float = 0.0
    silence_s: float = 0.0
    last: bytes = b""
    came: list[tuple[int, float]] = field(default_factory=list)


class Board(asyncio.Protocol):
    """One board on its present line; `bare` ones are told by the reference server."""

    def __init__(self, report: Report, lost: asyncio.Event, *, bare: bool) -> None:
        self._report, self._lost, self._bare = report, lost, bare
        self._unpacker = frames.Unpacker()
        self._head = b""
        self._met = False
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The line is there: ask for a websocket."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(frames.ask(WIRE))

    def connection_lost(self, exc: Exception | None) -> None:
        """The line is gone."""
        self._lost.set()

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        now = time.monotonic()
        if not self._met:
            self._head += data
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head[:16]:
                self.transport.abort()
                return
            self._met = True
            if self._bare:
                self._say(self._report.hall.encode())
                self._report.sound_at = now
        for message in self._unpacker.take(data):
            if self._bare:
                numbered = NUMBERED.search(message)
                self._report.came.append((int(numbered[1]) if numbered else 0, now))
            else:
                self._hear(message, now)

    def _hear(self, message: bytes, now: float) -> None:
        if message[:1] == b"0":
            self._say(b"40" + SPACE)
        elif message == b"2":
            self._say(b"3")
        elif message.startswith(b"40"):
            self._ask()
        elif message.startswith(b"42"):
            event, told = json.loads(message[message.index(b"[") :])
            self._report.last = message if event == "change" else self._report.last
            self._take(event, told, now)

    def _ask(self) -> None:
        asked: dict[str, Any] = {"hall": self._report.hall, "lang": "zh"}
        if self._report.seq >= 0:
            asked |= {"epoch": self._report.epoch, "after": self._report.seq}
        self._tell("watch", asked)

    def _take(self, event: str, told: dict[str, Any], now: float) -> None:
        report = self._report
        report.silence_s = max(report.silence_s, now - (report.heard_at or now))
        report.heard_at = now
        if event == "snapshot":
            report.snapshots += 1
            report.epoch, report.seq = told["epoch"], told["seq"]
            report.waiting = {queue["code"]: queue["waiting"] for queue in told["board"]["queues"]}
            calls = told["board"]["calls"]
            report.called = calls[0]["number"] if calls else None
        elif event == "change":
            report.gaps += told["epoch"] != report.epoch or told["seq"] != report.seq + 1
            report.seq = told["seq"]
            report.came.append((told["seq"], now))
            report.waiting |= {queue["code"]: queue["waiting"] for queue in told.get("queues", ())}
            if told.get("call"):
                report.called = told["call"]["number"]
                self._tell(
                    "receipt", {"hall": report.hall, "seq": told["seq"], "shown": True, "spoken": False}
                )
        elif event == "heartbeat":
            if (told["epoch"], told["seq"]) == (report.epoch, report.seq):
                report.sound_at = report.sound_at or now
            else:
                report.gaps += 1
        elif event == "problem":
            report.problems += 1
            asyncio.get_running_loop().call_later(ASK_AGAIN_S, self._ask)

    def _tell(self, event: str, message: dict[str, Any]) -> None:
        self._say(b"42" + SPACE + json.dumps([event, message]).encode())

    def _say(self, text: bytes) -> None:
        self.transport.write(frames.packed(text, masked=True))


class Wall:
    """All boards of this process. `port` may change while a server is started anew."""

    def __init__(self, port: int, halls: Sequence[str], each: int, *, bare: bool) -> None:
        self._port, self._bare = port, bare
        self.reports = [Report(hall) for hall in halls for _ in range(each)]
        self._boards: dict[int, Board] = {}
        self._ended = False

    async def hang(self) -> None:
        """Connect every board, and again whenever its line is lost."""
        await asyncio.gather(*(self._keep(n) for n in range(len(self.reports))))

    def cut(self) -> float:
        """Break every line at once; when that was."""
        for report in self.reports:
            report.sound_at = 0.0
        for board in list(self._boards.values()):
            board.transport.abort()
        return time.monotonic()

    def forget(self) -> None:
        """Let the figures begin anew."""
        for report in self.reports:
            report.came.clear()
            report.silence_s = 0.0

    def end(self) -> None:
        """Connect no more."""
        self._ended = True
        self.cut()

    async def _keep(self, n: int) -> None:
        tries = 0
        while not self._ended:
            lost = asyncio.Event()
            board = Board(self.reports[n], lost, bare=self._bare)
            made = asyncio.get_running_loop().create_connection(lambda: board, "127.0.0.1", self._port)  # noqa: B023
            try:
                await asyncio.wait_for(made, PATIENCE_S)
            except OSError:
                tries += 1
            else:
                tries = 0
                self.reports[n].connects += 1
                self._boards[n] = board
                await lost.wait()
                del self._boards[n]
            await asyncio.sleep(min(LONGEST_DELAY_S, FIRST_DELAY_S * 2**tries) * random.uniform(0.5, 1.5))


def watch(end: Connection, port: int, halls: Sequence[str], each: int, bare: bool) -> None:
    """Hang boards and do what comes through `end`: cut, forget, report; and None to go home."""
    asyncio.run(_watch(end, Wall(port, halls, each, bare=bare)))


async def _watch(end: Connection, wall: Wall) -> None:
    loop = asyncio.get_running_loop()
    asked: asyncio.Queue[str | None] = asyncio.Queue()
    loop.add_reader(end.fileno(), lambda: asked.put_nowait(end.recv()))
    hanging = asyncio.create_task(wall.hang())
    end.send(time.monotonic())
    while (what := await asked.get()) is not None:
        if what == "cut":
            end.send(wall.cut())
        elif what == "forget":
            wall.forget()
            end.send(None)
        elif what == "doubt":
            # From now on only a new sign of the server's counts.
            for report in wall.reports:
                report.sound_at = 0.0
            end.send(time.monotonic())
        else:
            end.send(wall.reports)
    wall.end()
    hanging.cancel()
