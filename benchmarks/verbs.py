"""The verbs of a ticket against plain statements that make the same number of durable commits."""

import time
from collections.abc import Callable

from sqlalchemy import text

from benchmarks.rows import Row
from dispatch.foundation.access import system
from dispatch.foundation.clock import real_now
from dispatch.foundation.database import Database
from dispatch.halls import configuring, finding, windows
from dispatch.tickets import calling, issuing
from dispatch.wiring import migrating

AT_ONCE = 100
BENCH = system("bench")
ALWAYS = {"weekly": {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}}


def measure(url: str, rounds: int) -> list[Row]:
    """Measure each verb and its reference in turns, so that a noisy machine disturbs both alike."""
    migrating.upgrade(url)
    database = Database(url)
    _furnish(database)
    rows = [
        _paired("issue a ticket", lambda: _issue(database), lambda: _insert(database), rounds),
        _paired("finish and call the next", lambda: _call(database), lambda: _insert(database), rounds),
    ]
    database.dispose()
    return rows


def _paired(name: str, verb: Callable[[], None], reference: Callable[[], None], rounds: int) -> Row:
    verbs, references = [], []
    for _ in range(rounds):
        verbs.append(_rate(verb))
        references.append(_rate(reference))
    return Row.of(f"{name} / a plain commit", verbs, references)


def _rate(operation: Callable[[], None]) -> float:
    started = time.perf_counter()
    for _ in range(AT_ONCE):
        operation()
    return AT_ONCE / (time.perf_counter() - started)


def _furnish(database: Database) -> None:
    spec = configuring.HallSpec(
        code="BENCH",
        name="测速厅",
        name_en="Bench hall",
        level="city",
        kind="hall",
        parent=None,
        lat=0.0,
        lon=0.0,
        tz="UTC",
        hours=ALWAYS,
        queues=[configuring.QueueSpec("A", "A", "综合", "General")],
        windows=[configuring.WindowSpec("1", "1", "1", "general", ["A"])],
    )
    with database.work() as session:
        configuring.configure(session, spec, now=real_now(), actor=BENCH)
    with database.work() as session:
        windows.change(session, finding.window(session, "BENCH-1"), "open", now=real_now(), actor=BENCH)
        session.execute(text("CREATE TABLE reference_write (id INTEGER PRIMARY KEY, body TEXT)"))
        session.execute(text("INSERT INTO reference_write VALUES (1, '')"))


def _issue(database: Database) -> None:
    with database.work() as session:
        place = finding.hall(session, "BENCH")
        issuing.issue(session, place, queue="A", channel="counter", now=real_now(), actor=BENCH)


def _call(database: Database) -> None:
    with database.work() as session:
        window = finding.window(session, "BENCH-1")
        calling.call_next(session, window, finish=True, now=real_now(), actor=BENCH)


def _insert(database: Database) -> None:
    with database.work() as session:
        session.execute(text("UPDATE reference_write SET body = :body WHERE id = 1"), {"body": "x" * 400})
