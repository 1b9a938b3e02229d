"""How a crowd is advised without becoming one: by ranges, not by points. Pure.

Three rules on one notion, the gain of one place over another and how much less it may be. Whoever cannot tell two
places apart by what is foretold is sent to either, so that not all go to one: with old information "the shortest" is
worse than chance (M. Mitzenmacher: How useful is old information? IEEE TPDS 11 (2000) 6–20), and waits that are made
public swing (J. Pender, R. Rand, E. Wesson: Queues with choice via delay differential equations. 2017). Whoever is
under way, or waits, is told to change her plan only for a gain that is surely there.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from dispatch.journeys.finding import Expected

NEAR_S = 300.0
"""Nobody is advised a place where she is done so much later by what is foretold, however little that is worth."""
LEAST_GAIN_S = 300.0
"""For less nobody changes her plan on the way."""
REFERRED_S = 1200.0
"""For less nobody who waits is sent to another hall."""
_PER_RANGE = 1.645 * 1.702
"""A side of a range of nine times out of ten, in units of the logistic distribution nearest to a normal one's."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """When somebody would be done at one place: so many seconds from now, in nine cases of ten from `low_s` to
    `high_s`. Travel, wait and service are in it."""

    done_s: float
    low_s: float
    high_s: float


def more_s(since: Iterable[Expected], joins_at: float, each_s: float) -> float:
    """By how much longer she waits than was foretold, for those who have set out since.

    Args:
        since: who has set out since the forecast was made, to the same queue.
        joins_at: the Unix second at which she joins it herself; whoever is there later stands behind her.
        each_s: by how much one person more makes everybody behind wait longer: a service, shared by the windows.
    """
    return each_s * sum(other.comes for other in since if other.at <= joins_at)


def mixed(prospects: Sequence[Prospect], draw: float) -> list[int]:
    """The indices of places, given the best first, in the order in which they are advised for a `draw` from 0 to 1.

    The first is any of those that may well be the quickest, each about as often against the best as it will be quicker
    (W. R. Thompson, Biometrika 25 (1933) 285–294; by a logit for a normal's integral). The others stay as they stood.
    """
    weights = [_odds(prospects[0], each) for each in prospects]
    chosen = bisect_right(list(accumulate(weights)), draw * sum(weights))
    first = min(chosen, len(prospects) - 1)
    return [first, *(index for index in range(len(prospects)) if index != first)]


def worth_a_switch(going: Prospect, other: Prospect) -> bool:
    """Whether somebody under way is told of another hall: the gain may not be all within the ranges."""
    gain, less = _gain(going, other)
    return gain >= LEAST_GAIN_S and gain > less


def worth_a_referral(waiting: Prospect, other: Prospect) -> bool:
    """Whether somebody who waits is offered another hall, travel included; her place is kept until she is there."""
    gain, less = _gain(waiting, other)
    return gain >= REFERRED_S and gain > less


def _gain(one: Prospect, other: Prospect) -> tuple[float, float]:
    """How much earlier she is done at the other place, and by how much less than that in nineteen cases of twenty."""
    return one.done_s - other.done_s, math.hypot(one.done_s - one.low_s, other.high_s - other.done_s)


def _odds(best: Prospect, other: Prospect) -> float:
    """How often a place is advised for each time that the best one is; only where they are near-equal."""
    behind, less = _gain(other, best)
    if behind <= 0:
        return 1.0
    return math.exp(-behind * _PER_RANGE / less) if behind <= min(less, NEAR_S) else 0.0
