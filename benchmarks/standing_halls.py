"""A plain city to measure in: so many halls that are always open, each with one queue and some open windows."""

import secrets
from dataclasses import dataclass

from dispatch.foundation.access import system
from dispatch.foundation.clock import real_now
from dispatch.foundation.database import Database
from dispatch.halls import configuring, finding, windows
from dispatch.people import accounts

BENCH = system("bench")
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = {"weekly": {day: [["00:00", "24:00"]] for day in WEEK}}
QUEUE = "A"
TOP = "BENCH"


@dataclass(frozen=True)
class City:
    """What the load needs to know: the halls' codes, how many windows each has, and a supervisor's token."""

    halls: list[str]
    windows: int
    token: str

    def window(self, hall: str, n: int = 1) -> str:
        """The id of a hall's window."""
        return f"{hall}-{n}"


def furnish(database: Database, count: int, *, windows_each: int = 1) -> City:
    """Build the halls below one that serves nobody, open their windows, and sign a supervisor in."""
    _configure(database, TOP, None, 0)
    halls = [f"{TOP}-{n:04d}" for n in range(1, count + 1)]
    for code in halls:
        _configure(database, code, TOP, windows_each)
        _open(database, code, windows_each)
    return City(halls, windows_each, _supervisor(database))


def _configure(database: Database, code: str, parent: str | None, windows_each: int) -> None:
    names = [str(n) for n in range(1, windows_each + 1)]
    spec = configuring.HallSpec(
        code=code,
        name="测速厅",
        name_en="Bench hall",
        level="district" if parent else "city",
        kind="hall",
        parent=parent,
        lat=0.0,
        lon=0.0,
        tz="UTC",
        hours=ALWAYS,
        queues=[configuring.QueueSpec(QUEUE, "A", "综合", "General")],
        windows=[configuring.WindowSpec(name, name, name, "general", [QUEUE]) for name in names],
    )
    with database.work() as session:
        configuring.configure(session, spec, now=real_now(), actor=BENCH)


def _open(database: Database, code: str, windows_each: int) -> None:
    for n in range(1, windows_each + 1):
        with database.work() as session:
            window = finding.window(session, f"{code}-{n}")
            windows.change(session, window, "open", now=real_now(), actor=BENCH)


def _supervisor(database: Database) -> str:
    with database.work() as session:
        top = finding.hall(session, TOP)
        account = accounts.create(session, "bench", secrets.token_urlsafe(16), "supervisor", top)
        return accounts.sign_in(session, account, real_now=real_now())
