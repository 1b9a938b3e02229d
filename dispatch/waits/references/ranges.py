"""A range for a rule that has none: where the truth lay of late, as a ratio to what the rule said.

Split conformal prediction on ratios, by the size of what was said (Mondrian); the ratios are those of earlier days.
"""

from collections.abc import Iterable
from math import ceil

import numpy as np

from dispatch.waits.forecast import LEVEL

SOFT_S = 60.0
"""Added to both sides of a ratio, so that a point near nothing has a range too."""
SIZES_S = np.array([120.0, 300.0, 600.0, 1200.0, 2400.0])
ENOUGH = 200
"""Ratios of one size below which all sizes are taken together."""


class RatioRanges:
    """The range that belongs to a point, learned from points and what came of them."""

    def __init__(self) -> None:
        self._ratios: list[list[float]] = [[] for _ in range(len(SIZES_S) + 1)]
        self._factors: list[tuple[float, float]] = []

    def learn(self, pairs: Iterable[tuple[float, float]]) -> None:
        """What was said of a day, and what came of it."""
        for point, truth in pairs:
            self._ratios[_size(point)].append((truth + SOFT_S) / (point + SOFT_S))
        everything = [ratio for ratios in self._ratios for ratio in ratios]
        if everything:
            together = _factors(everything)
            self._factors = [
                _factors(ratios) if len(ratios) >= ENOUGH else together for ratios in self._ratios
            ]

    def around(self, point: float) -> tuple[float, float]:
        """From where to where; nothing but the point while no day is known."""
        if not self._factors:
            return point, point
        low, high = self._factors[_size(point)]
        return (
            min(point, max(0.0, (point + SOFT_S) * low - SOFT_S)),
            max(point, (point + SOFT_S) * high - SOFT_S),
        )


def upper_quantile(values: "np.ndarray | list[float]", level: float) -> float:
    """The conformal quantile: with n values, the ceil((n + 1) · level)-th smallest, at most the largest."""
    ordered = np.sort(np.asarray(values, dtype=float))
    return float(ordered[min(len(ordered), ceil((len(ordered) + 1) * level)) - 1])


def _factors(ratios: list[float]) -> tuple[float, float]:
    tail = (1 - LEVEL) / 2
    return -upper_quantile([-ratio for ratio in ratios], 1 - tail), upper_quantile(ratios, 1 - tail)


def _size(point: float) -> int:
    return int(np.searchsorted(SIZES_S, point, side="right"))
