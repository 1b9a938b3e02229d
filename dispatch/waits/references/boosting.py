"""Gradient boosting on all states: the mean by squared error, and the median with a conformal range by whole days.

The range is conformalised quantile regression (Romano, Patterson and Candès, NeurIPS 2019). How far the truth lay
outside is taken from earlier days, each foretold before it had happened, since hours of one day are not exchangeable.
"""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from dispatch.waits.fitted.trees import Shape, boosted_trees
from dispatch.waits.forecast import LEVEL
from dispatch.waits.references.learned import Answers, Examples, Learned, LearnedPoint, together
from dispatch.waits.references.ranges import KEPT_DAYS, Numbers, upper_quantile

SHAPE = Shape(trees=150, leaves=31, least=40, pace=0.07)


class BoostedMean(LearnedPoint[HistGradientBoostingRegressor]):
    """The mean."""

    name = "boosting_mean"

    def __init__(self, zone: ZoneInfo, seed: int) -> None:
        super().__init__(zone)
        self._seed = seed

    def fit(self, days: Sequence[Examples]) -> HistGradientBoostingRegressor:
        """A model of one horizon."""
        return _fitted("squared_error", None, together(days), self._seed)

    def points(self, model: HistGradientBoostingRegressor, states: Numbers) -> Numbers:
        """The means."""
        found: Numbers = model.predict(_known(states))
        return found


@dataclass(frozen=True)
class Quantiles:
    """Three models of one horizon."""

    middle: HistGradientBoostingRegressor
    low: HistGradientBoostingRegressor
    high: HistGradientBoostingRegressor


class BoostedMedian(Learned[Quantiles]):
    """The median and two quantiles, these widened by what earlier days teach."""

    name = "boosting_median"

    def __init__(self, zone: ZoneInfo, seed: int) -> None:
        super().__init__(zone)
        self._seed = seed
        self._outside: dict[float, deque[Numbers]] = defaultdict(lambda: deque(maxlen=KEPT_DAYS))
        self._margins: dict[float, float] = {}

    def fit(self, days: Sequence[Examples]) -> Quantiles:
        """Three models of one horizon."""
        examples, tail = together(days), (1 - LEVEL) / 2
        return Quantiles(
            _fitted("absolute_error", None, examples, self._seed),
            _fitted("quantile", tail, examples, self._seed),
            _fitted("quantile", 1 - tail, examples, self._seed),
        )

    def foretell(self, ahead_s: float, model: Quantiles, states: Numbers) -> Answers:
        """Their answers."""
        margin, known = self._margins.get(ahead_s, 0.0), _known(states)
        return Answers(
            model.middle.predict(known),
            model.low.predict(known) - margin,
            model.high.predict(known) + margin,
        )

    def judge(self, ahead_s: float, told: Answers, waits: Numbers) -> None:
        """Be told how the day's answers of one horizon fared."""
        margin = self._margins.get(ahead_s, 0.0)
        outside = np.maximum(told.lows + margin - waits, waits - told.highs + margin)
        self._outside[ahead_s].append(outside)
        self._margins[ahead_s] = upper_quantile(np.concatenate(self._outside[ahead_s]), LEVEL)


def _fitted(
    loss: str, quantile: float | None, examples: Examples, seed: int
) -> HistGradientBoostingRegressor:
    model = boosted_trees(SHAPE, loss, seed, quantile)
    return model.fit(_known(examples.states), examples.waits)


def _known(states: Numbers) -> Numbers:
    """What is not known as a number below all others: a column that is nowhere known could not be binned."""
    return np.nan_to_num(states, nan=-1.0)
