"""What is done by the clock about people under way: whoever was not seen in time counts no longer, all are weighed."""

from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.journeys import ending, weighing


def expire_journeys(database: Database) -> None:
    """End what is overdue, hall by hall; a city where nothing is, is only read."""
    with database.reading() as session:
        halls = ending.overdue(session, clock.now(session))
    for hall in halls:
        with database.work() as session:
            ending.expire(session, hall, now=clock.now(session), actor=system("expire_journeys"))


def weigh_journeys(database: Database) -> None:
    """Weigh anew how likely somebody under way comes."""
    with database.work() as session:
        weighing.weigh(session, clock.now(session))
