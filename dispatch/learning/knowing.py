"""What is known of a hall, as others ask for it: always an answer where a city can have one, never a made-up one.

Everything falls back pool by pool: what this hall has shown, what the city's halls have shown, the catalogue.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

import numpy as np
from numpy.typing import NDArray

from dispatch.learning import local_time
from dispatch.learning.arrivals import ArrivalRates
from dispatch.learning.durations import Service, ServiceTimes
from dispatch.learning.openings import OpenShares
from dispatch.learning.plans_kept import PlansKept
from dispatch.learning.shows import Shows

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Known:
    """What is known of one hall. Two of one hall with the same `version` say the same.

    Times are Unix seconds; kinds of weekdays and quarter-hours are those of `zone`.
    """

    hall: str = ""
    version: str = ""
    zone: tzinfo = UTC
    times: ServiceTimes = field(default_factory=ServiceTimes)
    shows: Shows = field(default_factory=Shows)
    came: ArrivalRates = field(default_factory=ArrivalRates)
    opened: OpenShares = field(default_factory=OpenShares)
    plans: PlansKept = field(default_factory=PlansKept)

    @classmethod
    def by_catalogue(cls, hall: str, zone: tzinfo, minutes: Mapping[str, float]) -> "Known":
        """What is known of a hall where nothing was ever learned: minutes by item."""
        return cls(hall, zone=zone, times=ServiceTimes(catalogue=minutes))

    def service(
        self, item: str = "", server: str = "", hour: int | None = None, *, queue: str = ""
    ) -> Service:
        """How long a window is held by somebody who comes, from the call until she is done: log-normal.

        `server` is the clerk's reference, or the window's id where clerks are not known; `hour` 0–23 by the hall's
        clock. Without a known item the queue's time, without that the hall's. `mu`, `sigma` of log seconds, always
        finite; `weight` services of this hall are behind it.
        """
        return self.times.at(item, queue, server, hour)

    def show(self, queue: str, remote: bool = False, *, again: bool = False) -> float:
        """The chance that she answers a call, 0 < p < 1; `remote`: not seen here yet; `again`: not her first call."""
        return self.shows.at(queue, remote, again)

    @property
    def missed_cost_s(self) -> float:
        """How many seconds of a window a call costs that nobody answers."""
        return self.shows.missed_s

    @property
    def call_to_start_s(self) -> float:
        """How many seconds pass between the call and her sitting there; part of `service`."""
        return self.shows.walk_s

    def arrivals(self, queue: str, start: float, end: float) -> Floats | None:
        """People expected in each quarter-hour, from the one that holds `start` to the last that begins before `end`.

        (n,) for the whole quarter-hour, even where `start` lies within, by the hall's clock on each day's kind of
        weekday, those of today scaled by today's ratio as far as it was learned. None while not known yet.
        """
        rates = self.came.at(queue)
        if rates is None:
            return None
        span = local_time.span(start, end, self.zone)
        ratios = np.where(span.days == self.came.today, self.came.ratio(queue), 1.0)
        return ratios * rates[span.classes, span.quarters]

    def foresees(self, queue: str) -> bool:
        """Whether `arrivals` knows anything of this queue."""
        return self.came.at(queue) is not None

    def windows(self, queue: str, start: float, end: float) -> Floats | None:
        """How many windows serve a queue in the mean in each quarter-hour, (n,) as `arrivals`; None: not known yet."""
        return self._over(self.opened.queue(queue), start, end)

    def open_share(self, window: str, start: float, end: float) -> Floats | None:
        """The share of each quarter-hour in which this window calls, (n,) as `arrivals`; None: not known yet."""
        return self._over(self.opened.window(window), start, end)

    def _over(self, cells: Floats | None, start: float, end: float) -> Floats | None:
        if cells is None:
            return None
        span = local_time.span(start, end, self.zone)
        return cells[span.classes, span.quarters]
