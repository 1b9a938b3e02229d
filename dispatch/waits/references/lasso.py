"""A lasso on all states, the fluid terms among them.

Ang, Kwasnick, Bayati, Plambeck and Aratow, "Accurate emergency department wait time prediction", M&SOM 18(1), 2016.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LassoCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from dispatch.waits.references.learned import Examples, LearnedPoint, together
from dispatch.waits.references.ranges import Numbers

PENALTIES = 12
PASSES = 20_000
TOLERANCE = 1e-2


class Lasso(LearnedPoint[Pipeline]):
    """Its penalty is chosen by leaving out whole days."""

    name = "lasso"

    def fit(self, days: Sequence[Examples]) -> Pipeline:
        """A model of one horizon."""
        examples = together(days)
        folds = list(_days_left_out(days)) if len(days) > 1 else 2
        lasso = LassoCV(alphas=PENALTIES, cv=folds, max_iter=PASSES, tol=TOLERANCE)
        model = make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler(), lasso)
        return model.fit(examples.states, examples.waits)

    def points(self, model: Pipeline, states: Numbers) -> Numbers:
        """Each row summed by itself: a matrix product rounds a row's last bit by how many rows stand beside it."""
        lasso: LassoCV = model[-1]
        found: Numbers = (model[:-1].transform(states) * lasso.coef_).sum(axis=1) + lasso.intercept_
        return found


def _days_left_out(days: Sequence[Examples]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Each fold fits on all days but some and is judged on those."""
    of_day = np.repeat(np.arange(len(days)), [len(day.waits) for day in days])
    for fold in range(min(3, len(days))):
        out = of_day % min(3, len(days)) == fold
        yield np.flatnonzero(~out), np.flatnonzero(out)
