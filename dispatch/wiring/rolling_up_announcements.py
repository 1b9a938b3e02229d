"""Announcements grow by hundreds of thousands of rows a day: those that are past their time become means of hours."""

import time
from datetime import timedelta
from zoneinfo import ZoneInfo

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.halls import finding as halls
from dispatch.waits import announcing

GIVEN_UP = timedelta(days=90)
"""A day that could not be scored for so long is waited for no more."""
LONGEST_S = 60.0
"""A run that has taken longer leaves the rest to the next one."""


def roll_up_announcements(database: Database) -> None:
    """Hour by hour, each in a transaction of its own, so that nobody waits for it and a crash leaves whole hours.

    A day that is not scored yet is left whole for as long as it may be yet.
    """
    # Imported here, since it brings numpy, which no web process needs.
    from dispatch.waits import scoring

    until = time.monotonic() + LONGEST_S
    with database.reading() as session:
        now = clock.now(session)
        before = now - timedelta(days=Settings().announcements_days)
        places = [(place.code, ZoneInfo(place.tz)) for place in halls.all_halls(session)]
    for code, zone in places:
        while time.monotonic() < until:
            with database.reading() as session:
                at = announcing.oldest(session, code)
                if at is None or at >= before:
                    break
                scored = scoring.is_scored(session, code, at.astimezone(zone).date())
                if not scored and at >= now - GIVEN_UP:
                    break
            with database.work() as session:
                announcing.roll_up(session, code, at)
