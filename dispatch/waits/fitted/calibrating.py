"""A range made honest by how earlier ranges fared: conformal, by whole days, by the size of the wait and by hall.

Conformalised quantile regression (Romano, Patterson and Candès, NeurIPS 2019), each end for itself, on the scale of
`boosting.logs`. How far the truth lay beyond an end is known of earlier days only, each foretold before it happened;
recent days weigh more. Margins are learned for sizes (Mondrian) and on top for halls, both shrunk towards none. The
share aimed at beyond each end follows how often the truth lay there of late (Gibbs and Candès, NeurIPS 2021).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.waits.fitted.boosting import logs, waits
from dispatch.waits.fitted.habits import Numbers, Places

KEPT_DAYS = 60
HALF_LIFE_DAYS = 2.0
"""Models of earlier days knew less, and what their ranges missed by says little of those of today."""
SIZES_S = np.array([300.0, 600.0, 1200.0, 2400.0, 4800.0])
FEW_OF_SIZE = 1500.0
FEW_OF_HALL = 100.0
"""So many examples of a size, or of a hall, weigh as much as all others together."""
EARLY, LATE = 0.045, 0.055
"""How many shall wait less, and how many longer, than the range says: 1 - LEVEL together. Waits have their long tail
above, so that a range is the shorter the more of the misses lie there."""
FOLLOWING, FEW_OF_DAY = 0.5, 100.0
"""How much of a day's lack or excess the share aimed at makes good, and with how many examples half as much."""
LEAST_SHARE, MOST_SHARE = 0.015, 0.1


@dataclass(frozen=True)
class Fared:
    """How far truths of one day lay beyond the ends before they were moved, negative within; (n,)."""

    below: Numbers
    above: Numbers
    size: Places
    hall: Places


@dataclass(frozen=True)
class Range:
    """From where to where, in seconds; (n,)."""

    low: Numbers
    high: Numbers


class Calibration:
    """What earlier days taught about ranges; halls are numbers from 0."""

    def __init__(self) -> None:
        self._days: list[Fared] = []
        self.early, self.late = EARLY, LATE
        self._below = self._above = _NONE

    def adjusted(self, median_s: Numbers, raw: Range, hall: Places) -> Range:
        """The ranges with their ends moved."""
        size = _sizes(median_s)
        return Range(
            waits(logs(raw.low) - self._below.of(size, hall)),
            waits(logs(raw.high) + self._above.of(size, hall)),
        )

    def learn(self, median_s: Numbers, raw: Range, hall: Places, waits_s: Numbers) -> None:
        """A day is over: what was foretold, and what came."""
        if not len(waits_s):
            return
        shown, size = self.adjusted(median_s, raw, hall), _sizes(median_s)
        if self._days:
            self.early = _followed(self.early, EARLY, waits_s < shown.low)
            self.late = _followed(self.late, LATE, waits_s > shown.high)
        truth = logs(waits_s)
        self._days.append(Fared(logs(raw.low) - truth, truth - logs(raw.high), size, hall))
        del self._days[:-KEPT_DAYS]
        self._refit()

    def arrays(self) -> dict[str, Numbers]:
        """What it learned from, to be kept."""
        kept = {"aims": np.array([self.early, self.late])}
        kept["day"] = np.repeat(range(len(self._days)), self._lengths())
        for name in ("below", "above", "size", "hall"):
            kept[name] = np.concatenate([getattr(day, name) for day in self._days] or [np.zeros(0)])
        return kept

    @classmethod
    def of(cls, kept: Mapping[str, Numbers]) -> "Calibration":
        """The same again."""
        found = cls()
        found.early, found.late = (float(share) for share in kept["aims"])
        for day in np.unique(kept["day"]):
            own = kept["day"] == day
            found._days.append(Fared(*(kept[name][own] for name in ("below", "above", "size", "hall"))))
        if found._days:
            found._refit()
        return found

    def _lengths(self) -> list[int]:
        return [len(day.size) for day in self._days]

    def _refit(self) -> None:
        days = self._days
        ages = np.concatenate([np.full(len(day.size), len(days) - place) for place, day in enumerate(days)])
        groups = _Groups(
            weights=0.5 ** (ages / HALF_LIFE_DAYS),
            size=np.concatenate([day.size for day in days]),
            hall=np.concatenate([day.hall for day in days]),
        )
        self._below = _fitted(np.concatenate([day.below for day in days]), groups, 1 - self.early)
        self._above = _fitted(np.concatenate([day.above for day in days]), groups, 1 - self.late)


@dataclass(frozen=True)
class _Groups:
    """To which group each example belongs, and how much it weighs; (n,)."""

    weights: Numbers
    size: Places
    hall: Places


@dataclass(frozen=True)
class _Margins:
    """How far one end moves: by size, and on top by hall; a hall not known yet moves it no further."""

    by_size: Numbers
    by_hall: Numbers

    def of(self, size: Places, hall: Places) -> Numbers:
        """For each row."""
        padded = np.append(self.by_hall, 0.0)
        found: Numbers = self.by_size[size] + padded[np.minimum(hall, len(self.by_hall))]
        return found


_NONE = _Margins(np.zeros(len(SIZES_S) + 1), np.zeros(0))


def _followed(aim: float, wanted: float, beyond: NDArray[np.bool_]) -> float:
    """The share to aim at after a day on which these lay beyond the end."""
    lack = (wanted - float(beyond.mean())) * len(beyond) / (len(beyond) + FEW_OF_DAY)
    return min(MOST_SHARE, max(LEAST_SHARE, aim + FOLLOWING * lack))


def _fitted(beyond: Numbers, groups: _Groups, share: float) -> _Margins:
    overall = _quantile(beyond, groups.weights, share)
    by_size = np.full(len(SIZES_S) + 1, overall)
    for size in np.unique(groups.size):
        own = groups.size == size
        by_size[size] += _shrunk(beyond[own] - overall, groups.weights[own], share, FEW_OF_SIZE)
    rest, by_hall = beyond - by_size[groups.size], np.zeros(groups.hall.max() + 1)
    for hall in np.unique(groups.hall):
        own = groups.hall == hall
        by_hall[hall] = _shrunk(rest[own], groups.weights[own], share, FEW_OF_HALL)
    return _Margins(by_size, by_hall)


def _shrunk(beyond: Numbers, weights: Numbers, share: float, few: float) -> float:
    much = float(weights.sum())
    return _quantile(beyond, weights, share) * much / (much + few)


def _quantile(values: Numbers, weights: Numbers, share: float) -> float:
    """The least value that so large a share of all weight does not exceed."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    place = int(np.searchsorted(reached, share * reached[-1]))
    return float(values[order[min(place, len(order) - 1)]])


def _sizes(median_s: Numbers) -> Places:
    return np.searchsorted(SIZES_S, median_s, side="right")
