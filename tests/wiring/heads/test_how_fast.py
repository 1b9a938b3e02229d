"""How long a large log takes to verify, with its heads."""

import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import insert, update

from dispatch.foundation import log
from dispatch.foundation.access import system
from dispatch.foundation.log import NO_HASH, LogEntry, LogHead
from tests.soak_tables import tell
from tests.wiring.heads.conftest import BEGAN, HALL, Minutes, Noted

LENGTH, AT_ONCE = 1_000_000, 10_000
GOAL_S = 10


def written(first: int, prev: str) -> Iterator[dict[str, Any]]:
    """Entries as `announce` would have written them, from there on without end."""
    while True:
        at = BEGAN + timedelta(seconds=first)
        body = log.body_of(HALL, 1, first, Noted(first), at, system("test"))
        entry = {
            "hall": HALL,
            "seq": first,
            "epoch": 1,
            "kind": "Noted",
            "at": at,
            "prev": prev,
            "body": body,
        }
        prev = log.chain(prev, body)
        yield {**entry, "hash": prev}
        first += 1


@pytest.mark.soak
def test_a_million_entries_are_verified(minutes: Minutes) -> None:
    """Of this process's time; what a server of the database works meanwhile is not counted, but the wall is told."""
    entries = written(1, NO_HASH)
    for _ in range(0, LENGTH, AT_ONCE):
        rows = list(islice(entries, AT_ONCE))
        last = {name: rows[-1][name] for name in ("seq", "hash", "at")}
        with minutes.database.work() as session:
            session.execute(insert(LogEntry.__table__), rows)  # type: ignore[arg-type]
            session.execute(update(LogHead).where(LogHead.hall == HALL).values(**last))
        minutes.sign()
    began, wall = time.process_time(), time.perf_counter()
    verdict = minutes.verify()
    took, wall = time.process_time() - began, time.perf_counter() - wall
    assert (verdict.faults, verdict.entries) == ([], LENGTH)
    kind = "sqlite" if minutes.database.sqlite else "postgresql"
    row = {
        "database": kind,
        "entries": LENGTH,
        "heads": verdict.heads,
        "cpu_s": f"{took:.1f}",
        "wall_s": f"{wall:.1f}",
        "goal_s": GOAL_S,
    }
    tell(f"verify-log-{kind}", [row])
