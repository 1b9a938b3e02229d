"""What is usual, corrected: gradient boosting on the logarithm of the wait's ratio to what the usual rate would make.

Four models share one table: the median and the ends of a range by the pinball loss, which a logarithm leaves what they
are; the mean by the Poisson loss on the ratio itself, weighted so that it is the mean of the wait. A queue's number is
no feature: what is peculiar to it is in what is usual there, and trees of few leaves cannot learn ten days by heart.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from dispatch.waits.forecast import LEVEL
from dispatch.waits.habits import Numbers, Places

SOFT_S = 120.0
"""Added to both sides of a ratio: below that, minutes count and not ratios."""
TREES, LEAVES, LEAST, PACE, SEEN_EACH = 120, 12, 100, 0.06, 0.5
"""Trees of so many leaves with so many examples each, the weight of each tree, the share of features at each split."""
MOST = 60_000
"""Examples beyond which a sample is enough."""


@dataclass(frozen=True)
class Table:
    """Examples or questions: (n, features), and what each wait is a ratio to, (n,)."""

    features: Numbers
    base_s: Numbers

    def __getitem__(self, rows: Places) -> "Table":
        """Some of the rows."""
        return Table(self.features[rows], self.base_s[rows])


@dataclass(frozen=True)
class Spread:
    """What is foretold of each row, in seconds, (n,)."""

    median: Numbers
    mean: Numbers
    low: Numbers
    high: Numbers


class Boosted:
    """The four models."""

    def __init__(self, table: Table, waits_s: Numbers, seed: int) -> None:
        if len(waits_s) > MOST:
            some = np.sort(np.random.default_rng(seed).choice(len(waits_s), MOST, replace=False))
            table, waits_s = table[some], waits_s[some]
        ratio = logs(waits_s) - logs(table.base_s)
        tail = (1 - LEVEL) / 2
        self._median = _model("absolute_error", seed).fit(table.features, ratio)
        self._low = _model("quantile", seed, tail).fit(table.features, ratio)
        self._high = _model("quantile", seed, 1 - tail).fit(table.features, ratio)
        base_s = table.base_s + SOFT_S
        self._mean = _model("poisson", seed).fit(
            table.features, waits_s / base_s + TINY, sample_weight=base_s / base_s.mean()
        )

    def foretell(self, table: Table) -> Spread:
        """For each row."""
        base = logs(table.base_s)
        return Spread(
            median=waits(base + self._median.predict(table.features)),
            mean=self._mean.predict(table.features) * (table.base_s + SOFT_S),
            low=waits(base + self._low.predict(table.features)),
            high=waits(base + self._high.predict(table.features)),
        )


TINY = 1e-6
"""Poisson's loss knows no target that is 0 everywhere."""


def logs(waits_s: Numbers) -> Numbers:
    """On the scale on which errors of short and of long waits are alike."""
    found: Numbers = np.log(waits_s + SOFT_S)
    return found


def waits(scaled: Numbers) -> Numbers:
    """Back from that scale; never negative."""
    found: Numbers = np.maximum(np.exp(scaled) - SOFT_S, 0.0)
    return found


def _model(loss: str, seed: int, quantile: float | None = None) -> HistGradientBoostingRegressor:
    return HistGradientBoostingRegressor(
        loss=loss,
        quantile=quantile,
        max_iter=TREES,
        learning_rate=PACE,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=LEAST,
        max_features=SEEN_EACH,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )
