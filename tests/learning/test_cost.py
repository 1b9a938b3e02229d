"""What learning costs a city, on SQLite and PostgreSQL: `pytest tests/learning/test_cost.py -m soak -s`."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from dispatch.foundation.database import Database
from dispatch.foundation.log import LogEntry, LogHead
from dispatch.foundation.tables import table_of
from dispatch.learning import keeping, minutes
from dispatch.learning.durations import Service, ServiceTimes
from dispatch.learning.halls_known import HallsKnown
from dispatch.learning.happenings import Happening, Kind
from dispatch.learning.models import Learned
from dispatch.tickets.minutes import minutes_in
from dispatch.wiring import learning_halls
from tests import standing_city
from tests.learning.made_up_hall import MadeUpHall
from tests.soak_tables import tell
from tests.standing_city import CARD, CITY_HALL, town_spec

HALLS, DAYS, STEP = 10, 3, 40
KINDS = {
    Kind.ISSUED: "TicketIssued",
    Kind.CALLED: "TicketCalled",
    Kind.STARTED: "TicketStarted",
    Kind.FINISHED: "TicketFinished",
    Kind.MISSED: "TicketMissed",
    Kind.OPENED: "WindowOpened",
    Kind.CLOSED: "WindowClosed",
}


def body_of(happening: Happening) -> str:
    """What a log would have said."""
    data: dict[str, Any] = {"ticket": happening.ticket, "queue": happening.queue, "window": happening.window}
    if happening.kind is Kind.ISSUED:
        items = [{"item": happening.item, "count": 1}]
        data |= {"channel": "app" if happening.remote else "kiosk", "priority": "none", "items": items}
    if happening.kind is Kind.FINISHED:
        data |= {"start_imputed": False}
    return json.dumps({"actor": f"staff:{happening.clerk}" if happening.clerk else "system:x", "data": data})


def entries(hall: str, seed: int) -> list[dict[str, Any]]:
    """A hall's log of some days."""
    told = [
        {"kind": KINDS[each.kind], "at": datetime.fromtimestamp(each.at, UTC), "body": body_of(each)}
        for each in MadeUpHall().days(DAYS, seed)
    ]
    common = {"hall": hall, "epoch": 1, "prev": "", "hash": ""}
    return [{**common, **each, "seq": seq} for seq, each in enumerate(told, 1)]


@pytest.fixture
def city(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Halls with the days to come of their logs, of which nothing is written yet."""
    standing_city.build(database)
    logs = {}
    for nth in range(HALLS):
        code = f"S-{nth}"
        standing_city.configure(database, replace(town_spec(), code=code))
        logs[code] = entries(code, nth)
        with database.work() as session:
            session.execute(LogEntry.__table__.delete().where(LogEntry.hall == code))  # type: ignore[attr-defined]
    return logs


def write(database: Database, hall: str, rows: list[dict[str, Any]]) -> None:
    with database.work() as session:
        session.execute(insert(table_of(LogEntry)), rows)
        session.execute(update(LogHead).where(LogHead.hall == hall).values(seq=rows[-1]["seq"]))


def cpu_ms(does: Callable[[], object], times: int = 1) -> float:
    began = time.process_time()
    for _ in range(times):
        does()
    return 1000 * (time.process_time() - began) / times


@pytest.mark.soak
def test_what_learning_costs(database: Database, city: dict[str, list[dict[str, Any]]]) -> None:
    figures: dict[str, str] = {}
    for hall, rows in city.items():
        write(database, hall, rows[:-STEP])
    count = sum(len(rows) - STEP for rows in city.values())
    all_at_once = cpu_ms(lambda: learning_halls.learn_halls(database))
    figures["learning a long log, µs an entry"] = f"{1000 * all_at_once / count:.0f}"
    for hall, rows in city.items():
        write(database, hall, rows[-STEP:])
    again = cpu_ms(lambda: learning_halls.learn_halls(database))
    figures[f"a run with {STEP} new entries, ms a hall"] = f"{again / HALLS:.1f}"
    figures["1,000 such halls every 60 s, share of a core"] = f"{again / HALLS / 60:.1%}"
    figures["a run in which nothing is new, ms"] = (
        f"{cpu_ms(lambda: learning_halls.learn_halls(database), 50):.2f}"
    )
    asked = HallsKnown()
    with database.reading() as session:
        figures["what is known of a hall, read anew, ms"] = (
            f"{cpu_ms(lambda: [asked.of(session, hall) for hall in city]) / HALLS:.1f}"
        )
        figures["the same, nothing new, ms"] = f"{cpu_ms(lambda: asked.of(session, 'S-0'), 300):.2f}"
        sizes = select(Learned.part, func.avg(func.length(Learned.told))).group_by(Learned.part)
        for part, size in session.execute(sizes).all():
            figures[f"kept of a hall, {part}, bytes"] = f"{size:.0f}"
    figures |= _minutes(database)
    tell(
        f"cost of learning on {'SQLite' if database.sqlite else 'PostgreSQL'}",
        [{"what": what, "figure": figure} for what, figure in figures.items()],
    )
    with database.reading() as session:
        assert keeping.behind(session) == []


def _minutes(database: Database) -> dict[str, str]:
    """What the one more read in ordering a line costs."""
    with database.work() as session:
        times = ServiceTimes(
            of={f"I{nth}": Service(5.0, 0.5, 50.0) for nth in range(40)} | {CARD: Service(5.0, 0.5, 50.0)}
        )
        minutes.keep_minutes(session, CITY_HALL, times, 1)
    with database.reading() as session:

        def fresh() -> None:
            session.info.pop("minutes", None)
            minutes_in(session, CITY_HALL)

        fresh()
        whole = cpu_ms(fresh, 2000)
        learned = cpu_ms(lambda: minutes.minutes_of(session, CITY_HALL), 2000)
    return {
        "the minutes of a hall, ms": f"{whole:.3f}",
        "of these for what was learned, ms": f"{learned:.3f}",
    }
