"""The proxy does to a connection what its methods say."""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from tests.faults.proxy import HOST, Proxy
from tests.patience import PATIENCE_S


class _Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        """Give back what comes."""
        while data := self.request.recv(4096):
            self.request.sendall(data)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """Before a server that gives back what it is told."""
    with socketserver.ThreadingTCPServer((HOST, 0), _Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            with Proxy(HOST, server.server_address[1]) as proxy:
                yield proxy
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def client(proxy: Proxy) -> Iterator[socket.socket]:
    """Somebody who is connected through it."""
    with socket.create_connection((HOST, proxy.port), timeout=PATIENCE_S) as client:
        assert echo(client) == b"hello"
        yield client


def echo(client: socket.socket, said: bytes = b"hello") -> bytes:
    client.sendall(said)
    heard = b""
    while len(heard) < len(said) and (data := client.recv(4096)):
        heard += data
    return heard


def test_in_slow_weather_each_piece_waits(proxy: Proxy, client: socket.socket) -> None:
    proxy.be_slow(0.1, 0.02)
    began = time.monotonic()
    assert echo(client) == b"hello"
    assert time.monotonic() - began >= 0.15


def test_a_thin_line_lets_bytes_trickle(proxy: Proxy, client: socket.socket) -> None:
    proxy.trickle(200)
    began = time.monotonic()
    assert echo(client, b"x" * 60) == b"x" * 60
    assert time.monotonic() - began >= 0.25


@pytest.mark.parametrize("ways", [("up",), ("down",), ()])
def test_on_a_deaf_line_nothing_comes_until_it_is_mended(
    proxy: Proxy, client: socket.socket, ways: tuple[str, ...]
) -> None:
    client.settimeout(0.2)
    with proxy.deaf(*ways):  # type: ignore[arg-type] # parametrised
        with pytest.raises(TimeoutError):
            echo(client)
    client.settimeout(PATIENCE_S)
    assert client.recv(4096) == b"hello"


def test_a_lost_connection_stands_and_carries_nothing(proxy: Proxy, client: socket.socket) -> None:
    proxy.lose()
    client.settimeout(0.2)
    with pytest.raises(TimeoutError):
        echo(client)
    with socket.create_connection((HOST, proxy.port), timeout=PATIENCE_S) as other:
        assert echo(other) == b"hello"


def test_a_cut_line_ends_and_takes_nobody_until_it_is_mended(proxy: Proxy, client: socket.socket) -> None:
    proxy.cut()
    assert client.recv(1) == b""
    with pytest.raises(OSError), socket.create_connection((HOST, proxy.port), timeout=PATIENCE_S) as other:
        other.recv(1)
    proxy.mend()
    with socket.create_connection((HOST, proxy.port), timeout=PATIENCE_S) as other:
        assert echo(other) == b"hello"


def test_a_reset_breaks_whoever_is_connected(proxy: Proxy, client: socket.socket) -> None:
    proxy.reset()
    with pytest.raises(ConnectionError):
        assert echo(client) + echo(client)
    with socket.create_connection((HOST, proxy.port), timeout=PATIENCE_S) as other:
        assert echo(other) == b"hello"


def test_a_limited_line_breaks_within_an_answer(proxy: Proxy, client: socket.socket) -> None:
    proxy.limit(3)
    client.sendall(b"hello")
    with pytest.raises(ConnectionError), client.makefile("rb") as answer:
        answer.read()
