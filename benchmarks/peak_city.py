"""A city at its peak: halls in the sizes of `pricing`, everybody of whom is real, with two weeks behind them.

Furnished by the city's own verbs; but those two weeks are told to what learns from logs, and stand in no log.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import insert

from benchmarks.pricing import CITY, SERVICE_S, SIGMA, Size
from dispatch.catalogue import editing
from dispatch.foundation import clock, log
from dispatch.foundation.access import Actor, system
from dispatch.foundation.database import Database
from dispatch.foundation.listening import Cursor
from dispatch.foundation.tables import table_of
from dispatch.halls import configuring, finding, windows
from dispatch.learning.happenings import Happening, Kind
from dispatch.learning.keeping import FORMAT, LISTENER
from dispatch.learning.learner import Learner
from dispatch.learning.models import Learned
from dispatch.people.models import Account
from dispatch.staffing.models import Shift
from dispatch.tickets import calling, issuing
from dispatch.tickets.wanting import Wanted
from dispatch.wiring import learning_halls

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 10, tzinfo=ZONE)
"""A Monday."""
SPANS = ((9, 12), (13, 16))
DAYS = [NOW.date() - timedelta(days=n) for n in (13, 12, 11, 10, 7, 6, 5, 4, 3)]
"""Working days before."""
ITEMS = 20
TOP = "PEAK"
BENCH = system("bench")


@dataclass(frozen=True)
class Place:
    """One hall of the city."""

    code: str
    size: Size

    @property
    def queues(self) -> list[str]:
        """Its queues' codes."""
        return [chr(ord("A") + n) for n in range(self.size.queues)]

    @property
    def windows(self) -> dict[str, tuple[str, ...]]:
        """Each window's queues, by its id."""
        queues, many = self.queues, self.size.queues
        return {
            f"{self.code}-{n + 1}": tuple(dict.fromkeys((queues[n % many], queues[(n + 1) % many])))
            for n in range(self.size.windows)
        }

    def clerk(self, window: str) -> str:
        """The account of whoever works there."""
        return f"clerk-{window}"

    def actor(self, window: str) -> Actor:
        """Whoever works there."""
        return Actor("staff", self.clerk(window), "clerk", f"/{TOP}/{self.code}/")


def places(count: int) -> list[Place]:
    """So many halls, each size by its share of a city."""
    sizes = [size for size in CITY for _ in range(round(count * size.share))]
    return [Place(f"{TOP}-{n:04d}", size) for n, size in enumerate(sizes, 1)]


def furnish(database: Database, count: int) -> list[Place]:
    """The halls, open and full, at ten o'clock of the demo's clock, which stands still."""
    with database.work() as session:
        clock.begin_demo(session, NOW, speed=0.0)
    _configure(database, TOP, None, {}, [])
    found = places(count)
    for place in found:
        _configure(database, place.code, TOP, place.windows, place.queues)
    _take_items(database, found)
    for place in found:
        _plan(database, place)
        _fill(database, place)
        _learn(database, place)
    learning_halls.pool_halls(database)
    learning_halls.learn_halls(database)
    return found


def move(database: Database, found: list[Place]) -> None:
    """Somebody comes to each hall, and a window of it calls whoever is next."""
    with database.reading() as session:
        now = clock.now(session)
    for place in found:
        _take(database, place, now, 1)
        window = list(place.windows)[now.second % place.size.windows]
        _call(database, place, window, now)


def pass_time(database: Database, amount: timedelta) -> None:
    """Let the city's clock go on."""
    with database.work() as session:
        clock.set_demo(session, to=clock.now(session) + amount)


def day_of(place: Place, day: date) -> Iterator[Happening]:
    """What happened there on an earlier day, in order: windows as planned, busy all the time."""
    chance = np.random.default_rng((int(place.code[-4:]), day.toordinal()))
    told: list[Happening] = []
    for window, queues in place.windows.items():
        at: dict[str, Any] = {"hall": place.code, "window": window, "clerk": place.clerk(window)}
        for hours in SPANS:
            start, end = (
                datetime.combine(day, datetime.min.time(), ZONE).timestamp() + 3600 * hour for hour in hours
            )
            spans = ((start, end),)
            told.append(Happening(start - 7200, Kind.PLANNED, **at, shift=f"{window} {start}", spans=spans))
            begins = start + chance.uniform(-60, 300)
            told.append(Happening(begins, Kind.OPENED, **at, queues=queues))
            free = begins
            for nth in range(1000):
                if free > end:
                    break
                who: dict[str, Any] = {
                    "queue": queues[nth % len(queues)],
                    "ticket": f"{window} {start} {nth}",
                    "item": f"I{chance.integers(ITEMS)}",
                    "remote": bool(chance.random() < 0.2),
                }
                came = max(start - 600, free - chance.exponential(900))
                done = free + SERVICE_S * math.exp(chance.normal(-(SIGMA**2) / 2, SIGMA))
                told += [
                    Happening(came, Kind.ISSUED, place.code, **who),
                    Happening(free, Kind.CALLED, **at, **who),
                    Happening(free + 15, Kind.STARTED, **at, **who),
                    Happening(max(done, free + 20), Kind.FINISHED, **at, **who),
                ]
                free = max(done, free + 20)
            told.append(Happening(free, Kind.CLOSED, **at))
    yield from sorted(told, key=lambda each: each.at)


def _configure(
    database: Database, code: str, parent: str | None, serving: dict[str, tuple[str, ...]], queues: list[str]
) -> None:
    spans = [[f"{start:02d}:00", f"{end:02d}:00"] for start, end in SPANS]
    named = [(ident.rpartition("-")[2], list(those)) for ident, those in serving.items()]
    spec = configuring.HallSpec(
        code=code,
        name="高峰厅",
        name_en="Busy hall",
        level="district" if parent else "city",
        kind="hall",
        parent=parent,
        lat=0.0,
        lon=0.0,
        tz=str(ZONE),
        hours={"weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), spans)},
        queues=[configuring.QueueSpec(queue, queue, queue, queue) for queue in queues],
        windows=[configuring.WindowSpec(name, name, name, "general", those) for name, those in named],
    )
    with database.work() as session:
        configuring.configure(session, spec, now=NOW - timedelta(hours=2), actor=BENCH)


def _take_items(database: Database, found: list[Place]) -> None:
    """Every hall takes every item, in one of its queues."""
    items = [
        {
            "code": f"I{n}",
            "name": f"事项{n}",
            "name_en": f"Item {n}",
            "department": "局",
            "department_en": "Bureau",
            "minutes": SERVICE_S / 60,
            "channels": ["window"],
            "details": {},
        }
        for n in range(ITEMS)
    ]
    taken = [
        {"hall": place.code, "item": item["code"], "queue": queue, "mode": "handle"}
        for place in found
        for item, queue in zip(items, cycle(place.queues), strict=False)
    ]
    with database.work() as session:
        editing.replace(session, items, [], taken, now=NOW, actor=BENCH)


def _plan(database: Database, place: Place) -> None:
    """A clerk for each window, and her shifts of today."""
    clerks, shifts = [], []
    for window in place.windows:
        clerk = {"id": place.clerk(window), "username": place.clerk(window), "password": "-", "role": "clerk"}
        clerks.append({**clerk, "hall": place.code})
        for hours in SPANS:
            starts, ends = (NOW.replace(hour=hour) for hour in hours)
            shift = {"id": f"{window} {hours}", "account": clerk["id"], "hall": place.code, "window": window}
            shifts.append({**shift, "starts": starts, "ends": ends, "breaks": [], "planned_by": "bench"})
    with database.work() as session:
        session.execute(insert(table_of(Account)), clerks)
        session.execute(insert(table_of(Shift)), shifts)


def _fill(database: Database, place: Place) -> None:
    """Somebody at every window, and the line behind them."""
    for window in place.windows:
        with database.work() as session:
            found = finding.window(session, window)
            windows.change(session, found, "open", now=NOW - timedelta(hours=1), actor=place.actor(window))
    _take(database, place, NOW - timedelta(hours=1), place.size.windows)
    for window in place.windows:
        _call(database, place, window, NOW - timedelta(minutes=3))
    many = place.size.waiting
    for nth in range(many):
        _take(database, place, NOW - timedelta(minutes=50) * (1 - nth / many), 1, nth)


def _take(database: Database, place: Place, now: datetime, many: int, first: int = 0) -> None:
    for nth in range(first, first + many):
        channel = "web" if nth % 5 == 4 else "kiosk"
        with database.work() as session:
            hall = finding.hall(session, place.code)
            items = [Wanted(f"I{(7 * nth + now.second) % ITEMS}")]
            issuing.issue(session, hall, items=items, channel=channel, now=now, actor=BENCH)


def _call(database: Database, place: Place, window: str, now: datetime) -> None:
    with database.work() as session:
        found = finding.window(session, window)
        calling.call_next(session, found, finish=True, now=now, actor=place.actor(window))


def _learn(database: Database, place: Place) -> None:
    """What the days before have taught, as the log of today is to go on from it."""
    learner = Learner(ZONE)
    for day in DAYS:
        for happening in day_of(place, day):
            learner.see(happening)
    with database.work() as session:
        head = log.head_of(session, place.code)
        assert head is not None
        session.add(Cursor(listener=LISTENER, hall=place.code, epoch=head.epoch, seq=0))
        for part, told in learner.plain().items():
            session.add(Learned(hall=place.code, part=part, format=FORMAT, seq=0, told=json.dumps(told)))
