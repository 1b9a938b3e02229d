"""Learning by the clock: every hall from its log, and once a day what the halls have in common."""

import logging
import time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue.models import Item
from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.halls import finding as halls
from dispatch.learning import durations, keeping, minutes
from dispatch.learning.keeping import Behind
from dispatch.learning.knowing import Known
from dispatch.learning.pool import Pool

AT_ONCE = 2000
"""So many entries of one log are learned in one transaction."""
LONGEST_S = 40.0
"""A run that has taken longer leaves the rest to the next one."""

logger = logging.getLogger(__name__)


def learn_halls(database: Database) -> None:
    """Learn what is new in every hall. Where nothing has happened anywhere this is one statement."""
    with database.reading() as session:
        due = keeping.behind(session)
    until = time.monotonic() + LONGEST_S
    for each in due:
        place: Behind | None = each
        try:
            while place is not None and time.monotonic() < until:
                place = keeping.learn(database, place, AT_ONCE)
        except Exception:
            logger.exception("cannot learn from the log of %s", each.hall)


def pool_halls(database: Database) -> None:
    """By night, take all halls together, and settle how long things take in each; once for each of the city's days."""
    with database.reading() as session:
        places = [(hall.code, hall.tz) for hall in halls.all_halls(session)]
        if not places:
            return
        today = clock.now(session).astimezone(ZoneInfo(places[0][1])).toordinal()
        if keeping.pooled_on(session) == today:
            return
    made = Pool()
    for hall, tz in places:
        with database.reading() as session:
            made.add(keeping.learner_of(session, hall, tz, ("people", "days")))
    with database.reading() as session:
        known = made.known(_catalogue(session))
    for hall, tz in places:
        _settle_minutes(database, hall, tz, known, today)
    with database.work() as session:
        keeping.keep_pool(session, made, today)


def _settle_minutes(database: Database, hall: str, tz: str, before: Known, today: int) -> None:
    with database.reading() as session:
        learner = keeping.learner_of(session, hall, tz, ("people",))
    if len(learner.durations.of):
        with database.work() as session:
            times = durations.learned(learner.durations, before.times)
            minutes.keep_minutes(session, hall, times, today)


def _catalogue(session: Session) -> dict[str, float]:
    return {row.code: row.minutes for row in session.execute(select(Item.code, Item.minutes))}
