"""Foretelling waits by the clock, hall by hall. A job of the process that computes ahead.

What computes is imported when it is first needed: compiled code takes seconds to load, and the table of jobs is read
by processes that never compute.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.halls import finding as halls
from dispatch.learning.halls_known import HallsKnown
from dispatch.tickets import intake
from dispatch.waits import choosing, stretching
from dispatch.waits.ranging import Ranges

if TYPE_CHECKING:
    from dispatch.waits.correcting import Says
    from dispatch.waits.fitted.following import Following
    from dispatch.waits.fitted.forecaster import Forecaster
    from dispatch.waits.forecasting import Foretold, Moment, Setting

LONGEST_S = 20.0
"""A run that has taken longer leaves the rest to the next one; whose forecast is oldest comes first."""
KEEP_EVERY_S = 0.5
"""So long what was computed may wait for others, to be written with them."""
AT_ONCE = 20
"""Of so many halls the model is asked in one go: to ask costs more than to ask for more."""

AS_SIMULATED = Ranges()

logger = logging.getLogger(__name__)


class Taught(Protocol):
    """A forecaster that was fitted."""

    @property
    def zone(self) -> ZoneInfo:
        """By whose midnight its days begin."""

    @property
    def forecaster(self) -> "Forecaster":
        """The forecaster; nobody else asks it any more."""


class Foretelling:
    """Foretells the city's halls, run after run, with what is known of them kept at hand.

    `taught` tells the newest forecaster that was fitted for a city. While there is none, or if it fails, waits are
    those of the simulation.
    """

    def __init__(self, taught: Callable[[Database], Taught | None] = lambda _: None) -> None:
        self._city, self._known = "", HallsKnown()
        self._scored_at: datetime | None = None
        self._ranges: dict[str, Ranges] = {}
        self._settings: dict[str, Setting] = {}
        self._better: dict[str, frozenset[int]] = {}
        self._newest = taught
        self._taught: Taught | None = None
        self._following: Following | None = None

    def forecast_waits(self, database: Database) -> None:
        """Foretell every hall that has moved, or whose forecast grows old. Where there is none it is one question."""
        from dispatch.waits import forecasting

        if database.url != self._city:
            self._city, self._known, self._scored_at = database.url, HallsKnown(), None
            self._settings.clear()
        with database.reading() as session:
            now = clock.now(session)
            due = forecasting.due(session, now)
            hour = now.replace(minute=0, second=0, microsecond=0)
            if due and self._scored_at != hour:
                self._ranges, self._better = (
                    stretching.ranges_of_all(session),
                    choosing.better_of_all(session),
                )
                self._scored_at = hour
        self._take_newest(database)
        began = kept_at = time.monotonic()
        done: list[tuple[Moment, Foretold]] = []
        for first in range(0, len(due), AT_ONCE):
            if time.monotonic() - began > LONGEST_S:
                break
            moments = self._read(database, due[first : first + AT_ONCE])
            says = self._says(moments)
            for moment in moments:
                code = moment.hall.place.code
                try:
                    done.append((moment, self._foretell(moment, says[code])))
                except Exception:
                    logger.exception("the waits of %s cannot be foretold", code)
                if time.monotonic() - kept_at > KEEP_EVERY_S:
                    _keep(database, done)
                    kept_at, done = time.monotonic(), []
        _keep(database, done)

    def _foretell(self, moment: "Moment", says: "Says") -> "Foretold":
        """What is to be shown of a hall; of later arrivals only where what is shown of them is not good enough."""
        from dispatch.waits import forecasting

        code = moment.hall.place.code
        later = forecasting.is_to_tell_later(moment, self._settings.pop(code, None))
        foretold = forecasting.foretell(moment, self._ranges.get(code, AS_SIMULATED), says, later=later)
        self._settings[code] = forecasting.setting(moment.hall)
        return foretold

    def _read(self, database: Database, codes: Sequence[str]) -> "list[Moment]":
        """The halls as they stand, their logs heard until then; without those of which that fails."""
        from dispatch.waits import forecasting

        try:
            with database.reading() as session:
                known = self._known.of_all(session, codes)
                moments = forecasting.read(session, codes, known, clock.now(session))
                for moment in moments:
                    self._hear(session, moment)
        except Exception:
            if len(codes) > 1:  # whichever it is of them, the others are as well as ever
                return [moment for code in codes for moment in self._read(database, [code])]
            logger.exception("the waits of %s cannot be foretold", *codes)
            return []
        return moments

    def _take_newest(self, database: Database) -> None:
        """Go on with another forecaster, if there is one."""
        newest = self._newest(database)
        if newest is self._taught:
            return
        self._taught = newest
        self._follow_anew()

    def _follow_anew(self) -> None:
        """Hear the day from its morning."""
        from dispatch.waits.fitted.following import Following

        taught = self._taught
        self._following = None if taught is None else Following(taught.forecaster, taught.zone)

    def _hear(self, session: Session, moment: "Moment") -> None:
        if self._following is not None:
            try:
                self._following.hear(session, moment.hall.place.code, moment.epoch, moment.hall.now)
            except SQLAlchemyError:
                self._follow_anew()  # the model is sound; what it heard half is heard again
                raise
            except Exception:
                self._forget_model()

    def _says(self, moments: "Sequence[Moment]") -> "Mapping[str, Says]":
        """What the model says of these halls, nothing while there is none."""
        from dispatch.waits.correcting import SAYS_NOTHING, Says

        codes = [moment.hall.place.code for moment in moments]
        if self._following is not None:
            try:
                waits = self._following.says([moment.hall for moment in moments])
            except Exception:
                self._forget_model()
            else:
                return {code: Says(waits[code], self._better.get(code, ())) for code in codes}
        return dict.fromkeys(codes, SAYS_NOTHING)

    def _forget_model(self) -> None:
        """Go on without it; the next one that is fitted is tried again."""
        logger.exception("the fitted forecaster fails; waits are those of the simulation")
        self._following = None


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
