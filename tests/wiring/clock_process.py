"""A process of the scheduler as tests want it: with jobs of their own, faults in them, and a clock that can be set.

Every run of a job is a row of the table `ran`.
"""

import logging
import os
import signal
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apscheduler.schedulers import base
from sqlalchemy import select, text

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.jobs import JobState
from dispatch.foundation.settings import Settings
from dispatch.wiring.clockwork import leading, running, waiting
from dispatch.wiring.clockwork.jobs import Job
from dispatch.wiring.clockwork.leading import Lead

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

RAN = "CREATE TABLE ran (job VARCHAR(40), planned VARCHAR(40), pid INTEGER)"
SHIFT = "shift"
"""The file in the folder that says by how many seconds the clock is set."""


def note(name: str) -> Any:  # noqa: ANN401 - what a Job runs
    """A job that leaves a row."""

    def run(database: Database) -> None:
        with database.work() as session:
            planned = session.scalar(select(JobState.planned_at).where(JobState.name == name))
            assert planned is not None
            row = {"job": name, "planned": planned.isoformat(), "pid": os.getpid()}
            session.execute(text("INSERT INTO ran (job, planned, pid) VALUES (:job, :planned, :pid)"), row)

    return run


def fail(_: Database) -> None:
    """A job that fails."""
    raise ArithmeticError("as the test wants it")


def hang(_: Database) -> None:
    """A job that never ends."""
    time.sleep(3600)


JOBS = {
    "often": Job("often", 1, note("often")),
    "hourly": Job("hourly", 3600, note("hourly")),
    "fails": Job("fails", 1, fail),
    "hangs": Job("hangs", 1, hang, longest_s=1),
}


def _freeze() -> None:
    """Stop the whole process, this thread before its next step: sent to the process, another might take the signal."""
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)


def freeze_before_the_first_claim() -> None:
    """Stop the whole process when the hourly job is due, before it is claimed."""
    claim = Lead.claim

    def frozen(self: Lead, job: Job, now: datetime) -> datetime | None:
        if job.name == "hourly" and self.before is None:
            _freeze()
        return claim(self, job, now)

    Lead.claim = frozen  # type: ignore[method-assign]


def take_the_guards_off() -> None:
    """Run without asking whether the planned time is ours, and commit without asking whether the term is."""

    def claim(self: Lead, job: Job, now: datetime) -> datetime | None:
        if job.name == "hourly" and self.before is None:
            _freeze()
            return now
        return None

    @contextmanager
    def work(self: leading.LedDatabase) -> "Iterator[Session]":
        with Database.work(self) as session:
            yield session

    Lead.claim = claim  # type: ignore[method-assign]
    leading.LedDatabase.work = work  # type: ignore[method-assign]


def be_impatient() -> None:
    """Take a leader for frozen after two seconds."""
    waiting.FROZEN_LOOKS = 4


def go_by_a_clock_that_is_set(folder: Path) -> None:
    """Let our clock and the scheduler's own go by the folder's shift."""

    def real_now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float((folder / SHIFT).read_text()))

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:  # noqa: ANN401 - as mypy has datetime's own
            return real_now().astimezone(tz)

    clock.real_now = real_now
    base.datetime = Shifted


def work(url: str, folder: Path, says: Path, *faults: str) -> None:
    """Work by the clock until SIGTERM; what is logged is written to the file `says`."""
    logging.basicConfig(filename=says, format="%(message)s", force=True)
    if "set" in faults:
        go_by_a_clock_that_is_set(folder)
    if "impatient" in faults:
        be_impatient()
    if "freezes" in faults:
        freeze_before_the_first_claim()
    if "unguarded" in faults:
        take_the_guards_off()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    jobs = [job for name, job in JOBS.items() if name in ("often", "hourly", *faults)]
    running.run_jobs(Settings(database_url=url, var=folder), "clock", jobs, stop)
