"""A process that works by the clock: it waits until it leads, and leads until it is told to stop or loses the lead."""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Sequence
from datetime import UTC, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from dispatch.foundation import clock
from dispatch.foundation.settings import Settings
from dispatch.wiring.app import bus_of
from dispatch.wiring.clockwork.jobs import Job
from dispatch.wiring.clockwork.leading import Lead, LeadLost, LedDatabase
from dispatch.wiring.clockwork.locking import lock_for
from dispatch.wiring.clockwork.planning import Grid
from dispatch.wiring.clockwork.waiting import LOOK_EVERY_S, Standby
from dispatch.wiring.clockwork.working import Work

JUMP = timedelta(seconds=2)
"""Real time that has moved so much against a clock that only runs was set."""

logger = logging.getLogger(__name__)
# What fails, hangs or comes too late is told here, in the job's own words.
logging.getLogger("apscheduler").setLevel(logging.CRITICAL)


def run_jobs(settings: Settings, role: str, jobs: Sequence[Job], stop: threading.Event) -> None:
    """Run every job at its times whenever this process leads, until told to stop."""
    host = socket.gethostname().encode("ascii", "replace").decode()[:24]
    leader = f"{role} {host} {os.getpid()} {secrets.token_hex(2)}"
    lock = lock_for(settings.database, role, leader)
    standby, tell = Standby(lock, role), bus_of(settings).tell
    while not stop.is_set():
        if standby.takes_over():
            try:
                lead = Lead(lock, role, leader, jobs)
                _lead(lead, LedDatabase(settings.database, lead, tell), jobs, stop)
            except (LeadLost, SQLAlchemyError) as trouble:
                reason = str(getattr(trouble, "orig", trouble)).strip().partition("\n")[0]
                logger.error("%s leads no more: %s", role, reason)
            finally:
                lock.let_go()
        stop.wait(LOOK_EVERY_S)
    lock.let_go()


def _lead(lead: Lead, database: LedDatabase, jobs: Sequence[Job], stop: threading.Event) -> None:
    """Run the jobs, what was missed at once, until told to stop. LeadLost, SQLAlchemyError."""
    logger.warning("%s leads%s", lead.role, f" after {lead.before}" if lead.before else "")
    work = Work(lead, database)
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(jobs))},
        job_defaults={"max_instances": 1, "misfire_grace_time": None},
    )
    for job in jobs:
        now = clock.real_now()
        scheduler.add_job(work.run, Grid(job.every_s), args=[job], id=job.name, next_run_time=now)
    scheduler.start()
    try:
        _keep(work, scheduler, stop)
    except BaseException:
        lead.lost.set()
        raise
    finally:
        scheduler.shutdown(wait=not lead.lost.is_set())
        database.dispose()


def _keep(work: Work, scheduler: BackgroundScheduler, stop: threading.Event) -> None:
    """Give signs of life, and have tried again what should be.

    Where real time was set, plan every job anew, since the scheduler goes by it.
    """
    ahead = _ahead()
    while not stop.wait(LOOK_EVERY_S):
        if work.lead.lost.is_set():
            raise LeadLost("a job could not write down that it ran")
        work.lead.beat()
        work.tell_hanging()
        for due in work.due_again():
            scheduler.modify_job(due.name, next_run_time=clock.real_now())
        before, ahead = ahead, _ahead()
        if abs(ahead - before) > JUMP:
            logger.warning("real time was set by %+.0f s", (ahead - before).total_seconds())
            for job in scheduler.get_jobs():
                job.modify(next_run_time=clock.real_now())


def _ahead() -> timedelta:
    """How far real time is ahead of a clock that nobody can set."""
    return timedelta(seconds=clock.real_now().timestamp() - time.monotonic())
