"""How wide a range must be to hold nine times out of ten: the simulated one, stretched as past ones needed. Pure.

Day by day each end of a hall's ranges is moved: outwards after a day on which more than one in twenty fell beyond it,
inwards after one on which fewer did. Whatever else changes, in the long run as many fall beyond as are meant to: I.
Gibbs, E. Candès, *Adaptive conformal inference under distribution shift*, NeurIPS 2021, here by whole days, whose
people share their fortunes, and on a scale of widths. A hall with few of them goes with the city.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dispatch.waits.forecast import LEVEL, Forecast

BEYOND = (1 - LEVEL) / 2
"""The share that may fall beyond either end."""
STEP = 2.0
"""By how much the logarithm of a width moves for each share of people too many."""
LEAST, MOST = 0.5, 4.0
"""No range is narrowed, or widened, further than to so many times the simulated one."""
CITY_WORTH = 50.0
"""What the city's day is worth, in people, against a hall's own."""
SHORTEST_S = 60.0
"""So far a range reaches beyond its middle at least: even a clerk who is free has to press the key."""
CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Fared:
    """A day's people who were told a range: how many, how many were called before it, how many after."""

    told: int
    early: int
    late: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """By how much the part of a range below its middle is stretched, and the part above."""

    below: float = 1.0
    above: float = 1.0

    def of(self, found: Forecast) -> Forecast:
        """The range as it is shown."""
        low = max(0.0, found.point_s - self.below * (found.point_s - found.low_s))
        high = found.point_s + max(self.above * (found.high_s - found.point_s), SHORTEST_S)
        stretched = (self.below, self.above) != (1.0, 1.0)
        return Forecast(found.point_s, low, high, CORRECTED if stretched else found.method)


AS_SIMULATED = Stretch()


@dataclass(frozen=True)
class Ranges:
    """A hall's stretches by the minutes ahead of which something is told, as announcements are kept."""

    ahead: Mapping[int, Stretch] = field(default_factory=dict)

    def of(self, found: Forecast, ahead_s: float = 0.0) -> Forecast:
        """The range as it is shown to whoever joins so much later."""
        if not self.ahead:
            return AS_SIMULATED.of(found)
        nearest = min(self.ahead, key=lambda minutes: abs(60 * minutes - ahead_s))
        return self.ahead[nearest].of(found)


def learned(days: Sequence[tuple[Fared, Fared]]) -> Stretch:
    """What a hall's ranges need after these days, in order: each with its own people, and the city's."""
    below = above = 0.0
    for own, city in days:
        below = _moved(below, _share(own.early, own.told, city.early, city.told))
        above = _moved(above, _share(own.late, own.told, city.late, city.told))
    return Stretch(math.exp(below), math.exp(above))


def _share(own: int, told: int, city: int, city_told: int) -> float:
    """The share beyond an end, drawn towards the city's; what nobody was told says nothing."""
    usual = city / city_told if city_told else BEYOND
    return (own + CITY_WORTH * usual) / (told + CITY_WORTH)


def _moved(log_width: float, share: float) -> float:
    return min(max(log_width + STEP * (share - BEYOND), math.log(LEAST)), math.log(MOST))
