"""What a ticket costs in a large city: issued and called in one of a thousand halls, against one of ten.

A cost is the time of a pair of verbs, so the ratio should stay near 1. Below stand the clock's jobs that look over all
halls: how long one look takes.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle

from benchmarks.rows import Row
from benchmarks.standing_halls import BENCH, QUEUE, City, furnish
from dispatch.foundation.clock import real_now
from dispatch.foundation.database import Database
from dispatch.halls import finding
from dispatch.tickets import calling, issuing
from dispatch.wiring import keeping_hours, listening
from tests import servers

SMALL, LARGE = 10, 1000
AT_ONCE = 100
LOOKS = 3


def measure(rounds: int) -> list[Row]:
    """Tickets in both cities in turns, then a look of each job."""
    with servers.postgres(durable=True) as server:
        databases = servers.Databases(server)
        databases.make_template()
        with _city(databases, SMALL) as (small, few), _city(databases, LARGE) as (large, many):
            in_few, in_many = cycle(few.halls), cycle(many.halls)
            _rate(small, in_few), _rate(large, in_many)  # not measured: caches and connections
            rates = [(_rate(large, in_many), _rate(small, in_few)) for _ in range(rounds)]
            row = Row.of(
                f"issue and call in {LARGE} halls / in {SMALL}",
                [ours for ours, _ in rates],
                [reference for _, reference in rates],
                goal="≥ 0.87 (a ticket costs ≤ 1.15 ×)",
            )
            return [row, *_jobs(small, large)]


@contextmanager
def _city(databases: servers.Databases, count: int) -> Iterator[tuple[Database, City]]:
    with databases.fresh() as url:
        database = Database(url)
        yield database, furnish(database, count)
        database.dispose()


def _rate(database: Database, halls: Iterator[str]) -> float:
    began = time.perf_counter()
    for _ in range(AT_ONCE):
        _pair(database, next(halls))
    return AT_ONCE / (time.perf_counter() - began)


def _pair(database: Database, hall: str) -> None:
    with database.work() as session:
        place = finding.hall(session, hall)
        issuing.issue(session, place, queue=QUEUE, channel="counter", now=real_now(), actor=BENCH)
    with database.work() as session:
        window = finding.window(session, f"{hall}-1")
        calling.call_next(session, window, finish=True, now=real_now(), actor=BENCH)


def _jobs(small: Database, large: Database) -> list[Row]:
    """Looks a second of the jobs that come round most often."""
    hearing = {database.url: listening.Hearing() for database in (small, large)}
    jobs = {
        "hear": lambda database: hearing[database.url].hear_all(database),
        "keep_outages": keeping_hours.keep_outages,
        "regulate_intake": keeping_hours.regulate_intake,
        "end_service_days": keeping_hours.end_service_days,
    }
    rows = []
    for name, look in jobs.items():
        look(small), look(large)
        ours: list[float] = []
        references: list[float] = []
        for _ in range(LOOKS):
            for rates, database in ((ours, large), (references, small)):
                began = time.perf_counter()
                look(database)
                rates.append(1 / (time.perf_counter() - began))
        rows.append(Row.of(f"job {name}: looks over {LARGE} halls / over {SMALL}", ours, references))
    return rows
