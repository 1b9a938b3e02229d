"""Empirical Bayes: what little is known of one thing is drawn towards what is known of its like. Pure, over arrays.

How far, the data say themselves: the spread of the true figures is what is left of the spread of the measured ones
when the noise is taken off. B. Efron, C. Morris: Data analysis using Stein's estimator and its generalizations. JASA
70 (1975) 311–319; for groups of unequal size G. M. Carter, J. E. Rolph: Empirical Bayes methods applied to estimating
fire alarm probabilities. JASA 69 (1974) 880–885.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PSEUDO = 2.0
"""The guess of a spread counts as so many cells."""
_RANGE, _HALVINGS = (1e-3, 1e3), 24


def spread(apart: Floats, noise: Floats, guess: float) -> float:
    """The variance τ² of true figures around their mean.

    Args:
        apart: (n,) how far each measured figure lies from that mean.
        noise: (n,) the variance of each measurement.
        guess: τ² where nothing is measured.

    Returns:
        The root of Σ apart² / (τ² + noise) = n, the guess counting as PSEUDO cells without noise: positive, finite,
        and never more than a thousand times off the guess.
    """
    low, high = (np.log(guess * edge) for edge in _RANGE)
    for _ in range(_HALVINGS):
        middle = float(np.exp((low + high) / 2))
        too_small = np.sum(apart**2 / (middle + noise)) + PSEUDO * guess / middle > len(apart) + PSEUDO
        low, high = (np.log(middle), high) if too_small else (low, np.log(middle))
    return float(np.exp((low + high) / 2))


def normal(mean: Floats, noise: Floats, towards: Floats, tau2: float) -> tuple[Floats, Floats]:
    """(n,) means drawn towards `towards`, and (n,) their variances. Normal figures with normal noise."""
    kept = tau2 / (tau2 + noise)
    return towards + kept * (mean - towards), kept * noise


def shares(yes: Floats, trials: Floats, towards: Floats, guess: float) -> Floats:
    """(n,) shares of `yes` among `trials`, drawn towards `towards`: beta figures with binomial noise.

    `guess` is how many trials a priori the share `towards` is worth. Figures stay between 0 and 1, both excluded.
    """
    towards = np.clip(towards, 1e-3, 1 - 1e-3)
    own = towards * (1 - towards)
    tried = trials > 0
    rate = np.divide(yes, trials, out=towards.copy(), where=tried)
    noise = np.divide(1.0, trials, out=np.ones_like(trials), where=tried)
    tau2 = spread(((rate - towards) / np.sqrt(own))[tried], noise[tried], 1 / (guess + 1))
    worth = max(1 / tau2 - 1, 1.0)
    drawn: Floats = (yes + worth * towards) / (trials + worth)
    return drawn


def rates(count: Floats, exposure: Floats, towards: Floats, guess: float) -> Floats:
    """Counts per unit of exposure, drawn towards `towards`: gamma figures with Poisson noise, of any shape.

    `guess` is how many units of exposure a priori `towards` is worth. Where that is 0 the figure is 0 until something
    is counted.
    """
    seen = (exposure > 0) & (towards > 0)
    root = np.sqrt(np.where(seen, towards, 1.0))
    apart = (np.divide(count, exposure, out=np.zeros_like(count), where=seen) - towards) / root
    noise = np.divide(1.0, exposure, out=np.ones_like(count), where=seen)
    worth = 1 / spread(apart[seen], noise[seen], 1 / guess)
    drawn: Floats = (count + worth * towards) / (exposure + worth)
    return drawn
