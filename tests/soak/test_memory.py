"""A process that has served a million tickets is no larger than after the first tenth of them."""

import os
import random
from pathlib import Path

import numpy as np
import pytest

from benchmarks import counter
from benchmarks.client import Ask, Callers
from benchmarks.counter import Place
from tests.soak.city import call, issue
from tests.soak_tables import tell

TICKETS = int(os.environ.get("TONGBAN_SOAK_TICKETS", "1000000"))
STEPS = 20
MOST_GROWTH = 0.05
A_CALLER_AT_ONCE = 250


@pytest.mark.soak
def test_memory_stays_flat() -> None:
    with counter.running(counter.HALLS) as place:
        callers = Callers(place.port, counter.CALLERS)
        sizes = [resident_mb(place)]
        for step in range(STEPS):
            serve(place, callers, TICKETS // STEPS, seed=step)
            sizes.append(resident_mb(place))
        callers.close()
    warm = np.array(sizes[STEPS // 10 :])
    served = np.arange(len(warm)) * TICKETS / STEPS / 100_000
    slope = float(np.polyfit(served, warm, 1)[0])
    growth = float(warm[-1] / warm[0] - 1)
    rows = [{"tickets": n * TICKETS // STEPS, "resident_mb": round(size, 1)} for n, size in enumerate(sizes)]
    tell("memory", rows)
    tell(
        "memory-slope",
        [{"mb_for_100000_tickets": round(slope, 2), "growth_since_a_tenth": round(growth, 4)}],
    )
    assert growth <= MOST_GROWTH


def serve(place: Place, callers: Callers, tickets: int, seed: int) -> None:
    """So many people, each taking a number and called soon after; with keys, as true callers send them."""
    chance = random.Random(seed)
    while tickets > 0:
        part = min(A_CALLER_AT_ONCE, -(-tickets // len(callers)))
        asks = [_visits(place, chance, part) for _ in range(len(callers))]
        _, done = callers.round(asks)
        statuses = {status for each in done for status in each.statuses}
        assert statuses <= {200, 201, 204}, statuses
        tickets -= part * len(callers)


def _visits(place: Place, chance: random.Random, count: int) -> list[Ask]:
    halls = [chance.choice(place.city.halls) for _ in range(count)]
    return [ask for hall in halls for ask in (issue(place, hall), call(place, hall, 1))]


def resident_mb(place: Place) -> float:
    """What the serving processes hold, on average."""
    sizes = [_resident_kb(pid) for pid in place.pids()]
    return sum(sizes) / len(sizes) / 1024


def _resident_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])
