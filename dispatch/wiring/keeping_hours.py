"""What halls do by the clock: stop queues in time, end what has run out, carry out early closes, end the day."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.halls import finding as halls
from dispatch.halls import intake as queues
from dispatch.halls import outages
from dispatch.tickets import closing, ending, intake
from dispatch.waits import finding as waits


def regulate_intake(database: Database) -> None:
    """Stop and resume queues by the rule, hall by hall; a hall where nothing changes is only read.

    Where waits are foretold it is done by that, at once; here only where they are not.
    """
    with database.reading() as session:
        codes = [hall.code for hall in halls.all_halls(session)]
        foretold = {
            code
            for code, (_, stale) in waits.versions(session, codes, clock.now(session)).items()
            if not stale
        }

    def wanted(session: Session, code: str) -> bool:
        if code in foretold:
            return False
        place, now = halls.hall(session, code), clock.now(session)
        return bool(queues.paused_too_long(session, code, now) or intake.due(session, place, now))

    for code in _halls_where(database, wanted):
        with database.work() as session:
            place, now = halls.hall(session, code), clock.now(session)
            intake.regulate(session, place, now=now, actor=system("regulate_intake"))


def keep_outages(database: Database) -> None:
    """End what has run out, and bring every hall's log up to the city's outages."""
    with database.reading() as session:
        over = bool(outages.run_out(session, None, clock.now(session)))
    if over:
        with database.work() as session:
            now = clock.now(session)
            for row in outages.run_out(session, None, now):
                outages.end(session, row, run_out=True, now=now, actor=system("keep_outages"))
    with database.reading() as session:
        every = [hall.code for hall in halls.all_halls(session)]
        due = outages.to_tell(session, every, clock.now(session))
    for code in due:
        with database.work() as session:
            place, now = halls.hall(session, code), clock.now(session)
            outages.tell(session, place, now=now, actor=system("keep_outages"))


def settle_closings(database: Database) -> None:
    """Send on whoever waits in halls that have closed early, where they are to be moved."""
    with database.reading() as session:
        due = [(row.hall, row.day) for row in closing.unsettled(session, clock.now(session))]
    for code, day in due:
        with database.work() as session:
            place, now = halls.hall(session, code), clock.now(session)
            row = halls.hall_day(session, code, day)
            if row is not None:
                closing.settle(session, place, row, now=now, actor=system("settle_closings"))


def end_service_days(database: Database) -> None:
    """Expire what is left of earlier service days, in the halls where there is any."""
    with database.reading() as session:
        due = ending.left_over(session, clock.now(session))
    for code in due:
        with database.work() as session:
            place, now = halls.hall(session, code), clock.now(session)
            today = halls.service_day(session, place, now)
            ending.end_day(session, code, today, now=now, actor=system("end_service_days"))


def _halls_where(database: Database, wanted: Callable[[Session, str], bool]) -> list[str]:
    with database.reading() as session:
        return [hall.code for hall in halls.all_halls(session) if wanted(session, hall.code)]
