"""The reference for boards: a websocket server that does nothing but pass the same bytes to the same rooms."""

import asyncio
from collections import defaultdict
from multiprocessing.connection import Connection

from benchmarks import frames


class Listener(asyncio.Protocol):
    """One socket: a client says which room it is in, the source (whose room is empty) what to tell one."""

    rooms: defaultdict[bytes, set[asyncio.WriteTransport]] = defaultdict(set)

    def __init__(self) -> None:
        self._unpacker = frames.Unpacker()
        self._met = False
        self._room: bytes | None = None
        self._transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody calls."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """The handshake, then the room, then what is to be told."""
        if not self._met:
            self._met = True
            self._transport.write(frames.answer(data))
            return
        for message in self._unpacker.take(data):
            if self._room is None:
                self._room = message
                self.rooms[message].add(self._transport)
            else:
                room, _, text = message.partition(b"\n")
                told = frames.packed(text)
                for transport in self.rooms[room]:
                    transport.write(told)

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone."""
        if self._room is not None:
            self.rooms[self._room].discard(self._transport)


def serve(end: Connection) -> None:
    """Serve on a free port, told through `end`, until something comes from there."""
    asyncio.run(_serve(end))


async def _serve(end: Connection) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Listener, "127.0.0.1", 0, backlog=2048)
    end.send(server.sockets[0].getsockname()[1])
    told = asyncio.Event()
    loop.add_reader(end.fileno(), told.set)
    await told.wait()
    server.close()
