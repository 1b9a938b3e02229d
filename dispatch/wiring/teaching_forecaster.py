"""Teaching the forecaster by night what the day was like, and handing it, fitted, to whoever foretells waits.

Models are fitted here and not where waits are foretold: that takes a minute, in which people go on being told the
simulation's waits.
"""

import os
import time
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.halls import finding as halls

if TYPE_CHECKING:
    from dispatch.waits.fitted.forecaster import Forecaster

LONGEST_S = 600.0
"""A run that has taken longer leaves further days to the next one."""


@dataclass(frozen=True)
class Taught:
    """A forecaster that was fitted, of a city, with all days until and with `day`."""

    city: str
    day: date
    zone: ZoneInfo
    forecaster: "Forecaster"


class Teaching:
    """What this process last fitted; None before."""

    def __init__(self) -> None:
        self._newest: Taught | None = None

    def newest(self, database: Database) -> Taught | None:
        """The forecaster of this city, if there is one by now."""
        newest = self._newest
        return newest if newest is not None and newest.city == database.url else None

    def teach_forecaster(self, database: Database) -> None:
        """Learn what days are over, and fit. Where nothing is new it is a few questions."""
        # One thread: small models gain nothing by more, and others want the machine.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        from dispatch.waits.fitted import teaching

        with database.reading() as session:
            zone, now = halls.city_zone(session), clock.now(session)
            kept = teaching.taught_until(session)
            if zone is None:
                return
            newest = self.newest(database)
            if newest and newest.day == kept and not teaching.unlearned(zone, now, kept):
                return
            forecaster, day = teaching.restored(session, zone)
            due = teaching.unlearned(zone, now, day)
        began = time.monotonic()
        for day in due:
            if time.monotonic() - began > LONGEST_S:
                return
            with database.reading() as session:
                teaching.learn(session, forecaster, day, zone)
            with database.work() as session:
                teaching.keep(session, forecaster, day, clock.now(session))
        if day is not None:
            forecaster.foretell([])
            self._newest = Taught(database.url, day, zone, forecaster)
