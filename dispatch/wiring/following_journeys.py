"""What is done by the clock about people under way: whoever was not seen in time, or is served where she had kept her
place, counts no longer; all are weighed."""

from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.journeys import ending, finding, weighing
from dispatch.tickets import referring


def expire_journeys(database: Database) -> None:
    """End what is overdue, hall by hall; a city where nothing is, is only read."""
    with database.reading() as session:
        halls = ending.overdue(session, clock.now(session))
    for hall in halls:
        with database.work() as session:
            ending.expire(session, hall, now=clock.now(session), actor=system("expire_journeys"))


def end_served_journeys(database: Database) -> None:
    """End the journeys of those who were called where they had kept their place, and have sat down there."""
    with database.reading() as session:
        found = referring.served(session)
    for ident in found:
        with database.work() as session:
            journey, now = finding.journey(session, ident), clock.now(session)
            ending.serve(session, journey, now=now, actor=system("end_served_journeys"))


def weigh_journeys(database: Database) -> None:
    """Weigh anew how likely somebody under way comes."""
    with database.work() as session:
        weighing.weigh(session, clock.now(session))
