"""A range for a rule that has none: where the truth lay of late, as a ratio to what the rule said.

Split conformal prediction on ratios, by the size of what was said (Mondrian); the ratios are those of earlier days.
"""

from collections import deque
from math import ceil

import numpy as np
from numpy.typing import NDArray

from dispatch.waits.forecast import LEVEL

Numbers = NDArray[np.float64]

SOFT_S = 60.0
"""Added to both sides of a ratio, so that a point near nothing has a range too."""
SIZES_S = np.array([120.0, 300.0, 600.0, 1200.0, 2400.0])
ENOUGH = 200
"""Ratios of one size below which all sizes are taken together."""
KEPT_DAYS = 60
"""So many days are remembered."""


class RatioRanges:
    """The ranges that belong to points, learned from points and what came of them; in seconds, (n,)."""

    def __init__(self) -> None:
        self._days: deque[tuple[NDArray[np.intp], Numbers]] = deque(maxlen=KEPT_DAYS)
        self._factors = np.ones((len(SIZES_S) + 1, 2))

    def learn(self, points: Numbers, truths: Numbers) -> None:
        """What was said of a day, and what came of it."""
        if not len(points):
            return
        self._days.append((_sizes(points), (truths + SOFT_S) / (points + SOFT_S)))
        sizes = np.concatenate([sizes for sizes, _ in self._days])
        ratios = np.concatenate([ratios for _, ratios in self._days])
        together = _factors(ratios)
        for size in range(len(self._factors)):
            own = ratios[sizes == size]
            self._factors[size] = _factors(own) if len(own) >= ENOUGH else together

    def around(self, points: Numbers) -> tuple[Numbers, Numbers]:
        """From where to where; nothing but the points while no day is known."""
        low, high = self._factors[_sizes(points)].T
        return (
            np.minimum(points, np.maximum(0.0, (points + SOFT_S) * low - SOFT_S)),
            np.maximum(points, (points + SOFT_S) * high - SOFT_S),
        )


def upper_quantile(values: Numbers, level: float) -> float:
    """The conformal quantile: with n values, the ceil((n + 1) · level)-th smallest, at most the largest."""
    place = min(len(values), ceil((len(values) + 1) * level)) - 1
    return float(np.partition(values, place)[place])


def _factors(ratios: Numbers) -> tuple[float, float]:
    tail = (1 - LEVEL) / 2
    return -upper_quantile(-ratios, 1 - tail), upper_quantile(ratios, 1 - tail)


def _sizes(points: Numbers) -> NDArray[np.intp]:
    return np.searchsorted(SIZES_S, points, side="right")
