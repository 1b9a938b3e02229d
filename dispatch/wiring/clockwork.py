"""All scheduled jobs in one table. Each does its work in the rooms' verbs and may be run twice without harm."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler

from dispatch.foundation import clock, idempotency
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.halls import finding as halls
from dispatch.tickets import ending
from dispatch.wiring.app import bus_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """Something done again and again, every so many real seconds."""

    name: str
    every_s: int
    run: Callable[[Database], None]


def end_service_days(database: Database) -> None:
    """Expire what is left of earlier service days, hall by hall."""
    with database.reading() as session:
        places = [(hall.code, hall.tz) for hall in halls.all_halls(session)]
    for code, tz in places:
        with database.work() as session:
            now = clock.now(session)
            today = now.astimezone(ZoneInfo(tz)).date()
            ending.end_day(session, code, today, now=now, actor=system("end_service_days"))


def forget_answers(database: Database) -> None:
    """Drop answers kept for repeated POSTs once their day is over."""
    with database.work() as session:
        idempotency.forget_old(session, now=clock.real_now())


JOBS = (Job("end_service_days", 60, end_service_days), Job("forget_answers", 3600, forget_answers))


def run_clock(settings: Settings, stop: threading.Event) -> None:
    """Run every job at its times until told to stop."""
    database = Database(settings.database, on_commit=bus_of(settings).tell)
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60}
    )
    for job in JOBS:
        scheduler.add_job(_guarded, "interval", seconds=job.every_s, args=[job, database], id=job.name)
    scheduler.start()
    stop.wait()
    scheduler.shutdown(wait=True)
    database.dispose()


def _guarded(job: Job, database: Database) -> None:
    """A job that fails says so and is tried again at its next time."""
    try:
        job.run(database)
    except Exception:
        logger.exception("job %s failed", job.name)
