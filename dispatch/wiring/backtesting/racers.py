"""Who races: our forecaster and the references, each at the horizons it has something to say of."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dispatch.waits.fitted.forecaster import Forecaster
from dispatch.waits.racing import Predictor
from dispatch.waits.references.boosting import BoostedMean, BoostedMedian
from dispatch.waits.references.fluid_rule import CarriedForward, FluidRule
from dispatch.waits.references.half_hour_mean import HalfHourMean
from dispatch.waits.references.head_of_line import HeadOfLine
from dispatch.waits.references.lasso import Lasso
from dispatch.waits.references.last_called import LastCalled
from dispatch.waits.references.live_rate import LiveRate
from dispatch.waits.references.long_run_rate import LongRunRate
from dispatch.waits.references.mean_so_far import MeanSoFar

OURS = "tongban"
"""The name of our forecaster among the racers."""


@dataclass(frozen=True)
class Racer:
    """A predictor, and what it is asked: who joins now, who arrives later, or both."""

    predictor: Predictor
    now: bool = True
    later: bool = True

    def answers(self, ahead_s: float) -> bool:
        """Whether it is asked for this horizon."""
        return self.later if ahead_s else self.now


def racers(zone: ZoneInfo, seed: int) -> Sequence[Racer]:
    """All, ours first. What needs no chance needs no seed."""
    return [
        Racer(Forecaster(zone, seed)),
        Racer(MeanSoFar(zone), later=False),
        Racer(LastCalled(zone), later=False),
        Racer(HeadOfLine(zone), later=False),
        Racer(LiveRate(zone), later=False),
        Racer(LongRunRate(zone), later=False),
        Racer(FluidRule(zone), later=False),
        Racer(CarriedForward(zone), now=False),
        Racer(HalfHourMean(zone)),
        Racer(Lasso(zone)),
        Racer(BoostedMean(zone, seed)),
        Racer(BoostedMedian(zone, seed)),
    ]
