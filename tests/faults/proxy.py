"""A TCP proxy that is as bad as a network can be: slow, thin, deaf, cut, reset.

    with Proxy("127.0.0.1", 5432) as proxy:
        connect_to("127.0.0.1", proxy.port)
        proxy.be_deaf()  # connections stay open and nothing comes through
        proxy.mend()     # what was held back arrives after all

It runs in a thread of its own; every method may be called from any other and returns once it holds.
"""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

CHUNK = 65_536
TICK = 0.05
HOST = "127.0.0.1"
RST_ON_CLOSE = struct.pack("ii", 1, 0)

Way = Literal["up", "down"]
"""Towards the server, or back from it."""
BOTH: tuple[Way, ...] = ("up", "down")


@dataclass
class Weather:
    """How the network is just now; as it stands here, it is good."""

    latency: float = 0.0
    jitter: float = 0.0
    rate: int | None = None
    deaf: tuple[Way, ...] = ()
    closed: bool = False
    left: int | None = None


class Proxy:
    """Passes on whatever comes to `port`, in the weather that was ordered last."""

    def __init__(self, host: str, port: int) -> None:
        """To which server it leads; it listens once it is entered."""
        self.port = 0
        self._goal = (host, port)
        self._weather = Weather()
        self._open: set[asyncio.StreamWriter] = set()
        self._lost: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "Proxy":
        """Begin to listen on a free port."""
        self._thread.start()
        future = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._meet, HOST, 0), self._loop)
        self._server = future.result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Listen no longer; every connection ends."""
        self._do(self._server.close)
        self._do(self._drop_all)
        asyncio.run_coroutine_threadsafe(self._end_tasks(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def connections(self) -> int:
        """How many are open now."""
        return len(self._open) // 2

    def mend(self) -> None:
        """All is well again; what was held back goes on its way."""
        self._set(Weather())

    def be_slow(self, latency: float, jitter: float = 0.0) -> None:
        """Each piece waits so many seconds, ± jitter."""
        self._set(Weather(latency=latency, jitter=jitter))

    def trickle(self, rate: int) -> None:
        """So many bytes a second each way, in dribs and drabs."""
        self._set(Weather(rate=rate))

    def be_deaf(self, *ways: Way) -> None:
        """Half-open: connections stand, new ones too, and nothing comes through this way (both, if none is named)."""
        self._set(Weather(deaf=ways or BOTH))

    def lose(self) -> None:
        """Half-open for good: the connections of now stand and carry nothing more; new ones are sound."""
        self._do(lambda: self._lost.update(self._open))

    def cut(self) -> None:
        """Every connection ends properly, and new ones are dropped until it is mended."""
        self._set(Weather(closed=True))
        self._do(self._end_all)

    def reset(self) -> None:
        """Every connection breaks with a reset; new ones come through."""
        self._do(self._drop_all)

    def limit(self, count: int) -> None:
        """After so many more bytes back from the server, the connection that they came on breaks."""
        self._set(Weather(left=count))

    @contextmanager
    def deaf(self, *ways: Way) -> Iterator[None]:
        """Deaf for as long as the block lasts."""
        self.be_deaf(*ways)
        try:
            yield
        finally:
            self.mend()

    def _set(self, weather: Weather) -> None:
        def change() -> None:
            self._weather = weather

        self._do(change)

    def _do(self, deed: Callable[[], None]) -> None:
        """Do it in the loop's thread, and come back when it is done."""

        async def run() -> None:
            deed()

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    def _end_all(self) -> None:
        for writer in tuple(self._open):
            writer.close()

    def _drop_all(self) -> None:
        for writer in tuple(self._open):
            _drop(writer)

    async def _end_tasks(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _meet(self, near_reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        if self._weather.closed:
            _drop(near)
            return
        try:
            far_reader, far = await asyncio.open_connection(*self._goal)
        except OSError:
            _drop(near)
            return
        pair = {near, far}
        self._open |= pair
        try:
            await asyncio.gather(
                self._pass_on("up", near_reader, far), self._pass_on("down", far_reader, near)
            )
        except (OSError, asyncio.CancelledError):  # nobody waits for this task: its end is the end of it
            for writer in pair:
                _drop(writer)
        finally:
            self._open -= pair
            self._lost -= pair
            for writer in pair:
                writer.close()

    async def _pass_on(self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            await self._wait(way, writer)
            for piece in self._pieces(way, data):
                writer.write(piece)
                await writer.drain()
                if self._weather.rate:
                    await asyncio.sleep(TICK)
                    await self._wait(way, writer)
            if way == "down" and self._weather.left is not None and self._weather.left <= 0:
                raise ConnectionResetError
        await self._wait(way, writer)  # nor does the end of a connection come through a dead line
        if writer.can_write_eof():
            writer.write_eof()

    async def _wait(self, way: Way, writer: asyncio.StreamWriter) -> None:
        """For as long as this weather holds a piece back."""
        if self._weather.latency:
            spread = random.uniform(-1, 1) * self._weather.jitter
            await asyncio.sleep(max(0.0, self._weather.latency + spread))
        while way in self._weather.deaf or writer in self._lost:
            await asyncio.sleep(TICK / 5)

    def _pieces(self, way: Way, data: bytes) -> Iterator[bytes]:
        weather = self._weather
        if way == "down" and weather.left is not None:
            data = data[: max(0, weather.left)]
            weather.left -= len(data)
        size = max(1, int(weather.rate * TICK)) if weather.rate else len(data) or 1
        for start in range(0, len(data), size):
            yield data[start : start + size]


def _drop(writer: asyncio.StreamWriter) -> None:
    """End a connection by a reset, as a crashed machine or a firewall does."""
    held: socket.socket | None = writer.get_extra_info("socket")
    if held is not None and held.fileno() >= 0:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST_ON_CLOSE)
    writer.transport.abort()
