"""Foretelling waits by the clock, hall by hall. A job of the process that computes ahead.

What computes is imported when it is first needed: compiled code takes seconds to load, and the table of jobs is read
by processes that never compute.
"""

import logging
import time
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.halls import finding as halls
from dispatch.learning.halls_known import HallsKnown
from dispatch.tickets import intake
from dispatch.waits import stretching
from dispatch.waits.ranging import Ranges

if TYPE_CHECKING:
    from dispatch.waits.forecasting import Foretold, Moment

LONGEST_S = 20.0
"""A run that has taken longer leaves the rest to the next one; whose forecast is oldest comes first."""
KEEP_EVERY_S = 0.5
"""So long what was computed may wait for others, to be written with them."""

AS_SIMULATED = Ranges()

logger = logging.getLogger(__name__)


class Foretelling:
    """Foretells the city's halls, run after run, with what is known of them kept at hand."""

    def __init__(self) -> None:
        self._city, self._known = "", HallsKnown()
        self._ranged_at: datetime | None = None
        self._ranges: dict[str, Ranges] = {}

    def forecast_waits(self, database: Database) -> None:
        """Foretell every hall that has moved, or whose forecast grows old. Where there is none it is one question."""
        from dispatch.waits import forecasting

        if database.url != self._city:
            self._city, self._known, self._ranged_at = database.url, HallsKnown(), None
        with database.reading() as session:
            now = clock.now(session)
            due = forecasting.due(session, now)
            hour = now.replace(minute=0, second=0, microsecond=0)
            if due and self._ranged_at != hour:
                self._ranges, self._ranged_at = stretching.ranges_of_all(session), hour
        began = kept_at = time.monotonic()
        done: list[tuple[Moment, Foretold]] = []
        for code in due:
            if time.monotonic() - began > LONGEST_S:
                break
            try:
                done.append(self._foretell(database, code))
            except Exception:
                logger.exception("the waits of %s cannot be foretold", code)
            if time.monotonic() - kept_at > KEEP_EVERY_S:
                _keep(database, done)
                kept_at, done = time.monotonic(), []
        _keep(database, done)

    def _foretell(self, database: Database, code: str) -> "tuple[Moment, Foretold]":
        from dispatch.waits import forecasting

        with database.reading() as session:
            place = halls.hall(session, code)
            known = self._known.of(session, code)
            moment = forecasting.read(session, place, known, clock.now(session))
        return moment, forecasting.foretell(moment, self._ranges.get(code, AS_SIMULATED))


def _keep(database: Database, done: "list[tuple[Moment, Foretold]]") -> None:
    """Write what was computed, and say by the bus that there is something new."""
    from dispatch.waits import forecasting

    if not done:
        return
    with database.work() as session:
        for moment, foretold in done:
            forecasting.keep(session, moment, foretold)
    if database.on_commit:
        for moment, _ in done:
            database.on_commit(moment.hall.place.code, moment.seq)
    for moment, foretold in done:
        if forecasting.is_to_regulate(moment, foretold):
            _regulate(database, moment.hall.place.code, foretold.served)


def _regulate(database: Database, code: str, chances: Mapping[str, float]) -> None:
    """Stop and resume the queues of a hall by what is foretold."""
    try:
        with database.work() as session:
            place, now = halls.hall(session, code), clock.now(session)
            intake.regulate(session, place, chances, now=now, actor=system("forecast_waits"))
    except Exception:
        logger.exception("the queues of %s cannot be regulated", code)
