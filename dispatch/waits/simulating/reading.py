"""Waits read out of what was played: of many paths the middle, the range, and how many never end today."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.queues.rules import Seconds
from dispatch.waits.forecast import LEVEL, SIMULATED, Forecast, Unknown
from dispatch.waits.simulating.rule import Calls
from dispatch.waits.simulating.scene import Scene

NOT_TODAY = "not_today"
MOST_UNSERVED = 0.5
"""If more of the paths end without her call, no wait is told."""


@dataclass(frozen=True, eq=False)
class Waits:
    """Many waits, arrays of one shape: 0 ≤ `low_s` ≤ `point_s` ≤ `high_s`, all finite, and the `unserved` share.

    `point_s` is the median, the range holds `LEVEL` of the paths. Where the windows close before her call the wait
    counts as until they do.
    """

    point_s: Seconds
    low_s: Seconds
    high_s: Seconds
    unserved: NDArray[np.float64]

    def of(self, *index: int) -> Forecast | Unknown:
        """One of them; Unknown where most paths end without her call."""
        if self.unserved[index] > MOST_UNSERVED:
            return Unknown(NOT_TODAY)
        low, point, high = (float(each[index]) for each in (self.low_s, self.point_s, self.high_s))
        return Forecast(point, low, high, SIMULATED)

    def each(self, *of: int) -> list[Forecast | Unknown]:
        """Every one of them, or of such a row of theirs, in order."""
        columns = (self.point_s[of], self.low_s[of], self.high_s[of], self.unserved[of])
        return [
            Unknown(NOT_TODAY) if unserved > MOST_UNSERVED else Forecast(point, low, high, SIMULATED)
            for point, low, high, unserved in zip(*(column.tolist() for column in columns), strict=True)
        ]


@dataclass(frozen=True, eq=False)
class Reading:
    """What one hall's play tells: `tickets` (N,), the rest of the wait of each who waits; `arrivals` (Q, G), the wait
    of somebody who would join each queue at each probe; `newcomers` (Q, K), of each of these who would join now."""

    tickets: Waits
    arrivals: Waits
    newcomers: Waits


def read(scene: Scene, calls: Calls) -> Reading:
    """All waits of a scene that was played."""
    queues, asked, probes = len(scene.queues), scene.asked, len(scene.probes)
    called = np.minimum(calls.called, scene.ends)
    unserved = np.isinf(calls.called)
    people, ghosts = slice(len(scene.waiting)), slice(called.shape[1] - queues * asked, None)
    tickets = _waits(called[:, people] - scene.now, unserved[:, people])
    joined = np.append(scene.probes, np.full(len(scene.newcomers), scene.now))
    joining = _waits(called[:, ghosts] - np.tile(joined, queues), unserved[:, ghosts])
    grid = [
        each.reshape(queues, asked)
        for each in (joining.point_s, joining.low_s, joining.high_s, joining.unserved)
    ]
    arrivals, newcomers = (each[:, :probes] for each in grid), (each[:, probes:] for each in grid)
    return Reading(tickets, Waits(*arrivals), Waits(*newcomers))


def _waits(seconds: Seconds, unserved: NDArray[np.bool_]) -> Waits:
    """(paths, n) waits to (n,) quantiles, between neighbours in proportion. Somebody who joins after the last shift
    waits for nothing."""
    ordered = np.sort(np.maximum(seconds, 0.0).T, axis=1)
    low, point, high = (_quantile(ordered, share) for share in ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2))
    return Waits(point, low, high, unserved.mean(axis=0))


def _quantile(ordered: Seconds, share: float) -> Seconds:
    below, part = divmod(share * (ordered.shape[1] - 1), 1)
    lower = ordered[:, int(below)]
    upper = ordered[:, min(int(below) + 1, ordered.shape[1] - 1)]
    between: Seconds = lower + part * (upper - lower)
    return between
