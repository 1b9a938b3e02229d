"""The live clock, and a server that is away or busy."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from dispatch.demo.visitors.asking import Asker, CannotSignIn, Errand
from dispatch.demo.visitors.clocks import LiveClock
from dispatch.demo.visitors.demo_file import DemoFile, Login
from dispatch.demo.visitors.figures import Figures
from dispatch.demo.visitors.pace import Budget

NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
DEMO = DemoFile("http://city", frozenset(), {}, (), Login("s", "p"), Login("a", "p"))


class FakeServer:
    """A server's demo clock in real seconds that we move."""

    def __init__(self) -> None:
        self.seconds, self.city, self.speed, self.away = 0.0, NINE, 1.0, False
        self.slept: list[float] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        """GET /demo/clock."""
        if self.away:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(200, json={"now": self.city.isoformat(), "speed": self.speed})

    def sleep(self, seconds: float) -> None:
        """Real time passes, and the city's with it."""
        self.slept.append(seconds)
        self.seconds += seconds
        self.city += timedelta(seconds=seconds * self.speed)

    def clock(self) -> LiveClock:
        """A clock that reads it."""
        client = httpx.Client(transport=httpx.MockTransport(self.answer), base_url="http://city")
        asker = Asker(client, DEMO, Budget(0), Figures())
        return LiveClock(asker, monotonic=lambda: self.seconds, sleep=self.sleep)


@pytest.fixture(autouse=True)
def _no_real_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dispatch.demo.visitors.asking.time.sleep", lambda _: None)


def test_it_follows_jumps_and_speed() -> None:
    """Within a few seconds of real time."""
    server = FakeServer()
    live = server.clock()
    assert live.now() == NINE
    server.city, server.speed = NINE + timedelta(hours=5), 60.0
    server.sleep(2.0)
    assert live.now() == server.city
    assert live.real(1.0) == timedelta(minutes=1)


def test_it_sleeps_briefly_however_far_the_next_thing_is() -> None:
    """So that a jump is seen soon; also when the clock stands still."""
    server = FakeServer()
    live = server.clock()
    live.wait_until(NINE + timedelta(days=1))
    server.speed = 0.0
    server.sleep(2.0)
    live.wait_until(NINE + timedelta(days=1))
    assert all(0 < nap <= 2.0 for nap in server.slept)
    assert server.seconds < 4


def test_it_runs_on_while_the_server_is_away() -> None:
    """And says nothing of it."""
    server = FakeServer()
    live = server.clock()
    live.now()
    server.away = True
    server.sleep(3.0)
    assert live.now() == NINE + timedelta(seconds=3)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_the_same_thing_again(status: int) -> None:
    """With the same key, so that it is done once."""
    keys = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        return httpx.Response(status if len(keys) == 1 else 201, json={})

    client = httpx.Client(transport=httpx.MockTransport(answer), base_url="http://city")
    asker = Asker(client, DEMO, Budget(0), Figures())
    errand = Errand("POST", "/tickets", {})
    assert asker.do(errand).later
    assert asker.do(errand).ok
    assert keys == [errand.key, errand.key]
    assert len(errand.key) >= 22  # 128 bits in base64


def test_a_session_that_ended_is_opened_anew() -> None:
    """Quietly, at the next try."""
    tokens = iter(["old", "new"])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/sessions"):
            return httpx.Response(201, json={"token": next(tokens)})
        fresh = request.headers["Authorization"] == "Bearer new"
        return httpx.Response(200 if fresh else 401, json={})

    client = httpx.Client(transport=httpx.MockTransport(answer), base_url="http://city")
    asker = Asker(client, DEMO, Budget(0), Figures())
    assert asker.get("/windows/x", "supervisor").later
    assert asker.get("/windows/x", "supervisor").ok


def test_a_wrong_password_ends_it() -> None:
    """Trying it again would only lock the account."""
    transport = httpx.MockTransport(lambda _: httpx.Response(401, json={"code": "wrong_password"}))
    asker = Asker(httpx.Client(transport=transport, base_url="http://city"), DEMO, Budget(0), Figures())
    with pytest.raises(CannotSignIn):
        asker.get("/windows/x", "supervisor")
