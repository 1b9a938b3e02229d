"""The scheduler's rules: which planned time is run, who may run it, what is remembered, and what counts as wrong."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select, text

from dispatch.foundation import clock
from dispatch.foundation.database import CityIsBusy, Database, DatabaseAway
from dispatch.foundation.jobs import SILENT, Alarm, JobLeader, JobRun, JobState, alarms, at_work
from dispatch.wiring.clockwork.jobs import FORECASTS, JOBS, Job
from dispatch.wiring.clockwork.leading import Lead, LeadLost, LedDatabase
from dispatch.wiring.clockwork.locking import FileLock, Lock, lock_for
from dispatch.wiring.clockwork.planning import TICK, Grid, planned_time
from dispatch.wiring.clockwork.working import AGAIN_AFTER_S, Work

NOON = datetime(2026, 11, 23, 12, 0, 0, 400_000, UTC)
SLOT = NOON.replace(microsecond=0)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def nothing(_: Database) -> None:
    """A job that does nothing."""


def wrong(_: Database) -> None:
    """A job that fails."""
    raise ArithmeticError


ENDED = {"ended_at": NOON, "leader": "", "outcome": "ok"}
OFTEN, HOURLY = Job("often", 1, nothing), Job("hourly", 3600, nothing)


# --- planned times ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("every_s", "last", "planned"),
    [
        (1, None, SLOT),
        (1, SLOT - timedelta(seconds=1), SLOT),
        (1, SLOT, None),
        (15, SLOT - 10 * MINUTE, SLOT),
        (3600, SLOT - 3 * HOUR, SLOT),
        (3600, SLOT, None),
        # the clock was set back
        (1, SLOT + 10 * MINUTE, SLOT + 10 * MINUTE + TICK),
        (60, SLOT + 10 * MINUTE, SLOT + 10 * MINUTE + TICK),
        (3600, SLOT + HOUR, None),
        (1, SLOT + timedelta(seconds=1), None),
    ],
)
def test_which_planned_time_is_run(every_s: int, last: datetime | None, planned: datetime | None) -> None:
    assert planned_time(every_s, NOON, last) == planned


@given(st.sampled_from([1, 3, 60, 3600]), st.lists(st.integers(-900, 900), max_size=12))
def test_however_the_clock_is_set_no_time_is_run_twice_and_no_job_stops(
    every_s: int, sets: list[int]
) -> None:
    """Asked once a period, as it passes; between two runs never lie more than two periods and a set clock's slot."""
    now, last, runs, idle = NOON, None, [], 0
    for step in range(40):
        now += timedelta(seconds=every_s + (sets[step] if step < len(sets) else 0))
        planned = planned_time(every_s, now, last)
        idle = 0 if planned else idle + 1
        assert idle <= 2
        if planned:
            last = planned
            runs.append(planned)
    assert len(runs) == len(set(runs))
    assert runs == sorted(runs)


def test_the_grid_fires_at_planned_times_to_come() -> None:
    assert Grid(1).get_next_fire_time(None, NOON) == SLOT + timedelta(seconds=1)
    assert Grid(15).get_next_fire_time(SLOT - HOUR, SLOT) == SLOT + timedelta(seconds=15)
    assert Grid(3600).get_next_fire_time(None, NOON) == SLOT + HOUR


def test_no_two_jobs_have_one_name() -> None:
    names = [job.name for job in (*JOBS, *FORECASTS)]
    assert len(names) == len(set(names))


# --- leading ------------------------------------------------------------------------------------------


@pytest.fixture
def locks(database_url: str) -> Iterator[list[Lock]]:
    """Locks of several processes."""
    made = [lock_for(database_url, "clock", f"clock here {n}") for n in range(3)]
    yield made
    for lock in made:
        lock.let_go()


def lead(lock: Lock, number: int, *jobs: Job) -> Lead:
    """Begin a term."""
    return Lead(lock, "clock", f"clock here {number}", jobs or (OFTEN, HOURLY))


def test_of_three_one_has_the_lock_until_it_lets_go(locks: list[Lock]) -> None:
    assert [lock.take() for lock in locks] == [True, False, False]
    locks[0].let_go()
    while not locks[1].take():  # a server notices a moment later that the session is gone
        time.sleep(0.01)
    assert not locks[2].take()


def test_the_roles_have_locks_of_their_own(database_url: str, locks: list[Lock]) -> None:
    other = lock_for(database_url, "forecast", "forecast here 9")
    assert locks[0].take()
    assert other.take()
    other.let_go()


def test_a_planned_time_is_run_once_by_whomever(locks: list[Lock]) -> None:
    first = lead(locks[0], 0)
    assert first.claim(OFTEN, NOON) == SLOT
    assert first.claim(OFTEN, NOON) is None
    assert first.claim(HOURLY, NOON) == SLOT
    second = lead(locks[1], 1)
    assert second.before == "clock here 0"
    assert second.claim(OFTEN, NOON) is None
    assert second.claim(HOURLY, NOON + HOUR) == SLOT + HOUR


def test_who_was_taken_over_from_can_do_nothing_more(database: Database, locks: list[Lock]) -> None:
    """Its lock's session is left open here: the rows alone must stop it."""
    first = lead(locks[0], 0)
    led = LedDatabase(database.url, first)
    with led.work() as session:
        session.add(JobRun(job="x", planned_at=NOON, started_at=NOON, ended_at=NOON, leader="", outcome="ok"))
    _, unsigned = lead(locks[1], 1), Lead.__new__(Lead)
    unsigned.__dict__.update(first.__dict__ | {"_lock": locks[2]})
    with pytest.raises(LeadLost):
        unsigned.beat()
    with pytest.raises(LeadLost):
        unsigned.claim(OFTEN, NOON)
    with pytest.raises(LeadLost), led.work():
        pytest.fail("nothing is begun")
    led.dispose()


def test_what_a_former_leader_has_open_is_ended(postgresql_url: str) -> None:
    locks = [lock_for(postgresql_url, "clock", f"clock here {n}") for n in range(2)]
    led = LedDatabase(postgresql_url, lead(locks[0], 0))

    def be_taken_over_from() -> None:
        with led.work() as session:
            session.execute(text("SELECT 1"))
            lead(locks[1], 1)
            session.execute(text("SELECT 1"))

    with pytest.raises(DatabaseAway):
        be_taken_over_from()
    led.dispose()
    for lock in locks:
        lock.let_go()


def test_jobs_that_are_gone_leave_the_table(database: Database, locks: list[Lock]) -> None:
    lead(locks[0], 0)
    lead(locks[0], 0, Job("often", 5, nothing))
    with database.reading() as session:
        rows = session.execute(select(JobState.name, JobState.every_s)).all()
    assert [tuple(row) for row in rows] == [("often", 5)]


def test_the_files_lock_lies_beside_the_city(sqlite_url: str) -> None:
    lock = FileLock(sqlite_url, "clock")
    assert lock.take()
    assert Path(sqlite_url.removeprefix("sqlite:///") + ".clock.lock").exists()
    lock.let_go()


# --- what is remembered ---------------------------------------------------------------------------------


def test_a_failure_is_remembered_once_and_forgotten_by_the_next_success(
    database: Database, locks: list[Lock], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = count()
    monkeypatch.setattr(clock, "real_now", lambda: NOON + timedelta(seconds=next(seconds)))
    fails, works = Job("often", 1, wrong), Job("often", 1, nothing)
    leading = lead(locks[0], 0, works, HOURLY)
    work = Work(leading, database)
    for job in (works, works, fails, fails, fails):
        work.run(job)
    with database.reading() as session:
        row, runs = session.get_one(JobState, "often"), list(session.scalars(select(JobRun)))
        assert (row.outcome, row.error) == ("failed", "ArithmeticError")
        assert row.failing_since is not None
        assert [(run.job, run.outcome, run.error) for run in runs] == [("often", "failed", "ArithmeticError")]
    for job in (works, HOURLY):
        work.run(job)
    with database.reading() as session:
        row, runs = session.get_one(JobState, "often"), list(session.scalars(select(JobRun)))
        assert (row.outcome, row.error, row.failing_since) == ("ok", None, None)
        assert sorted(run.job for run in runs) == ["hourly", "often"]
    assert not leading.lost.is_set()


def test_what_the_database_did_not_let_through_is_tried_again_for_its_time(
    database: Database, locks: list[Lock], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever leads then; an hourly job is not left undone for an hour."""
    monkeypatch.setattr(clock, "real_now", lambda: NOON)
    fails = iter([CityIsBusy, CityIsBusy, None])
    hours = (SLOT, SLOT + HOUR)

    def busy(_: Database) -> None:
        if fault := next(fails):
            raise fault

    hourly = Job("hourly", 3600, busy)
    for number, runs_after in ((0, ["CityIsBusy"]), (1, ["CityIsBusy"])):
        work = Work(lead(locks[number], number, hourly), database)
        work.run(hourly)
        assert work.due_again() == []
        with database.reading() as session:
            row, runs = session.get_one(JobState, "hourly"), list(session.scalars(select(JobRun)))
            assert (row.planned_at, row.outcome, row.error) == (None, "failed", "CityIsBusy")
            assert row.failing_since == NOON
            assert [run.error for run in runs] == runs_after
    with monkeypatch.context() as later:
        at = time.monotonic() + AGAIN_AFTER_S
        later.setattr(time, "monotonic", lambda: at)
        assert work.due_again() == [hourly]
        assert work.due_again() == []
    work.run(hourly)
    work.run(hourly)
    with database.reading() as session:
        row, runs = session.get_one(JobState, "hourly"), list(session.scalars(select(JobRun)))
        assert (row.planned_at, row.outcome, row.failing_since) == (hours[0], "ok", None)
        assert [(run.planned_at, run.outcome) for run in runs] == [(hours[0], "ok")]


def test_what_failed_by_itself_keeps_its_planned_time(database: Database, locks: list[Lock]) -> None:
    fails = Job("hourly", 3600, wrong)
    work = Work(lead(locks[0], 0, fails), database)
    work.run(fails)
    assert work.lead.claim(fails, clock.real_now()) is None
    assert work.due_again() == []


def test_a_job_that_has_nothing_to_do_costs_three_statements(database: Database) -> None:
    """One that claims the planned time, one that says how it ended, and the look at how it ended before."""
    lock, said = lock_for(database.url, "clock", "clock here 0"), []
    work = Work(lead(lock, 0), database)
    event.listen(lock.connection().engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    work.run(OFTEN)
    assert len(said) <= 3
    lock.let_go()


def test_many_threads_share_the_books_while_others_write(database: Database, locks: list[Lock]) -> None:
    jobs = [Job(f"job {n}", 1, nothing) for n in range(8)]
    assert locks[0].take()
    leading = lead(locks[0], 0, *jobs)

    def run(job: Job) -> None:
        for second in range(12):
            planned = leading.claim(job, NOON + timedelta(seconds=second))
            assert planned is not None
            leading.ended(job, planned, NOON, None)
            with database.work() as session:
                session.add(JobRun(job=f"of {job.name}", planned_at=planned, started_at=NOON, **ENDED))

    with ThreadPoolExecutor(len(jobs)) as pool:
        list(pool.map(run, jobs))
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(JobRun)) == 8 * 12
        assert session.scalar(select(func.count()).where(JobState.outcome == "ok")) == 8


# --- what is wrong --------------------------------------------------------------------------------------


def told(database: Database, now: datetime) -> list[Alarm]:
    """The alarms of the clock."""
    with database.reading() as session:
        return [alarm for alarm in alarms(session, now) if alarm.role == "clock"]


def write(database: Database, *rows: JobLeader | JobState) -> None:
    with database.work() as session:
        for row in rows:
            session.merge(row)


def leader_row(heard: datetime, since: datetime = NOON - HOUR) -> JobLeader:
    return JobLeader(role="clock", leader="clock here 0", term=1, since=since, heard=heard)


def job_row(**told: object) -> JobState:
    return JobState(**{"name": "hear", "role": "clock", "every_s": 1, "longest_s": 60, **told})


def test_a_city_without_a_clock_is_told_so(database: Database) -> None:
    assert told(database, NOON) == [Alarm("nobody", "clock")]
    assert "no process" in told(database, NOON)[0].said


def test_a_frozen_leader_is_one_alarm(database: Database) -> None:
    write(database, leader_row(NOON), job_row(started_at=NOON, ended_at=NOON))
    assert told(database, NOON + SILENT) == []
    (alarm,) = told(database, NOON + 1.1 * SILENT)
    assert (alarm.what, alarm.job, alarm.since) == ("silent", None, NOON)
    assert alarm.said == "`clock` is frozen or gone: no sign of life since 2026-11-23 12:00:00 UTC"
    with database.reading() as session:
        assert at_work(session, "clock", NOON + SILENT)
        assert not at_work(session, "clock", NOON + 1.1 * SILENT)
        assert not at_work(session, "forecast", NOON)


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ({"started_at": NOON - timedelta(seconds=10), "ended_at": NOON}, None),
        ({"started_at": NOON - timedelta(seconds=14), "ended_at": NOON}, "late"),
        ({"every_s": 60, "started_at": NOON - 3.5 * MINUTE, "ended_at": NOON}, None),
        ({"every_s": 60, "started_at": NOON - 4.5 * MINUTE, "ended_at": NOON}, "late"),
        ({}, "late"),
        ({"started_at": NOON - timedelta(seconds=50)}, None),
        ({"started_at": NOON - timedelta(seconds=70)}, "hangs"),
        ({"started_at": NOON - 2 * HOUR}, "late"),
        ({"started_at": NOON, "ended_at": NOON, "failing_since": NOON - timedelta(seconds=10)}, None),
        (
            {"started_at": NOON, "ended_at": NOON, "failing_since": NOON - MINUTE, "error": "KeyError"},
            "fails",
        ),
    ],
)
def test_a_job_that_is_late_or_hangs_or_fails(
    database: Database, row: dict[str, object], wrong: str | None
) -> None:
    write(database, leader_row(NOON), job_row(**row))
    assert [alarm.what for alarm in told(database, NOON)] == ([wrong] if wrong else [])
    assert all("`hear`" in alarm.said for alarm in told(database, NOON))


def test_what_a_new_leader_has_not_come_to_is_not_late(database: Database) -> None:
    write(database, leader_row(NOON, since=NOON), job_row(started_at=NOON - HOUR, ended_at=NOON - HOUR))
    assert told(database, NOON) == []
