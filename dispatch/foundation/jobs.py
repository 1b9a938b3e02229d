"""Work done at its times: who leads it, when each job ran last, and what is wrong with that.

Written by the processes that do the work, read by whoever looks after them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import BigInteger, CheckConstraint, Integer, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from dispatch.foundation.tables import Base, UtcTime, one_of

ROLES = ("clock", "forecast")
"""The roles whose processes work by the clock: of each, one works and others wait."""
OUTCOMES = ("ok", "failed")
SILENT = timedelta(seconds=12)
"""A leader that was not heard of for so long is frozen or gone; no job counts as late sooner."""
PERIODS_LATE = 3
"""So many of its own periods a job may be overdue."""


class JobLeader(Base):
    """Who does the jobs of a role. Every taking over begins a new `term`; `heard` is its last sign of life."""

    __tablename__ = "job_leader"

    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    leader: Mapped[str] = mapped_column(String(60))
    term: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[datetime] = mapped_column(UtcTime)
    heard: Mapped[datetime] = mapped_column(UtcTime)


class JobState(Base):
    """A job and its newest run, whose planned time is its guard: every planned time is run once.

    `ended_at` is empty while it runs; `outcome` is that of the last run that ended.
    """

    __tablename__ = "job"
    __table_args__ = (CheckConstraint(one_of("outcome", OUTCOMES), name="job_outcome"),)

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    every_s: Mapped[int] = mapped_column(Integer)
    longest_s: Mapped[int] = mapped_column(Integer)
    planned_at: Mapped[datetime | None] = mapped_column(UtcTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    outcome: Mapped[str | None] = mapped_column(String(8))
    error: Mapped[str | None] = mapped_column(String(60))
    failing_since: Mapped[datetime | None] = mapped_column(UtcTime)


class JobRun(Base):
    """A run that is remembered: of jobs that run once a minute or less often, and any first failure of its kind."""

    __tablename__ = "job_run"
    __table_args__ = (CheckConstraint(one_of("outcome", OUTCOMES), name="job_run_outcome"),)

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    planned_at: Mapped[datetime] = mapped_column(UtcTime, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime] = mapped_column(UtcTime, index=True)
    leader: Mapped[str] = mapped_column(String(60))
    outcome: Mapped[str] = mapped_column(String(8))
    error: Mapped[str | None] = mapped_column(String(60))


@dataclass(frozen=True)
class Alarm:
    """Something wrong with a role, or with one of its jobs, since then.

    `nobody` has ever done the role's jobs; its leader is `silent`; a job is `late`, it `hangs`, or it `fails`.
    """

    what: Literal["nobody", "silent", "late", "hangs", "fails"]
    role: str
    job: str | None = None
    since: datetime | None = None
    error: str | None = None

    @property
    def said(self) -> str:
        """One line for whoever looks after the machines."""
        since = f" since {self.since:%Y-%m-%d %H:%M:%S} UTC" if self.since else ""
        return {
            "nobody": f"no process has ever done the jobs of `{self.role}`",
            "silent": f"`{self.role}` is frozen or gone: no sign of life{since}",
            "late": f"`{self.role}` has not run `{self.job}`{since}",
            "hangs": f"`{self.job}` of `{self.role}` has been running{since}",
            "fails": f"`{self.job}` of `{self.role}` has been failing{since} ({self.error})",
        }[self.what]


def alarms(session: Session, real_now: datetime) -> list[Alarm]:
    """Everything wrong with the work done by the clock; nothing when all of it runs."""
    leaders = {row.role: row for row in session.scalars(select(JobLeader))}
    return [alarm for role in ROLES for alarm in _of_role(session, role, leaders.get(role), real_now)]


def at_work(session: Session, role: str, real_now: datetime, within: timedelta = SILENT) -> bool:
    """Whether somebody does the jobs of this role, by a sign of life no older than that."""
    row = session.get(JobLeader, role)
    return row is not None and real_now - row.heard <= within


def _of_role(session: Session, role: str, leader: JobLeader | None, real_now: datetime) -> Iterator[Alarm]:
    if leader is None:
        yield Alarm("nobody", role)
    elif real_now - leader.heard > SILENT:
        yield Alarm("silent", role, since=leader.heard)
    else:
        jobs: Sequence[JobState] = session.scalars(
            select(JobState).where(JobState.role == role).order_by(JobState.name)
        ).all()
        for job in jobs:
            yield from _of_job(job, leader, real_now)


def _of_job(job: JobState, leader: JobLeader, real_now: datetime) -> Iterator[Alarm]:
    """What is wrong with one job of a leader that lives; what ran before its time does not count as late."""
    if job.started_at and not job.ended_at and job.started_at >= leader.since:
        if real_now - job.started_at > timedelta(seconds=job.longest_s):
            yield Alarm("hangs", job.role, job.name, job.started_at)
    else:
        last = max(job.started_at or leader.since, leader.since)
        overdue = real_now - last - timedelta(seconds=job.every_s)
        if overdue > max(timedelta(seconds=PERIODS_LATE * job.every_s), SILENT):
            yield Alarm("late", job.role, job.name, last)
    if job.failing_since and real_now - job.failing_since > SILENT:
        yield Alarm("fails", job.role, job.name, job.failing_since, job.error)
