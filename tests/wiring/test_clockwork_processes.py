"""Schedulers as processes: one leads, and whatever becomes of it, another does; every planned time is run once."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from dispatch.foundation import clock, jobs
from dispatch.foundation.database import Database
from dispatch.foundation.jobs import Alarm
from tests.patience import wait_for
from tests.processes import START
from tests.soak_tables import tell
from tests.wiring import clock_process


class Clock:
    """One scheduler's process."""

    def __init__(self, url: str, folder: Path, *faults: str) -> None:
        self._says = folder / f"said-{time.monotonic_ns()}"
        self._says.touch()
        self.process = START.Process(target=clock_process.work, args=(url, folder, self._says, *faults))
        self.process.start()

    @property
    def pid(self) -> int:
        """Its number."""
        assert self.process.pid is not None
        return self.process.pid

    def said(self) -> str:
        """What it has logged so far."""
        return self._says.read_text(encoding="utf-8")

    def __str__(self) -> str:
        lives = "lives" if self.process.is_alive() else f"ended {self.process.exitcode}"
        return f"clock {self.pid} {lives}: {self.said()[-2000:]}"

    def signal(self, number: int) -> None:
        """Freeze it, thaw it, kill it."""
        os.kill(self.pid, number)

    def is_frozen(self) -> bool:
        """Whether it stands still."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


class Hall:
    """A database with schedulers on it."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.clocks: list[Clock] = []
        self.engine: Engine = create_engine(url, isolation_level="AUTOCOMMIT")
        self.rows(clock_process.RAN, answer=False)
        self.set_clock(0)

    def start(self, *faults: str) -> Clock:
        """One scheduler more."""
        self.clocks.append(Clock(self.url, self.folder, *faults))
        return self.clocks[-1]

    def set_clock(self, by_s: float) -> None:
        """Set the clock of those that can be set."""
        fresh = self.folder / "fresh"
        fresh.write_text(str(by_s))
        fresh.replace(self.folder / clock_process.SHIFT)

    def rows(self, statement: str, *, answer: bool = True) -> list[Any]:
        """What the database says."""
        with self.engine.connect() as connection:
            found = connection.execute(text(statement))
            return list(found) if answer else []

    def ran(self, job: str = "often") -> list[tuple[str, int]]:
        """The planned times of a job's runs, and which process ran each."""
        return [
            (row.planned, row.pid) for row in self.rows(f"SELECT planned, pid FROM ran WHERE job = '{job}'")
        ]

    def leader(self) -> int | None:
        """The process that leads, by what it wrote last."""
        found = self.rows("SELECT leader FROM job_leader WHERE role = 'clock'")
        return int(found[0].leader.split()[2]) if found else None

    def runs_of(self, clock: Clock, job: str = "often") -> int:
        """How often this one ran a job."""
        return sum(pid == clock.pid for _, pid in self.ran(job))

    def __str__(self) -> str:
        """All there is to know, for when something does not come."""
        books = self.rows("SELECT name, planned_at, ended_at, outcome, error FROM job")
        ran = {job: self.ran(job)[-3:] for job in ("often", "hourly")}
        return "\n".join(map(str, [*self.clocks, f"leader {self.leader()}", *books, ran]))

    def wait_for(self, what: Callable[[], object]) -> float:
        """Wait until it is so; how long that took. When it never is, all that the clocks said is told."""
        return wait_for(what, told=lambda: self)

    def alarms(self) -> list[Alarm]:
        """What is wrong with the role by now."""
        database = Database(self.url)
        try:
            with database.reading() as session:
                return [each for each in jobs.alarms(session, clock.real_now()) if each.role == "clock"]
        finally:
            database.dispose()


@pytest.fixture
def hall(database_url: str, tmp_path: Path) -> Iterator[Hall]:
    """The same on both databases."""
    with _opened(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def postgres_hall(postgresql_url: str, tmp_path: Path) -> Iterator[Hall]:
    """Where sessions can be ended from outside."""
    with _opened(postgresql_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def sqlite_hall(sqlite_url: str, tmp_path: Path) -> Iterator[Hall]:
    """Where a file is the lock."""
    with _opened(sqlite_url, tmp_path) as opened:
        yield opened


@contextmanager
def _opened(url: str, folder: Path) -> Iterator[Hall]:
    hall = Hall(url, folder)
    try:
        yield hall
    finally:
        for clock in hall.clocks:
            clock.process.kill()
            clock.process.join()
        hall.engine.dispose()


def one_leads(hall: Hall, number: int, *faults: str) -> tuple[Clock, list[Clock]]:
    """Start some; the one that leads, and those that wait."""
    clocks = [hall.start(*faults) for _ in range(number)]
    hall.wait_for(lambda: hall.ran("hourly") and hall.ran())
    pid = hall.leader()
    (leader,) = (clock for clock in clocks if clock.pid == pid)
    return leader, [clock for clock in clocks if clock is not leader]


def no_planned_time_twice(hall: Hall, job: str = "often") -> bool:
    planned = [when for when, _ in hall.ran(job)]
    return len(planned) == len(set(planned))


# --- one leads ----------------------------------------------------------------------------------------


def test_one_leads_others_wait_and_one_of_them_follows_a_killed_one(hall: Hall) -> None:
    leader, waiting = one_leads(hall, 3)
    for each in waiting:
        hall.wait_for(each.said)
        assert each.said().splitlines() == ["another clock leads; waiting"]
    assert {pid for _, pid in hall.ran()} == {leader.pid}
    leader.signal(signal.SIGKILL)
    hall.wait_for(lambda: any(hall.runs_of(each) for each in waiting))
    follower = next(each for each in waiting if hall.runs_of(each))
    (other,) = (each for each in waiting if each is not follower)
    assert "clock leads after clock " in follower.said()
    assert other.said().splitlines() == ["another clock leads; waiting"]
    assert hall.runs_of(other) == 0
    assert len(hall.ran("hourly")) == 1
    assert no_planned_time_twice(hall)
    follower.process.terminate()
    hall.wait_for(lambda: hall.runs_of(other))
    assert follower.process.exitcode is None or follower.process.exitcode == 0


def test_a_leader_whose_session_is_ended_stops_and_somebody_leads_at_once(postgres_hall: Hall) -> None:
    leader, _ = one_leads(postgres_hall, 2)
    before = len(postgres_hall.ran())
    postgres_hall.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1953459815"
    )
    postgres_hall.wait_for(lambda: "clock leads no more" in leader.said())
    postgres_hall.wait_for(lambda: len(postgres_hall.ran()) > before + 1)
    assert no_planned_time_twice(postgres_hall)
    assert len(postgres_hall.ran("hourly")) == 1


# --- frozen -------------------------------------------------------------------------------------------


def a_thawed_leader(hall: Hall, *faults: str) -> tuple[Clock, Clock]:
    """One freezes when the hourly job is due, another takes over and runs it, then the first one goes on."""
    first = hall.start(*faults)
    hall.wait_for(first.is_frozen)
    second = hall.start("impatient")
    hall.wait_for(lambda: hall.runs_of(second, "hourly"))
    first.signal(signal.SIGCONT)
    return first, second


def test_a_leader_that_thaws_runs_nothing_that_was_run_meanwhile(postgres_hall: Hall) -> None:
    first, second = a_thawed_leader(postgres_hall, "freezes")
    assert "its lock is taken away" in second.said()
    postgres_hall.wait_for(
        lambda: "clock leads no more" in first.said() and "another clock leads" in first.said()
    )
    assert [pid for _, pid in postgres_hall.ran("hourly")] == [second.pid]
    assert no_planned_time_twice(postgres_hall)


def test_without_its_guards_it_would_run_it_again(postgres_hall: Hall) -> None:
    first, second = a_thawed_leader(postgres_hall, "unguarded")
    postgres_hall.wait_for(lambda: postgres_hall.runs_of(first, "hourly"))
    planned, _ = zip(*postgres_hall.ran("hourly"), strict=True)
    assert len(planned) == 2
    assert len(set(planned)) == 1
    assert postgres_hall.runs_of(second, "hourly") == 1


def test_where_a_file_is_the_lock_a_frozen_leader_is_told_and_waited_for(sqlite_hall: Hall) -> None:
    leader, (other,) = one_leads(sqlite_hall, 2, "impatient")
    leader.signal(signal.SIGSTOP)
    sqlite_hall.wait_for(lambda: "nobody can take over before" in other.said())
    ran = len(sqlite_hall.ran())
    leader.signal(signal.SIGCONT)
    sqlite_hall.wait_for(lambda: len(sqlite_hall.ran()) > ran)
    assert sqlite_hall.runs_of(other) == 0
    assert no_planned_time_twice(sqlite_hall)


# --- jobs that go wrong, and a clock that is set ---------------------------------------------------------


def test_jobs_that_fail_or_hang_are_told_and_keep_nobody_else(hall: Hall) -> None:
    leader, _ = one_leads(hall, 1, "fails", "hangs")
    hall.wait_for(lambda: "job hangs hangs: " in leader.said())
    hall.wait_for(lambda: leader.said().count("job fails failed") > 1)
    before = len(hall.ran())
    hall.wait_for(lambda: len(hall.ran()) > before)
    hall.wait_for(lambda: {(each.what, each.job) for each in hall.alarms()} >= {("hangs", "hangs")})
    remembered = hall.rows("SELECT outcome, error FROM job_run WHERE job = 'fails'")
    assert [tuple(row) for row in remembered] == [("failed", "ArithmeticError")]


@pytest.mark.parametrize("by_s", [600, -600])
def test_a_clock_that_is_set_neither_repeats_nor_stops_a_job(sqlite_hall: Hall, by_s: int) -> None:
    leader, _ = one_leads(sqlite_hall, 1, "set")
    before = len(sqlite_hall.ran())
    sqlite_hall.set_clock(by_s)
    sqlite_hall.wait_for(lambda: f"real time was set by {by_s:+d} s" in leader.said())
    sqlite_hall.wait_for(lambda: len(sqlite_hall.ran()) > before + 3)
    assert no_planned_time_twice(sqlite_hall)
    assert len(sqlite_hall.ran("hourly")) <= 2


# --- how fast -----------------------------------------------------------------------------------------


@pytest.mark.soak
def test_how_soon_somebody_follows(postgres_hall: Hall) -> None:
    """Killed, cut off and frozen, again and again."""
    hall, rows = postgres_hall, []
    for what, times, bar_s in (("kill -9", 20, 2.0), ("session ended", 20, 2.0), ("SIGSTOP", 5, 10.5)):
        took = [_until_the_next_run(hall, what) for _ in range(times)]
        rows.append({"what": what, "times": times, "mean_s": _mean(took), "max_s": max(took), "bar_s": bar_s})
    repeated = sum(not no_planned_time_twice(hall, job) for job in ("often", "hourly"))
    tell("clockwork", [{**row, "planned times run twice": repeated} for row in rows])
    assert repeated == 0
    assert all(float(str(row["max_s"])) <= float(str(row["bar_s"])) for row in rows)


def _until_the_next_run(hall: Hall, what: str) -> float:
    """Do this to a leader with another one waiting; the time until a job runs under the next leader."""
    while sum(clock.process.is_alive() for clock in hall.clocks) < 2:
        hall.start()
    hall.wait_for(lambda: "another clock leads" in "".join(clock.said() for clock in hall.clocks[-2:]))
    ran = len(hall.ran())
    hall.wait_for(lambda: len(hall.ran()) > ran)
    term = hall.rows("SELECT term FROM job_leader")[0].term
    (leader,) = (clock for clock in hall.clocks if clock.pid == hall.leader())
    if what == "session ended":
        hall.rows("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
    else:
        leader.signal(signal.SIGKILL if what == "kill -9" else signal.SIGSTOP)
    wanted = "SELECT 1 FROM job, job_leader WHERE name = 'often' AND term > {} AND ended_at > since"
    took = hall.wait_for(lambda: hall.rows(wanted.format(term)))
    if what == "SIGSTOP":
        leader.signal(signal.SIGCONT)
        time.sleep(2)  # what it would do wrong, it does now
    return round(took, 2)


def _mean(numbers: list[float]) -> float:
    return round(sum(numbers) / len(numbers), 2)
