"""A leader's books: its term, its signs of life, and for every job which planned time has been run.

Whoever takes over begins a new term, and only then ends what is still under way of the one before. A process that
was frozen meanwhile, or cut off, finds itself in a former term: it can neither claim a run nor commit in a job.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Row, delete, exists, func, insert, null, or_, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.database import Database, OnCommit
from dispatch.foundation.jobs import JobLeader, JobRun, JobState
from dispatch.wiring.clockwork.jobs import Job
from dispatch.wiring.clockwork.locking import Lock
from dispatch.wiring.clockwork.planning import planned_time

REMEMBERED_FROM_S = 60
"""Of a job that runs more often, only failures are remembered: its newest run stands in its row."""


class LeadLost(Exception):
    """Another process leads by now, or soon will."""

    def __init__(self, why: str = "another process has taken over") -> None:
        super().__init__(why)


class Lead:
    """The time of one process as leader, from taking the lock until it is lost or let go.

    `lost` is set by whoever notices first. All threads share the lock's one connection.
    """

    def __init__(self, lock: Lock, role: str, leader: str, jobs: Sequence[Job]) -> None:
        """Begin a term; the lock is ours. LeadLost when something of the former leader's will not end."""
        self._lock, self._one_at_a_time = lock, threading.Lock()
        self.role, self.leader, self.lost = role, leader, threading.Event()
        self.before, self.term = self._begin_term(clock.real_now())
        if self.before is not None and not lock.cut_off(self.before):
            raise LeadLost(f"what {self.before} began does not end")
        self._last = self._enter(jobs)
        self._before_that: dict[str, datetime | None] = {}

    def beat(self) -> None:
        """A sign of life; LeadLost when this term is over."""
        alive = update(JobLeader).where(JobLeader.role == self.role, JobLeader.term == self.term)
        if not self._write(alive.values(heard=clock.real_now())):
            raise LeadLost

    def claim(self, job: Job, now: datetime) -> datetime | None:
        """The planned time that is run now, ours alone; None when the newest has been run. LeadLost."""
        planned = planned_time(job.every_s, now, self._last[job.name])
        if planned is None:
            return None
        ours = exists().where(JobLeader.role == self.role, JobLeader.term == self.term)
        not_run = or_(JobState.planned_at.is_(None), JobState.planned_at < planned)
        run = update(JobState).where(JobState.name == job.name, not_run, ours)
        if not self._write(run.values(planned_at=planned, started_at=now, ended_at=None)):
            raise LeadLost
        self._before_that[job.name], self._last[job.name] = self._last[job.name], planned
        return planned

    def ended(
        self, job: Job, planned: datetime, started: datetime, error: str | None, *, give_back: bool = False
    ) -> None:
        """Write down how a run ended; one that gives its planned time back may be claimed for it again."""
        now, outcome = clock.real_now(), "failed" if error else "ok"
        mine = JobState.name == job.name, JobState.planned_at == planned
        known = any(row.error == error for row in self._read(select(JobState.error).where(*mine)))
        since = func.coalesce(JobState.failing_since, now) if error else null()
        told = {"ended_at": now, "outcome": outcome, "error": error, "failing_since": since}
        if give_back:
            told["planned_at"] = self._last[job.name] = self._before_that[job.name]
        self._write(update(JobState).where(*mine).values(told))
        if job.every_s >= REMEMBERED_FROM_S or (error and not known):
            run = {"job": job.name, "planned_at": planned, "started_at": started, "ended_at": now}
            self._write(delete(JobRun).where(JobRun.job == job.name, JobRun.planned_at == planned))
            self._write(insert(JobRun).values(**run, leader=self.leader, outcome=outcome, error=error))

    def _begin_term(self, now: datetime) -> tuple[str | None, int]:
        """Who led before, and the number of our term. Only the holder of the lock comes here."""
        mine = JobLeader.role == self.role
        before = self._read(select(JobLeader.leader, JobLeader.term).where(mine))
        term = before[0].term + 1 if before else 1
        told = {"leader": self.leader, "term": term, "since": now, "heard": now}
        if before:
            self._write(update(JobLeader).where(mine).values(told))
        else:
            self._write(insert(JobLeader).values(role=self.role, **told))
        return (before[0].leader if before else None), term

    def _enter(self, jobs: Sequence[Job]) -> dict[str, datetime | None]:
        """Bring the rows up to the table of jobs; the planned time that each has run last."""
        names = [job.name for job in jobs]
        self._write(delete(JobState).where(JobState.role == self.role, JobState.name.not_in(names)))
        rows = self._read(select(JobState.name, JobState.planned_at))
        known: dict[str, datetime | None] = {row.name: row.planned_at for row in rows}
        for job in jobs:
            told = {"role": self.role, "every_s": job.every_s, "longest_s": job.longest_s}
            if job.name in known:
                self._write(update(JobState).where(JobState.name == job.name).values(told))
            else:
                self._write(insert(JobState).values(name=job.name, **told))
        return {name: known.get(name) for name in names}

    def _write(self, change: Executable) -> bool:
        """Make a change; whether there was a row for it."""
        with self._one_at_a_time:
            return bool(self._lock.connection().execute(change).rowcount)

    def _read(self, wanted: Executable) -> Sequence[Row[Any]]:
        """What the books say; read to the end, since the next statement is another thread's."""
        with self._one_at_a_time:
            return self._lock.connection().execute(wanted).all()


class LedDatabase(Database):
    """The city's database as jobs have it: once another process leads, nothing more is committed in it."""

    def __init__(self, url: str, lead: Lead, on_commit: OnCommit | None = None) -> None:
        super().__init__(_signed(url, lead.leader), on_commit=on_commit)
        self._lead = lead

    @contextmanager
    def work(self) -> Iterator[Session]:
        """A transaction of a job. One that is open when another takes over is ended there; see Lock.cut_off."""
        term = select(JobLeader.term).where(JobLeader.role == self._lead.role)
        with super().work() as session:
            if session.scalar(term) != self._lead.term:
                raise LeadLost
            yield session


def _signed(url: str, leader: str) -> str:
    """The address with the leader's name on every session, by which its successor ends them."""
    if url.startswith("sqlite"):
        return url
    named = make_url(url).update_query_dict({"application_name": leader})
    return named.render_as_string(hide_password=False)
