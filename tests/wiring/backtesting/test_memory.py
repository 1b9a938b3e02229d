"""A forecaster and its references that have lived through many days are no larger than after the first."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dispatch.waits.fitted.habits import KEPT_DAYS
from dispatch.wiring.backtesting.days import ServiceDay, days
from dispatch.wiring.backtesting.racers import racers
from dispatch.wiring.backtesting.walking import Walk
from tests.soak_tables import tell
from tests.wiring.backtesting.small_logs import ZONE, busy_days, line

EACH = 20
"""Tickets a day."""
MOST_GROWTH = 0.05


@pytest.mark.soak
def test_memory_stays_flat_over_the_days() -> None:
    """Once as many days are known as are kept."""
    sizes: dict[int, float] = {}
    walk = Walk(racers(ZONE, seed=0), [0, 30], 10_000, lambda _: None)
    walk.through(_noting(sizes))
    known = {day: size for day, size in sizes.items() if day > 1.2 * KEPT_DAYS}
    tell("memory-backtest", [{"days": day, "resident_mb": round(size, 1)} for day, size in sizes.items()])
    first, *_, last = known.values()
    assert last <= (1 + MOST_GROWTH) * first


def _noting(sizes: dict[int, float]) -> Iterator[ServiceDay]:
    """More than twice as many days as are kept; every tenth, how large the process is."""
    morning = busy_days(1, EACH, seed=1)
    for day in range(5 * KEPT_DAYS // 2):
        if day % 10 == 0:
            sizes[day] = _resident_mb()
        later = timedelta(days=day)
        lines = [
            line(
                each.number,
                0,
                queue=each.queue,
                issued_at=each.issued_at + later,
                called_at=each.called_at + later,
            )
            for each in morning
            if each.called_at is not None
        ]
        yield from days(lines, [], ZONE)


def _resident_mb() -> float:
    told = Path("/proc/self/statm").read_text(encoding="ascii")
    return int(told.split()[1]) * 4096 / 2**20
