"""Twenty equally likely outcomes of a wait, for whoever decides by them.

People decide better by twenty dots than by a range alone: Kay, Kola, Hullman and Munson, "When (ish) is my bus?",
CHI 2016; Fernandes et al., "Uncertainty displays using quantile dotplots", CHI 2018.
"""

from math import exp, log
from statistics import NormalDist

from dispatch.waits.forecast import LEVEL
from dispatch.waits.wording import Wait

OUTCOMES = 20
LEAST_S = 15.0
"""A log-normal wait is never nothing."""

_Z_OF_RANGE = NormalDist().inv_cdf((1 + LEVEL) / 2)
_Z = tuple(NormalDist().inv_cdf((place + 0.5) / OUTCOMES) for place in range(OUTCOMES))


def twenty(wait: Wait) -> list[float]:
    """Seconds until called, shortest first: the middles of twenty equal parts of the wait's distribution.

    Only its 5th, 50th and 95th percentile are known. Waits are skewed, so it is taken for a log-normal with that
    median, whose spread below the median and above it is fitted to one end of the range each.
    """
    middle = log(max(LEAST_S, wait["point_s"]))
    below = (middle - log(max(LEAST_S, wait["low_s"]))) / _Z_OF_RANGE
    above = (log(max(LEAST_S, wait["high_s"])) - middle) / _Z_OF_RANGE
    return [exp(middle + z * (below if z < 0 else above)) for z in _Z]
