"""What a look at the figures of a large city costs."""

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import insert

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.log import NO_HASH, LogHead
from dispatch.foundation.settings import Settings
from dispatch.halls.models import Hall, Queue, Window
from dispatch.tickets.models import Ticket
from dispatch.wiring.metrics import city
from tests.soak_tables import tell

QUEUES, WINDOWS, TICKETS, WAITING = "ABCDE", 12, 200, 20
ALL = {"name": "n", "name_en": "n"}


def furnish(database: Database, halls: int, now: datetime) -> None:
    """Rows past all verbs: only their number counts here."""
    codes = [f"H-{n:06}" for n in range(halls)]
    rows: tuple[tuple[type[Any], list[dict[str, Any]]], ...] = (
        (Hall, [_hall(code) for code in codes]),
        (Queue, [_queue(code, letter) for code in codes for letter in QUEUES]),
        (Window, [_window(code, n) for code in codes for n in range(WINDOWS)]),
        (LogHead, [{"hall": code, "epoch": 1, "seq": 7, "hash": NO_HASH, "at": now} for code in codes]),
        (Ticket, [_ticket(code, n, now) for code in codes for n in range(TICKETS)]),
    )
    with database.work() as session:
        for table, values in rows:
            session.execute(insert(table), values)


def _hall(code: str) -> dict[str, Any]:
    place = {
        "level": "street",
        "kind": "hall",
        "path": f"/{code}/",
        "lat": 1,
        "lon": 1,
        "tz": "Asia/Shanghai",
    }
    return {"code": code, **ALL, **place, "hours": {}, "details": {}}


def _queue(code: str, letter: str) -> dict[str, Any]:
    return {"hall": code, "code": letter, "letter": letter, **ALL, "position": 0}


def _window(code: str, n: int) -> dict[str, Any]:
    told = {"kind": "general", "queues": ["A", "B"], "position": n, "state": "open"}
    return {"id": f"{code}-{n}", "hall": code, "code": str(n), **ALL, **told}


def _ticket(code: str, n: int, now: datetime) -> dict[str, Any]:
    number = {"letter": "A", "n": n, "service_day": now.date(), "priority": "elderly", "channel": "web"}
    state = "waiting" if n < WAITING else "finished"
    at = {"issued_at": now - timedelta(minutes=n), "place": now, "items": []}
    return {"id": f"{code}{n:08}", "hall": code, "queue": QUEUES[n % 5], "state": state, **number, **at}


@pytest.mark.soak
@pytest.mark.parametrize("halls", [60, 1000])
def test_a_look_takes_less_than_a_second(database: Database, halls: int, tmp_path: Path) -> None:
    furnish(database, halls, clock.real_now())
    figures = city.City(Settings(database_url=database.url, var=tmp_path))
    registry = CollectorRegistry()
    registry.register(figures)
    began, worked = time.perf_counter(), time.process_time()
    told = generate_latest(registry)
    took, cpu = time.perf_counter() - began, time.process_time() - worked
    row = {
        "halls": halls,
        "database": "SQLite" if database.sqlite else "PostgreSQL",
        "took_s": round(took, 2),
        "cpu_s": round(cpu, 2),
        "kB": len(told) // 1000,
    }
    tell(f"figures-{row['database']}-{halls}", [row])
    assert told.count(b"tongban_queue_waiting{") == halls * len(QUEUES)
    assert cpu < 1
