"""Holding each hall's announcements against what happened, day by day, as soon as a day is over."""

import logging

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.halls import finding as halls

logger = logging.getLogger(__name__)


def score_waits(database: Database) -> None:
    """Score every day that is over, each in a transaction of its own, so that a crash leaves whole days done.

    A day that cannot be scored keeps no other from it.
    """
    # Imported here, since it brings numpy, which no web process needs.
    from dispatch.waits import scoring

    with database.reading() as session:
        now = clock.now(session)
        places = halls.all_halls(session)
        due = [(place.code, day) for place in places for day in scoring.unscored(session, place, now)]
    for code, day in due:
        try:
            with database.work() as session:
                scoring.score(session, halls.hall(session, code), day)
        except Exception:
            logger.exception("the waits shown in %s on %s cannot be scored", code, day)
