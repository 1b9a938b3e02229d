"""The open lines of paired machines: hung up as soon as the machine is put out of use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import socketio

from dispatch.foundation import clock
from dispatch.halls import finding as halls
from dispatch.halls.devices import finding, hearing, pairing, tokens
from dispatch.halls.devices.hearing import Said
from hall_display.wire import NAMESPACE
from tests.hall_display.place import Place
from tests.patience import PATIENCE_S, wait_for

Connect = Callable[..., socketio.Client]


@pytest.fixture
def connect(address: str) -> Iterator[Connect]:
    """Opens lines, with a machine's token by handshake or by cookie."""
    clients: list[socketio.Client] = []

    def call(token: str | None = None, *, cookie: str | None = None) -> socketio.Client:
        client, watches = socketio.Client(reconnection=False), threading.Event()
        clients.append(client)
        client.on("heartbeat", lambda _: watches.set(), namespace=NAMESPACE)
        client.connect(
            address,
            headers={"Cookie": f"{tokens.COOKIE}={cookie}"} if cookie else {},
            auth={"token": token} if token else None,
            namespaces=[NAMESPACE],
            transports=["websocket"],
        )
        client.emit("watch", {"hall": "H-1"}, namespace=NAMESPACE)
        assert watches.wait(PATIENCE_S), "the last word of the answer never came"
        return client

    yield call
    for client in clients:
        client.disconnect()


def pair(place: Place, kind: str = "board") -> str:
    with place.database.work() as session:
        hall = halls.hall(session, place.code)
        return pairing.pair(session, hall, kind, now=clock.real_now())


def revoke(place: Place, token: str) -> None:
    with place.database.work() as session:
        device = tokens.known(session, token)
        assert device is not None
        at = clock.real_now()
        tokens.revoke(session, device, reason="lost", now=place.now, real_now=at, actor=place.actor)


def hung_up(client: socketio.Client) -> None:
    wait_for(lambda: not client.connected, told=lambda: "the line is still open")


@pytest.mark.parametrize("by", ["handshake", "cookie"])
def test_a_revoked_machines_line_is_hung_up_at_once(place: Place, connect: Connect, by: str) -> None:
    token, other = pair(place), pair(place)
    client = connect(token) if by == "handshake" else connect(cookie=token)
    beside, stranger = connect(other), connect()
    revoke(place, token)
    hung_up(client)
    assert beside.connected
    assert stranger.connected


def test_both_machines_with_one_token_are_hung_up(place: Place, connect: Connect) -> None:
    token = pair(place)
    clients = [connect(token), connect(token)]
    for key in ("of the one", "of the other"):
        with place.database.work() as session:
            hearing.hear(session, token, Said(key=key), now=place.now, real_now=clock.real_now())
    for client in clients:
        hung_up(client)


def test_a_machine_that_watches_another_hall_is_hung_up_too(place: Place, connect: Connect) -> None:
    other = Place(place.database, code="H-2")
    other.furnish()
    token = pair(other)
    client = connect(token)  # it watches the first hall, whose log does not speak of it
    revoke(other, token)
    hung_up(client)


@pytest.mark.parametrize("by", ["handshake", "cookie"])
def test_a_revoked_machine_is_not_let_in_again(place: Place, connect: Connect, by: str) -> None:
    token = pair(place)
    revoke(place, token)
    with pytest.raises(socketio.exceptions.ConnectionError):
        _ = connect(token) if by == "handshake" else connect(cookie=token)


def test_a_token_of_another_city_is_a_strangers(place: Place, connect: Connect) -> None:
    client = connect(tokens.fresh())
    assert client.connected


def test_news_of_machines_changes_nothing_on_the_board(place: Place, connect: Connect) -> None:
    heard: list[dict[str, Any]] = []
    client = connect(pair(place))
    client.on("change", heard.append, namespace=NAMESPACE)
    token = pair(place, "kiosk")
    at = clock.real_now()
    with place.database.work() as session:
        hearing.hear(session, token, Said(paper="out"), now=place.now, real_now=at)
    with place.database.work() as session:
        device = finding.itself(session, tokens.actor_of(session, token, real_now=at), "kiosk")
        hearing.want_help(session, device, now=place.now, real_now=at, actor=place.actor)
    wait_for(lambda: len(heard) >= 2, told=lambda: heard)
    heard.sort(key=lambda change: change["seq"])  # each was handed over by a thread of its own
    assert [change["kind"] for change in heard] == ["DeviceFault", "HelpWanted"]
    assert [change["fragments"] for change in heard] == [{}, {}]
