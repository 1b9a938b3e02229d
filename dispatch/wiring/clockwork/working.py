"""Running a job: claimed for its planned time, tried, written down; and who takes too long."""

import logging
import time

from sqlalchemy.exc import SQLAlchemyError

from dispatch.foundation import clock
from dispatch.foundation.database import CityIsBusy, Database, DatabaseAway, StorageFull
from dispatch.wiring.clockwork.jobs import Job
from dispatch.wiring.clockwork.leading import Lead, LeadLost

PASSING = (CityIsBusy, DatabaseAway, StorageFull)
"""What a run that comes a little later need not meet."""
AGAIN_AFTER_S = 5

logger = logging.getLogger(__name__)


class Work:
    """What a leader has its threads do."""

    def __init__(self, lead: Lead, database: Database) -> None:
        self.lead, self._database = lead, database
        self._running: dict[Job, float] = {}
        self._told: set[Job] = set()
        self._again: dict[Job, float] = {}

    def run(self, job: Job) -> None:
        """Run a job for the newest planned time, unless that has been run."""
        started = clock.real_now()
        try:
            planned = self.lead.claim(job, started)
            if planned is not None:
                error = self._try(job)
                name, passing = type(error).__name__[:60] if error else None, isinstance(error, PASSING)
                self.lead.ended(job, planned, started, name, give_back=passing)
                if passing:
                    self._again[job] = time.monotonic() + AGAIN_AFTER_S
        except (LeadLost, SQLAlchemyError):
            self.lead.lost.set()

    def due_again(self) -> list[Job]:
        """Those that failed for a passing reason a while ago, each once: an hourly job should not wait an hour."""
        due = [job for job, at in list(self._again.items()) if at <= time.monotonic()]
        for job in due:
            del self._again[job]
        return due

    def tell_hanging(self) -> None:
        """Say once of each run that it takes too long; it cannot be ended from outside, and others go on."""
        for job, since in list(self._running.items()):
            ran_s = time.monotonic() - since
            if ran_s > job.longest_s and job not in self._told:
                self._told.add(job)
                logger.error("job %s hangs: %.0f s, at most %d are usual", job.name, ran_s, job.longest_s)

    def _try(self, job: Job) -> Exception | None:
        """What it failed by, if it did."""
        self._running[job] = time.monotonic()
        try:
            job.run(self._database)
        except LeadLost:
            raise
        except Exception as error:
            logger.exception("job %s failed", job.name)
            return error
        finally:
            del self._running[job]
            self._told.discard(job)
        return None
