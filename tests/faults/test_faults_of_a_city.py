"""Whatever fails under load, every acknowledged deed stands, none is done twice, and the city goes on.

Each crowd ends with the checker: its own history against the logs, the tickets and the boards.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from tests import servers
from tests.conftest import missing
from tests.faults import doomed, hurting
from tests.faults.bench import HALLS
from tests.faults.city import City, Recovery, city
from tests.faults.crowd import Crowd, Phone, new_key
from tests.faults.proxy import Proxy
from tests.patience import wait_for

A_WHILE_S = 0.4
LONGEST_ANSWER_S = 14.0
"""Nine seconds for a line that has fallen silent, three for a new one, and a little."""
TEN_MINUTES_S = 600.0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A core of two workers and a clock over a PostgreSQL that may be killed, all through lines that may be bad."""
    try:
        with city(tmp_path_factory.mktemp("city")) as running:
            yield running
    except servers.MissingServer as reason:
        missing(str(reason))


def hurt(running: City, crowd: Crowd, what: hurting.Hurt) -> None:
    """Do it while people are served, and let them go on until somebody is served again."""
    time.sleep(A_WHILE_S)
    at = time.monotonic()
    what.do(running)
    served_since(crowd, at)


def served_since(crowd: Crowd, at: float) -> None:
    """Wait until somebody is who asked after that; how soon it must be the long proofs ask."""
    wait_for(lambda: Recovery.of(crowd, at).first > 0, told=lambda: "nobody is served any more")


# --- kills --------------------------------------------------------------------------------------------


def test_killed_processes_lose_nothing(running: City) -> None:
    with running.crowd() as crowd:
        for _ in range(3):
            hurt(running, crowd, hurting.PROCESSES["a core worker"])
        hurt(running, crowd, hurting.PROCESSES["clock"])


def test_a_killed_database_loses_nothing(running: City) -> None:
    with running.crowd() as crowd:
        for what in hurting.DATABASE.values():
            hurt(running, crowd, what)


def test_who_dies_at_a_named_point_loses_nothing(running: City) -> None:
    with running.crowd():
        for point in doomed.POINTS:
            hurting.strike(running, point, passes=2)
        time.sleep(A_WHILE_S)


# --- networks -----------------------------------------------------------------------------------------


@pytest.fixture(params=["to_database", "to_core"])
def line(running: City, request: pytest.FixtureRequest) -> Iterator[Proxy]:
    """The line to the database, then that of the callers; well again afterwards."""
    proxy: Proxy = getattr(running, request.param)
    yield proxy
    proxy.mend()


def test_bad_lines_lose_nothing(running: City, line: Proxy) -> None:
    weathers: list[Callable[[], object]] = [
        lambda: line.be_slow(0.01, 0.01),
        lambda: line.trickle(60_000),
        line.cut,
        line.be_deaf,
        lambda: line.be_deaf("down"),
        lambda: line.limit(2_000),
        line.reset,
    ]
    with running.crowd():
        for worsen in weathers:
            time.sleep(A_WHILE_S / 2)
            worsen()
            time.sleep(A_WHILE_S)
            line.mend()


@pytest.mark.soak
def test_a_line_that_falls_silent_holds_nobody_for_ever(running: City) -> None:
    """Each call is answered by a problem that says so, and the city goes on when the line does."""
    phone = Phone([running.core_port], answer_within=60)
    with running.to_database.deaf():
        for _ in range(3):
            began = time.monotonic()
            status, answer = phone.post("/api/v1/tickets", *_ticket())
            assert (status, answer["code"]) == (503, "database_away")
            assert time.monotonic() - began < LONGEST_ANSWER_S
    phone.close()
    wait_for(running.is_serving, hurting.AFTER_THE_DATABASE_S, told=lambda: "it does not serve again")


@pytest.mark.soak
def test_connections_that_are_lost_are_given_up(running: City) -> None:
    """Half-open: the old connections carry nothing more, and their locks are held at the other end."""
    with running.crowd() as crowd:
        time.sleep(2)
        at = time.monotonic()
        running.to_database.lose()
        time.sleep(LONGEST_ANSWER_S)
    assert 0 < Recovery.of(crowd, at).first < hurting.AFTER_THE_DATABASE_S


def _ticket() -> tuple[dict[str, Any], dict[str, str]]:
    return {"hall": HALLS[0], "queue": "D", "channel": "web"}, {"Idempotency-Key": new_key()}


# --- clocks -------------------------------------------------------------------------------------------


def test_a_jumping_clock_loses_nothing_and_turns_no_log_back(running: City) -> None:
    """Ten minutes forwards and back: keys stay known, nobody is too quick, the logs' time only advances."""
    with running.crowd() as crowd:
        for offset in (TEN_MINUTES_S, 0.0, -TEN_MINUTES_S, 0.0):
            time.sleep(A_WHILE_S)
            running.jump(offset)
            served_since(crowd, time.monotonic())
        time.sleep(A_WHILE_S)
    statuses = {each.status for deed in crowd.history.deeds for each in deed.attempts}
    assert statuses <= {0, 200, 201, 204, 409, 503}
    for hall in HALLS:
        moments = [datetime.fromisoformat(entry.told["at"]) for entry in running.history.logs[hall]]
        assert moments == sorted(moments)
        assert (moments[-1] - moments[0]).total_seconds() > TEN_MINUTES_S, "the clock never jumped"
