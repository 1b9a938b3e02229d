"""The long proofs: hundreds of kills under load, each kind counted, timed and checked.

TONGBAN_TEST_SHARE=0.1 runs a tenth of them.
"""

import math
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tests import servers
from tests.conftest import missing
from tests.faults import doomed, hurting
from tests.faults.city import City, Recovery, city
from tests.faults.crowd import Crowd
from tests.patience import wait_for
from tests.soak_tables import tell

SHARE = float(os.environ.get("TONGBAN_TEST_SHARE", "1"))
AT_ONCE = 10
"""After so many the crowd goes home and its history is checked."""
SEEDS = 20
WORKERS = {"a core worker": 140, "display": 20, "clock": 20, "forecast": 20}
EACH_OF_THE_DATABASE = 50

pytestmark = pytest.mark.soak


@dataclass
class Tally:
    """What came of doing one thing again and again."""

    what: str
    within_s: float
    recoveries: list[Recovery] = field(default_factory=list)

    def row(self) -> dict[str, object]:
        """As a line of the table; a violation would have ended the proof."""
        first = sorted(recovery.first for recovery in self.recoveries)
        return {
            "what": self.what,
            "times": len(first),
            "violations": 0,
            "served again, median s": round(statistics.median(first), 2),
            "p99 s": round(first[math.ceil(0.99 * len(first)) - 1], 2),
            "longest s": round(first[-1], 2),
            "longest wait of a caller s": round(max(each.worst for each in self.recoveries), 2),
            "goal s": self.within_s,
        }


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """Every role of the city, over a PostgreSQL that may be killed."""
    try:
        with city(tmp_path_factory.mktemp("city"), more=("display", "forecast")) as running:
            yield running
    except servers.MissingServer as reason:
        missing(str(reason))


def share_of(count: int) -> int:
    """As many of them as this run does."""
    return max(1, round(count * SHARE))


def again_and_again(
    running: City, what: str, within_s: float, times: int, do: Callable[[Crowd], float]
) -> Tally:
    """Do it under load so many times, each once the city serves again; the moments are told by `do`."""
    tally = Tally(what, within_s)
    while len(tally.recoveries) < times:
        with running.crowd() as crowd:
            for _ in range(min(AT_ONCE, times - len(tally.recoveries))):
                wait_for(running.is_whole, told=lambda: "a worker does not come back")
                time.sleep(random.uniform(0.2, 0.6))
                at = do(crowd)
                wait_for(
                    lambda: Recovery.of(crowd, at).first > 0,  # noqa: B023 - waited for at once
                    told=lambda: "nobody is served any more",
                )
                tally.recoveries.append(Recovery.of(crowd, at))
    return tally


def hurting_by(running: City, what: hurting.Hurt) -> Callable[[Crowd], float]:
    """Does it, and tells when."""

    def do(_: Crowd) -> float:
        at = time.monotonic()
        what.do(running)
        return at

    return do


def striking_at(running: City, point: str) -> Callable[[Crowd], float]:
    """Lets somebody die at a point, by chance sooner or later, and tells when."""

    def do(_: Crowd) -> float:
        most = 3 if point == "before_cursor" else 30
        hurting.strike(running, point, passes=random.randint(1, most))
        return time.monotonic()

    return do


def test_killed_processes(running: City) -> None:
    tallies = [
        again_and_again(running, name, hurt.within_s, share_of(WORKERS[name]), hurting_by(running, hurt))
        for name, hurt in hurting.PROCESSES.items()
    ]
    tell("kill -9 of processes", [tally.row() for tally in tallies])
    assert_goals(tallies)


def test_killed_databases(running: City) -> None:
    times = share_of(EACH_OF_THE_DATABASE)
    tallies = [
        again_and_again(running, name, hurt.within_s, times, hurting_by(running, hurt))
        for name, hurt in hurting.DATABASE.items()
    ]
    tell("kills of PostgreSQL", [tally.row() for tally in tallies])
    assert_goals(tallies)


def test_named_points(running: City) -> None:
    tallies = []
    for point in doomed.POINTS:
        random.seed(point)
        goal = hurting.AFTER_A_WORKER_S
        tallies.append(again_and_again(running, point, goal, share_of(SEEDS), striking_at(running, point)))
    tell("kill -9 at named points", [tally.row() for tally in tallies])
    assert_goals(tallies)


def assert_goals(tallies: list[Tally]) -> None:
    """The city serves again within its goal, but for one time in a hundred."""
    slow = [tally.what for tally in tallies if tally.row()["p99 s"] > tally.within_s]  # type: ignore[operator]
    assert slow == []
