"""The one way in which gradient boosting is made, for our forecaster and for those it is measured against.

Histogram gradient boosting (Ke et al., "LightGBM", NeurIPS 2017) as scikit-learn has it; no early stopping, since
examples of one day held back would tell nothing of another day.
"""

from dataclasses import dataclass

from sklearn.ensemble import HistGradientBoostingRegressor


@dataclass(frozen=True)
class Shape:
    """How many trees, of how many leaves with how many examples each, and the weight of each tree."""

    trees: int
    leaves: int
    least: int
    pace: float
    seen_each: float = 1.0
    """The share of features at each split."""
    shrinking: float = 0.0
    """How strongly leaves are drawn towards 0 (an L2 penalty)."""


def boosted_trees(
    shape: Shape, loss: str, seed: int, quantile: float | None = None
) -> HistGradientBoostingRegressor:
    """A model that is not fitted yet."""
    return HistGradientBoostingRegressor(
        loss=loss,
        quantile=quantile,
        max_iter=shape.trees,
        max_leaf_nodes=shape.leaves,
        min_samples_leaf=shape.least,
        learning_rate=shape.pace,
        max_features=shape.seen_each,
        l2_regularization=shape.shrinking,
        early_stopping=False,
        random_state=seed,
    )
