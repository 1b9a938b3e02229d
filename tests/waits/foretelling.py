"""Forecasts of the town's hall, as the process that computes ahead makes them."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from dispatch.foundation.database import Database
from dispatch.halls import finding as halls
from dispatch.learning.halls_known import HallsKnown
from dispatch.tickets import finding as tickets
from dispatch.waits import finding, forecasting
from dispatch.waits.finding import HallWaits
from dispatch.waits.ranging import Ranges
from dispatch.waits.wording import Foretold
from tests.standing_city import Town


def foretell(town: Town) -> HallWaits:
    """Foretell the town's hall, and read what is told of it."""
    with town.database.reading() as session:
        known = HallsKnown().of_all(session, [town.code])
        (moment,) = forecasting.read(session, [town.code], known, town.now)
    foretold = forecasting.foretell(moment, Ranges())
    with town.database.work() as session:
        forecasting.keep(session, moment, foretold)
    return told(town)


def told(town: Town) -> HallWaits:
    """What is told of the town's hall now."""
    with town.database.reading() as session:
        return finding.in_hall(session, halls.hall(session, town.code), town.now)


def promised(town: Town, ticket: str) -> Foretold:
    """What the holder of a ticket is told."""
    with town.database.reading() as session:
        place = halls.hall(session, town.code)
        return finding.of_ticket(session, place, tickets.ticket(session, ticket), town.now)


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is asked of the database meanwhile, but for where transactions begin."""
    heard: list[str] = []

    def note(*said: object) -> None:
        text = str(said[2])
        if not text.startswith(("BEGIN", "SET TRANSACTION")):
            heard.append(text)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield heard
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
