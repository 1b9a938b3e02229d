"""What is usual, corrected: gradient boosting on the logarithm of the wait's ratio to what the usual rate would make.

Four models share one table: the median and the ends of a range by the pinball loss, which a logarithm leaves what they
are; the mean by the Poisson loss on the ratio itself, weighted so that it is the mean of the wait. A queue's number is
no feature: what is peculiar to it is in what is usual there, and trees of few leaves cannot learn ten days by heart.

What is usual is read in two ways (`habits`). Each has its own four models, and their mean is said: where the readings
disagree, both are often wrong by as much.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from dispatch.waits.fitted.habits import Numbers, Places
from dispatch.waits.fitted.trees import Shape, boosted_trees
from dispatch.waits.forecast import LEVEL

SOFT_S = 120.0
"""Added to both sides of a ratio: below that, minutes count and not ratios."""
SHAPE = Shape(trees=120, leaves=12, least=100, pace=0.06, seen_each=0.5, shrinking=1.0)
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
    """The models of all readings; tables are always given by reading."""

    def __init__(self, tables: Sequence[Table], waits_s: Numbers, seed: int) -> None:
        if len(waits_s) > MOST:
            some = np.sort(np.random.default_rng(seed).choice(len(waits_s), MOST, replace=False))
            tables, waits_s = [table[some] for table in tables], waits_s[some]
        self._readings = [_Four(table, waits_s, seed + place) for place, table in enumerate(tables)]

    def foretell(self, tables: Sequence[Table]) -> Spread:
        """For each row."""
        told = [four.foretell(table) for four, table in zip(self._readings, tables, strict=True)]
        return Spread(
            *(np.mean([getattr(each, part.name) for each in told], axis=0) for part in fields(Spread))
        )


class _Four:
    """The models of one reading."""

    def __init__(self, table: Table, waits_s: Numbers, seed: int) -> None:
        ratio = logs(waits_s) - logs(table.base_s)
        tail = (1 - LEVEL) / 2
        # What is nowhere known, as the windows of an office that never told of any, has no bins.
        self._known = ~np.isnan(table.features).all(axis=0)
        features = table.features[:, self._known]
        self._median = boosted_trees(SHAPE, "absolute_error", seed).fit(features, ratio)
        self._low = boosted_trees(SHAPE, "quantile", seed, tail).fit(features, ratio)
        self._high = boosted_trees(SHAPE, "quantile", seed, 1 - tail).fit(features, ratio)
        base_s = table.base_s + SOFT_S
        self._mean = boosted_trees(SHAPE, "poisson", seed).fit(
            features, waits_s / base_s + TINY, sample_weight=base_s / base_s.mean()
        )

    def foretell(self, table: Table) -> Spread:
        """For each row."""
        base, features = logs(table.base_s), table.features[:, self._known]
        return Spread(
            median=waits(base + self._median.predict(features)),
            mean=self._mean.predict(features) * (table.base_s + SOFT_S),
            low=waits(base + self._low.predict(features)),
            high=waits(base + self._high.predict(features)),
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
