"""When somebody who has just said that she goes will be there. Pure.

She leaves after a while (exponential, `LEAVES_S` in the mean), and is then on her way for a log-normal time with the
routed time as its mean: travel times in towns are skewed to the late side, and of the simple shapes the log-normal fits
them best (H. Rakha, I. El-Shawarby, M. Arafeh, F. Dion: Estimating path travel-time reliability. IEEE ITSC 2006). Both
figures are assumptions: no outcomes of this kind are published.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

LEAVES_S = 300.0
SIGMA = 0.3
"""The standard deviation of the logarithm of the time on the way."""
LATE_SPREADS = 3.0
"""So many standard deviations after she was expected nobody waits for her any more."""
LEAST_GRACE_S = 900.0


@dataclass(frozen=True)
class Way:
    """She joins at `arrives_at`, give or take `spread_s` seconds; after `until` she is not counted on."""

    arrives_at: datetime
    spread_s: float
    until: datetime


def way(leaves_at: datetime, travel_s: float) -> Way:
    """The way of somebody who wants to leave then, and is on her way for so long."""
    arrives_at = leaves_at + timedelta(seconds=LEAVES_S + travel_s)
    spread_s = math.hypot(LEAVES_S, travel_s * math.sqrt(math.expm1(SIGMA**2)))
    grace_s = max(LEAST_GRACE_S, LATE_SPREADS * spread_s)
    return Way(arrives_at, spread_s, arrives_at + timedelta(seconds=grace_s))
