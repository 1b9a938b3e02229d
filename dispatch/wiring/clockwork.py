"""All scheduled jobs in one table. Each does its work in the rooms' verbs and may be run twice without harm."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler

from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.halls import finding as halls
from dispatch.tickets import ending
from dispatch.wiring import forgetting, keeping_hours, keeping_places, listening, printing, templating
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


JOBS = (
    Job("hear", 1, listening.hear_all),
    Job("lapse_leases", 3, keeping_places.lapse_leases),
    Job("return_moves", 15, keeping_places.return_moves),
    Job("end_service_days", 60, end_service_days),
    Job("forget_old", 3600, forgetting.forget_old),
    Job("keep_outages", 5, keeping_hours.keep_outages),
    Job("settle_closings", 10, keeping_hours.settle_closings),
    Job("take_templates", 10, templating.take_effect),
    Job("print_tickets", 1, printing.print_tickets),
    Job("watch_printers", 15, printing.watch_printers),
)

FORECASTS = (Job("regulate_intake", 30, keeping_hours.regulate_intake),)
"""What computes ahead, and so runs in a process of its own."""


def run_jobs(settings: Settings, jobs: Sequence[Job], stop: threading.Event) -> None:
    """Run every job at its times until told to stop."""
    database = Database(settings.database, on_commit=bus_of(settings).tell)
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60}
    )
    for job in jobs:
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
