"""Messages: the pretend messenger and the gateway keep the same promise."""

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from adapters.maps.breaker import FAILURES
from adapters.sms.gateway import GatewayMessenger
from adapters.sms.pretend import PretendMessenger
from dispatch.ports.messages import NotSent

NUMBER, TEXT = "13800000000", "通办:“社会保障卡申领”要带什么 http://city/n/HR-CARD"


class Gateway(ThreadingHTTPServer):
    """A city's gateway, and what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Desk)
        self.status = 202
        self.sent: list[tuple[str | None, dict[str, str]]] = []


class _Desk(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.sent.append((self.headers["Authorization"], body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """One that runs."""
    with Gateway() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def at(gateway: Gateway, token: str = "") -> GatewayMessenger:
    return GatewayMessenger(f"http://127.0.0.1:{gateway.server_port}/sms", token)


def test_both_hand_over_number_and_words_and_nothing_else(gateway: Gateway) -> None:
    pretend = PretendMessenger()
    for messenger in (pretend, at(gateway, "a-token")):
        messenger.send(NUMBER, TEXT)
    assert list(pretend.sent) == [(NUMBER, TEXT)]
    assert gateway.sent == [("Bearer a-token", {"to": NUMBER, "text": TEXT})]


def test_both_say_when_it_did_not_go_out(gateway: Gateway) -> None:
    gateway.status = 503
    for messenger in (PretendMessenger(broken=True), at(gateway)):
        with pytest.raises(NotSent):
            messenger.send(NUMBER, TEXT)


def test_a_gateway_that_fails_is_left_alone(gateway: Gateway) -> None:
    gateway.status = 500
    messenger = at(gateway)
    for _ in range(FAILURES + 2):
        with pytest.raises(NotSent):
            messenger.send(NUMBER, TEXT)
    assert len(gateway.sent) == FAILURES


def test_neither_number_nor_token_is_logged_or_told(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway.status = 500
    messenger = at(gateway, "a-token")
    with pytest.raises(NotSent) as failed:
        messenger.send(NUMBER, TEXT)
    for told in (caplog.text, str(failed.value), repr(messenger)):
        assert NUMBER not in told
        assert "a-token" not in told
