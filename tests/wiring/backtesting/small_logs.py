"""Small ticket logs for backtests: two queues of one hall, days of an hour or two."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dispatch.waits.fitted import boosting, forecaster
from dispatch.waits.references import boosting as references
from dispatch.waits.references import learned
from dispatch.wiring.ticket_logs.judging import Line

ZONE = ZoneInfo("UTC")
NINE = datetime(2024, 3, 4, 9, tzinfo=UTC)


def moment(minute: float, day: int = 0) -> datetime:
    """So many minutes after nine."""
    return NINE + timedelta(days=day, minutes=minute)


def line(number: int, issued: float, called: float | None = None, *, day: int = 0, **other: object) -> Line:
    """One ticket, its times in minutes after nine."""
    told: dict[str, Any] = {
        "file": "log.csv",
        "number": number,
        "ticket": "",
        "hall": "town",
        "queue": "A",
        "item": "",
        "window": "",
        "issued_at": moment(issued, day),
        "called_at": None if called is None else moment(called, day),
        "finished_at": None,
        "outcome": "",
        "booked_for": None,
        "score": True,
    }
    return Line(**{**told, **other})


def busy_days(days: int, each: int, seed: int) -> list[Line]:
    """Days on which people come by chance and are called in their order, from two queues."""
    chance, lines = Random(seed), list[Line]()
    for day in range(days):
        free = {"A": 0.0, "B": 0.0}
        at = 0.0
        for _ in range(each):
            at += chance.expovariate(1 / 2)
            queue = chance.choice("AB")
            free[queue] = max(at, free[queue]) + chance.expovariate(1 / 4)
            lines.append(line(len(lines) + 2, at, free[queue], day=day, queue=queue))
    return lines


def fit_small_days(patch: pytest.MonkeyPatch) -> None:
    """Let all that learn fit something in days this small: few examples are enough, for few and small trees."""
    for learning in (forecaster, learned):
        patch.setattr(learning, "ENOUGH", 20)
    for trees in (boosting, references):
        patch.setattr(trees, "SHAPE", replace(trees.SHAPE, trees=8, least=5))


def written(path: Path, lines: list[Line]) -> Path:
    """As a file."""
    rows = ["hall,queue,issued_at,called_at,score"]
    for each in lines:
        called = each.called_at.isoformat() if each.called_at else ""
        rows.append(f"{each.hall},{each.queue},{each.issued_at.isoformat()},{called},{int(each.score)}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path
