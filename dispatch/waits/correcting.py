"""What is simulated, drawn to what a fitted model says where that has been nearer the truth. Pure.

A model is asked at a few horizons only. There its answer stands; between them the simulation is shifted by what is
between its shifts, on the scale of `SOFT_S`, and beyond the last one less and less.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dispatch.waits.forecast import BOOSTED, Forecast, Unknown

Floats = NDArray[np.float64]
SOFT_S = 120.0
"""Added to both sides of a ratio, so that a shift of what is short is a matter of minutes."""
FADES_S = 2 * 3600.0
"""So long beyond the last horizon nothing is left of the shift there."""

ByAhead = Mapping[int, Forecast]
"""By the minutes until somebody joins."""


@dataclass(frozen=True)
class Says:
    """What the model says of a hall's queues, and how many minutes ahead it has been the better one there."""

    waits: Mapping[str, ByAhead] = field(default_factory=dict)
    better: Collection[int] = ()


SAYS_NOTHING = Says()


@dataclass(frozen=True)
class Correction:
    """By how much a queue's waits are shifted at `ahead_s` (k,), rising; `shifts` (k, 3) of low, point and high."""

    ahead_s: Floats
    shifts: Floats

    def of(self, found: Forecast, ahead_s: float = 0.0, share: float = 1.0) -> Forecast:
        """This wait of somebody who joins so much later, with such a share of the shift."""
        if self is NOT_CORRECTED:
            return found
        shift = np.array([np.interp(ahead_s, self.ahead_s, each) for each in self.shifts.T]) * share
        if not shift.any():
            return found
        ends = np.array([found.low_s, found.point_s, found.high_s])
        low, point, high = (float(each) for each in np.maximum((ends + SOFT_S) * np.exp(shift) - SOFT_S, 0.0))
        return Forecast(point, min(low, point), max(high, point), BOOSTED)

    def of_waiting(self, found: Forecast, joining: Forecast | Unknown) -> Forecast:
        """This wait of somebody in the line, behind which somebody who joins waits so long.

        The nearer she is to its head, the more is known of whom she waits for, and the less is corrected.
        """
        if isinstance(joining, Unknown) or joining.point_s <= 0:
            return found
        return self.of(found, share=min(1.0, found.point_s / joining.point_s))


NOT_CORRECTED = Correction(np.zeros(1), np.zeros((1, 3)))


def correction(simulated: ByAhead, says: ByAhead, better: Collection[int]) -> Correction:
    """What brings the simulation to the model wherever that is the better one."""
    aheads = sorted(simulated.keys() & says.keys())
    if not set(better).intersection(aheads):
        return NOT_CORRECTED
    shifts = [_shift(simulated[ahead], says[ahead]) if ahead in better else np.zeros(3) for ahead in aheads]
    at = [60.0 * ahead for ahead in aheads]
    return Correction(np.array([*at, at[-1] + FADES_S]), np.array([*shifts, np.zeros(3)]))


def of_everybody(simulated: ByAhead, afar: Forecast | Unknown, share: float) -> ByAhead:
    """What is simulated of whoever joins, this share of whom do so from afar: a model does not tell them apart.

    That is known of those who join now; of later ones the same ratio is taken.
    """
    if 0 not in simulated or isinstance(afar, Unknown):
        return simulated
    here, there = _ends(simulated[0]), _ends(afar)
    ratios = 1 - share + share * there / here
    return {ahead: _scaled(each, ratios) for ahead, each in simulated.items()}


def by_ahead(
    waits: Sequence[Forecast | Unknown], ahead_s: Floats, asked_min: Sequence[int]
) -> dict[int, Forecast]:
    """What waits (n,) of whoever joins at `ahead_s` (n,), rising from 0, say of these; nothing of what is not known."""
    found = {}
    for ahead in asked_min:
        after = int(np.searchsorted(ahead_s, 60.0 * ahead))
        if after == len(waits):
            break
        two = waits[max(after - 1, 0)], waits[after]
        share = _share(ahead_s, after, 60.0 * ahead)
        if isinstance(two[0], Forecast) and isinstance(two[1], Forecast):
            found[ahead] = _between(two[0], two[1], share)
    return found


def _shift(from_: Forecast, to: Forecast) -> Floats:
    shift: Floats = np.log(_ends(to) / _ends(from_))
    return shift


def _ends(found: Forecast) -> Floats:
    """Low, point and high, on the scale of shifts."""
    return np.array([found.low_s, found.point_s, found.high_s]) + SOFT_S


def _scaled(found: Forecast, ratios: Floats) -> Forecast:
    low, point, high = (float(each) for each in np.maximum(_ends(found) * ratios - SOFT_S, 0.0))
    return Forecast(point, low, high, found.method)


def _share(ahead_s: Floats, after: int, asked_s: float) -> float:
    if after == 0:
        return 1.0
    before_s, after_s = ahead_s[after - 1], ahead_s[after]
    return float((asked_s - before_s) / (after_s - before_s))


def _between(before: Forecast, after: Forecast, share: float) -> Forecast:
    low, point, high = (
        getattr(before, name) + share * (getattr(after, name) - getattr(before, name))
        for name in ("low_s", "point_s", "high_s")
    )
    return Forecast(low_s=low, point_s=point, high_s=high, method=after.method)
