"""A small standing city that tests know: a city's hall, a district's, and a town's with four windows.

Its halls and items are the demo city's own, furnished by the verbs that furnish a real one.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, Table, delete, event, insert, select

from dispatch.catalogue import editing
from dispatch.demo import CITY
from dispatch.foundation import clock, log
from dispatch.foundation.access import Actor, system
from dispatch.foundation.database import Database
from dispatch.halls import configuring, finding, windows
from dispatch.halls.configuring import HallSpec, QueueSpec, WindowSpec
from dispatch.halls.models import CalendarDay, Window
from dispatch.halls.zones import Voice, ZoneSpec
from dispatch.tickets import (
    calling,
    ending,
    issuing,
    leases,
    moving,
    parking,
    returning,
    serving,
    undoing,
)
from dispatch.tickets import finding as tickets
from dispatch.tickets.models import Ticket
from dispatch.tickets.wanting import Wanted
from dispatch.wiring.listening import hear_all
from dispatch.wiring.tables import METADATA

CITY_HALL, DISTRICT_HALL, TOWN_HALL = "H-331000", "H-331082", "H-331082112"
TOWN_PATH = f"/{CITY_HALL}/{DISTRICT_HALL}/{TOWN_HALL}/"
ZONE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 11, 23, 9, 30, tzinfo=ZONE)
"""A Monday like any other."""
NIGHT = MORNING.replace(hour=22)
HOLIDAY, MADE_UP = date(2026, 10, 1), date(2026, 10, 10)

TOWN_WINDOWS = {"1": ["D"], "2": ["D"], "3": ["D", "A"], "4": ["A"]}
PLACES = {
    "HR-CARD": {CITY_HALL: "D", DISTRICT_HALL: "D", TOWN_HALL: "D"},
    "PSB-ID-RENEW": {DISTRICT_HALL: "D", TOWN_HALL: "D"},
    "MS-IND": {DISTRICT_HALL: "A", TOWN_HALL: "A"},
    "RE-MORT": {CITY_HALL: "C", DISTRICT_HALL: "C"},
}
CARD, RENEWAL, TRADE, MORTGAGE = PLACES
BUNDLE = "B-NEWBORN"

BUILDER = system("import")
CLERK = Actor("staff", "c" * 32, "clerk", TOWN_PATH)
CITIZEN = Actor("citizen", "anonymous")

VERBS: dict[str, Callable[..., object]] = {
    "recall": serving.recall,
    "start": serving.start,
    "finish": serving.finish,
    "missed": serving.missed,
    "change": partial(serving.change_items, items=[Wanted("HR-CARD", 2)]),
    "park": parking.park,
    "move": partial(moving.move, goal=moving.Goal(queue="A")),
    "send": partial(moving.move, goal=moving.Goal(hall=DISTRICT_HALL)),
    "reactivate": returning.reactivate,
    "void": partial(ending.void, reason="left"),
    "undo": undoing.undo,
}


@cache
def _read(noun: str) -> dict[str, Any]:
    rows = json.loads((CITY / f"{noun}.json").read_text(encoding="utf-8"))[noun]
    return {row["code"]: row for row in rows}


def hall_spec(code: str, **different: Any) -> HallSpec:  # noqa: ANN401 - any field of a hall
    """A hall of the demo city as it should be, but for what is said to be different."""
    told = _read("halls")[code]
    spec = HallSpec(
        code=code,
        name=told["name"],
        name_en=told["name_en"],
        level=told["level"],
        kind=told["kind"],
        parent=told["parent"],
        lat=told["lat"],
        lon=told["lon"],
        tz="Asia/Shanghai",
        hours=told["hours"],
        kiosks=told["kiosks"],
        queues=[QueueSpec(**queue) for queue in told["queues"]],
        windows=[WindowSpec(**window) for window in told["windows"]],
        zones=[ZoneSpec(**{**zone, "voice": Voice(**zone["voice"])}) for zone in told.get("zones", ())],
    )
    return replace(spec, **different)


def town_spec(**different: Any) -> HallSpec:  # noqa: ANN401 - any field of a hall
    """The town's hall with its four windows."""
    four = [WindowSpec(code, code, code, "general", queues) for code, queues in TOWN_WINDOWS.items()]
    return hall_spec(TOWN_HALL, **{"windows": four, **different})


def item_row(code: str) -> dict[str, Any]:
    """An item of the demo's catalogue as a row."""
    columns = ("code", "name", "name_en", "department", "department_en", "minutes", "channels")
    return _row("items", code, columns)


def bundle_row(code: str = BUNDLE) -> dict[str, Any]:
    """A bundle of the demo's catalogue as a row."""
    row = _row("bundles", code, ("code", "name", "name_en"))
    return {**row, "position": row["details"]["number"]}


def _row(noun: str, code: str, columns: tuple[str, ...]) -> dict[str, Any]:
    told = _read(noun)[code]
    details = {key: value for key, value in told.items() if key not in columns}
    return {**{key: told[key] for key in columns}, "details": details}


def placement_rows() -> list[dict[str, str]]:
    """Which hall of the standing city takes what in which queue."""
    return [
        {"hall": hall, "item": item, "queue": queue, "mode": "handle"}
        for item, places in PLACES.items()
        for hall, queue in places.items()
    ]


def configure(database: Database, spec: HallSpec, *, now: datetime = MORNING) -> bool:
    """Make one hall as described, in a transaction of its own."""
    with database.work() as session:
        return configuring.configure(session, spec, now=now, actor=BUILDER)


def build(database: Database, *, now: datetime = MORNING - timedelta(hours=1)) -> None:
    """The whole standing city in an empty database."""
    days = [
        CalendarDay(day=HOLIDAY, kind="holiday", name="国庆节", name_en="National Day"),
        CalendarDay(day=MADE_UP, kind="workday", name="国庆节调休上班", name_en="make-up working day"),
    ]
    with database.work() as session:
        configuring.set_calendar(session, days)
    for spec in (hall_spec(CITY_HALL), hall_spec(DISTRICT_HALL), town_spec()):
        configure(database, spec, now=now)
    with database.work() as session:
        items, bundles = [item_row(code) for code in PLACES], [bundle_row()]
        editing.replace(session, items, bundles, placement_rows(), now=now, actor=BUILDER)


Rows = dict[Table, list[dict[str, Any]]]
WRITTEN: defaultdict[str, set[str]] = defaultdict(set)
"""The tables that any engine of this process has written to, by the database's address."""
_WRITES = re.compile(r'\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)', re.IGNORECASE)


@event.listens_for(Engine, "before_cursor_execute")
def _note_writes(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
    """Remember what a test writes, and what follows from it in tables that refer to it."""
    names = set(_WRITES.findall(statement)) & METADATA.tables.keys()
    if names:
        WRITTEN[str(connection.engine.url)].update(*(_along_with(name) for name in names))


@cache
def _along_with(name: str) -> frozenset[str]:
    """This table and those whose rows the database itself changes with its rows."""
    follow = {
        table.name
        for table in METADATA.sorted_tables
        for key in table.foreign_keys
        if key.ondelete and key.column.table.name == name and table.name != name
    }
    return frozenset({name}.union(*(_along_with(each) for each in follow)))


class Standing:
    """A database in which the city stands, brought back to how it stood as often as a test wants.

    That is many times quicker than a new database for each of hundreds of tests.
    """

    def __init__(self, database: Database) -> None:
        """Remember how the city stands now."""
        self.database = database
        with database.engine.connect() as connection:
            self._rows = self._read(connection)
        WRITTEN.pop(str(database.engine.url), None)

    def restore(self) -> Database:
        """Put every row back, if any was touched."""
        self.database.on_commit = None
        names = WRITTEN.pop(str(self.database.engine.url), set())
        if touched := [table for table in self._rows if table.name in names]:
            with self.database.engine.connect() as connection:
                self._write(connection, touched)
            del WRITTEN[str(self.database.engine.url)]
        return self.database

    def _read(self, connection: Connection) -> Rows:
        """All rows by their keys, but halls by their paths: parents stand before children."""
        rows = {}
        for table in METADATA.sorted_tables:
            order = [table.c.path] if table.name == "hall" else list(table.primary_key)
            rows[table] = [dict(row) for row in connection.execute(select(table).order_by(*order)).mappings()]
        return rows

    def _write(self, connection: Connection, touched: list[Table]) -> None:
        """Only what was touched; what other tables say of it is as true afterwards as it was before."""
        is_sqlite = connection.dialect.name == "sqlite"
        off, on = (
            ("PRAGMA foreign_keys=OFF", "PRAGMA foreign_keys=ON")
            if is_sqlite
            else ("SET session_replication_role = replica", "SET session_replication_role = DEFAULT")
        )
        connection.connection.cursor().execute(off)
        for table in touched:
            connection.execute(delete(table))
            if self._rows[table]:
                connection.execute(insert(table), self._rows[table])
        connection.commit()
        connection.connection.cursor().execute(on)
        connection.commit()


@contextmanager
def standing(url: str, furnish: Callable[[Database], object] = build) -> Iterator[Standing]:
    """A city furnished once, in an empty database."""
    database = Database(url)
    try:
        furnish(database)
        yield Standing(database)
    finally:
        database.dispose()


@dataclass
class Town:
    """One hall with city time in the test's hand, and what people do there, each deed its own transaction."""

    database: Database
    code: str = TOWN_HALL
    now: datetime = MORNING

    def pass_time(self, **amount: float) -> None:
        """Let city time pass."""
        self.now += timedelta(**amount)

    def window_id(self, name: str) -> str:
        """The id of the window with this number."""
        return f"{self.code}-{name}"

    def take(self, queue: str | None = "D", *, items: Iterable[str] = (), **different: Any) -> Ticket:  # noqa: ANN401
        """Somebody stands in line."""
        wanted = [Wanted(item) for item in items]
        with self.database.work() as session:
            place = finding.hall(session, self.code)
            told = {"channel": "web", "actor": CITIZEN, "now": self.now, **different}
            return issuing.issue(session, place, items=wanted, queue=None if wanted else queue, **told)

    def change_window(self, name: str, verb: str) -> None:
        """Open, pause or close a window."""
        with self.database.work() as session:
            window = finding.window(session, self.window_id(name))
            windows.change(session, window, verb, now=self.now, actor=CLERK)

    def open(self, *names: str) -> None:
        """Open these windows."""
        for name in names:
            self.change_window(name, "open")

    def call_next(self, name: str, *, finish: bool = False) -> Ticket | None:
        """A window calls whoever is next."""
        with self.database.work() as session:
            window = finding.window(session, self.window_id(name))
            return calling.call_next(session, window, finish=finish, now=self.now, actor=CLERK)

    def called(self, name: str) -> Ticket:
        """The same, where somebody surely waits."""
        ticket = self.call_next(name)
        assert ticket is not None
        return ticket

    def do(self, verb: str, ticket: str, **different: Any) -> Ticket:  # noqa: ANN401 - what the verb takes
        """A verb on a ticket by the staff, or the holder's `cancel`."""
        told = {"now": self.now, "actor": CITIZEN if verb == "cancel" else CLERK, **different}
        with self.database.work() as session:
            found = tickets.ticket(session, ticket)
            if verb == "cancel":
                ending.cancel(session, found, **told)
            elif verb == "resume":
                window = finding.window(session, told.pop("window", None) or str(found.window))
                parking.resume(session, found, window, **told)
            else:
                VERBS[verb](session, found, **told)
            return found

    clerk = CLERK

    def goal(
        self, *, queue: str | None = None, window: str | None = None, hall: str | None = None
    ) -> moving.Goal:
        """Where somebody is moved; a window by its number."""
        return moving.Goal(queue, self.window_id(window) if window else None, hall)

    def wanted(self, item: str, count: int = 1) -> Wanted:
        """An item and how often."""
        return Wanted(item, count)

    def window_ticket(self, name: str) -> Ticket:
        """Whoever is at the window."""
        with self.database.reading() as session:
            here = tickets.at_window(session, self.window_id(name))
            assert here is not None
            session.expunge_all()
            return here

    def called_after(self, name: str) -> Ticket:
        """Whoever is called when the one at the window is done."""
        ticket = self.call_next(name, finish=True)
        assert ticket is not None
        return ticket

    def call_number(self, name: str, wanted: str) -> Ticket:
        """A window calls this very ticket."""
        with self.database.work() as session:
            window = finding.window(session, self.window_id(name))
            return calling.call_number(session, window, wanted, now=self.now, actor=CLERK)

    def call_group(self, name: str, most: int, *, finish: bool = False) -> list[Ticket]:
        """A window calls several together."""
        with self.database.work() as session:
            window = finding.window(session, self.window_id(name))
            return calling.call_group(session, window, most, finish=finish, now=self.now, actor=CLERK)

    def serve(self, name: str, **wanted: Any) -> Ticket:  # noqa: ANN401 - what `serve` takes
        """Somebody without a number sits down."""
        with self.database.work() as session:
            window = finding.window(session, self.window_id(name))
            return issuing.serve(session, window, now=self.now, actor=CLERK, **wanted)

    def heartbeat(self, name: str) -> None:
        """A sign of life of the window."""
        with self.database.work() as session:
            windows.heard(session, finding.window(session, self.window_id(name)), now=self.now)

    def let_lapse(self) -> list[str]:
        """End the leases of the windows that are silent; their numbers."""
        with self.database.reading() as session:
            silent = leases.silent(session, self.now)
        for window in silent:
            with self.database.work() as session:
                leases.lapse(session, session.get_one(Window, window), now=self.now, actor=BUILDER)
        return [window.rpartition("-")[2] for window in silent]

    def hear(self) -> None:
        """What one hall's log says is heard in the others, at the town's own time."""
        with self.database.work() as session:
            clock.begin_demo(session, self.now)
        hear_all(self.database)

    def end_day(self, before: date | None = None) -> int:
        """The service days before this one are over; before tomorrow, if none is named."""
        before = before or self.now.astimezone(ZONE).date() + timedelta(days=1)
        with self.database.work() as session:
            return ending.end_day(session, self.code, before, now=self.now, actor=BUILDER)

    def ticket(self, ident: str) -> Ticket:
        """The ticket as it stands."""
        with self.database.reading() as session:
            found = tickets.ticket(session, ident)
            session.expunge_all()
            return found

    def window(self, name: str) -> Window:
        """The window as it stands."""
        with self.database.reading() as session:
            found = finding.window(session, self.window_id(name))
            session.expunge_all()
            return found

    def entries(self) -> list[log.LogEntry]:
        """The hall's whole log."""
        with self.database.reading() as session:
            entries = log.entries_after(session, self.code, 0, 100_000)
            session.expunge_all()
            return entries

    def kinds(self) -> list[str]:
        """What happened here, by kind, in order."""
        return [entry.kind for entry in self.entries()]

    def head(self) -> tuple[int, str]:
        """Where the log ends: if this is unchanged, nothing happened."""
        with self.database.reading() as session:
            head = log.head_of(session, self.code)
            assert head is not None
            return head.seq, head.hash

    def faults(self) -> list[log.Fault]:
        """Everything wrong with the hall's log."""
        with self.database.reading() as session:
            return list(log.faults(session, self.code))
