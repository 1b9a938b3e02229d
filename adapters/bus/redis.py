"""The bus between machines: Redis publish and subscribe."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from threading import Event

import redis
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.retry import Retry

log = logging.getLogger(__name__)

CHANNEL = "tongban:{city}:moved"
# A teller gives Redis this long for an answer and then leaves it alone for a while.
PATIENCE_S = 0.25
LEAVE_ALONE_S = 1.0
# A listener has time, but must notice a stop, and find Redis again within three seconds of its return.
GLANCE_S = 0.2
RETRY_S = 0.5
PING_EVERY_S = 1.0


class RedisBus:
    """Keeps the promise of `dispatch.ports.bus.Bus` through Redis; while Redis is gone it is merely silent."""

    def __init__(self, url: str, city: str = "") -> None:
        """With the city's name in the channel, cities that share a Redis do not hear each other."""
        self._channel = CHANNEL.format(city=city)
        self._url = url
        self._untold: dict[str, int] = {}
        self._something = threading.Condition()
        self._teller: threading.Thread | None = None

    def tell(self, hall: str, seq: int) -> None:
        """Leave it to the teller: no request ever waits for Redis, and no more is kept than there are halls."""
        with self._something:
            self._untold[hall] = seq
            self._something.notify()
            if self._teller is None:  # not before: a server may fork first
                self._teller = threading.Thread(target=self._tell_on, name="bus-teller", daemon=True)
                self._teller.start()

    def _tell_on(self) -> None:
        """Publish "hall seq" for each hall that moved; while Redis does not answer, only the newest of each is kept.

        By the client's own connection, since its commands cost a process five times as much, for every commit.
        """
        with closing(_client(self._url)) as client:
            line = client.connection_pool.connection_class(**client.connection_pool.connection_kwargs)
            while True:
                told = self._take_untold()
                try:
                    hints = [("PUBLISH", self._channel, f"{hall} {seq}") for hall, seq in told.items()]
                    line.send_packed_command(line.pack_commands(hints))
                    for _ in hints:
                        line.read_response()
                except (redis.RedisError, OSError) as trouble:
                    log.warning("redis does not take hints: %s", trouble)
                    line.disconnect()  # what it still had to say is of no more use
                    time.sleep(LEAVE_ALONE_S)

    def _take_untold(self) -> dict[str, int]:
        with self._something:
            self._something.wait_for(lambda: self._untold)
            told, self._untold = self._untold, {}
            return told

    def listen(self, stop: Event) -> Iterator[set[str] | None]:
        """Yield the halls told by any process; reconnects by itself; ends soon after `stop` is set."""
        while not stop.is_set():
            try:
                with (
                    closing(_client(self._url)) as client,
                    closing(_ear(client)) as ear,
                ):
                    ear.subscribe(self._channel)
                    yield from _heard(ear, stop)
            except (redis.RedisError, OSError) as trouble:
                log.warning("redis gives no hints: %s", trouble)
                stop.wait(RETRY_S)


def _client(url: str) -> redis.Redis:
    """A client that fails soon instead of trying for long: the bus has its own way of trying again."""
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=PATIENCE_S,
        socket_connect_timeout=PATIENCE_S,
        retry=Retry(NoBackoff(), 0),
    )


def _ear(client: redis.Redis) -> PubSub:
    ear: PubSub = client.pubsub()  # type: ignore[no-untyped-call]
    return ear


def _heard(ear: PubSub, stop: Event) -> Iterator[set[str] | None]:
    """Yield hall by hall; asks Redis for a sign of life each second, since a dead line makes no noise."""
    sign_of_life = asked = time.monotonic()
    while not stop.is_set():
        message = ear.get_message(timeout=GLANCE_S)
        now = time.monotonic()
        if message is not None:
            sign_of_life = now
            if message["type"] == "subscribe":  # only from here on is nothing missed
                yield None
            elif message["type"] == "message":
                yield {str(message["data"]).rpartition(" ")[0]}
        if now - sign_of_life > 2 * PING_EVERY_S:
            raise redis.ConnectionError("no sign of life")
        if now - asked > PING_EVERY_S:
            asked = now
            ear.ping()
