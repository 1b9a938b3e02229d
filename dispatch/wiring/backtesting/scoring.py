"""How far off the answers were: the figures of one predictor at one horizon."""

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dispatch.waits.forecast import Forecast, Unknown

FIVE_MINUTES_S = 300.0

Numbers = NDArray[np.float64]
Figures = Mapping[str, int | float | None]


@dataclass(frozen=True)
class Known:
    """Answers that were a forecast, and what came; in seconds, (n,)."""

    truths: Numbers
    points: Numbers
    lows: Numbers
    highs: Numbers

    @property
    def errors(self) -> Numbers:
        """What was foretold less what came."""
        return self.points - self.truths

    @property
    def off(self) -> Numbers:
        """How far that is from nothing."""
        return np.abs(self.errors)

    @property
    def held(self) -> NDArray[np.bool_]:
        """Whether the truth lay within the range; its ends belong to it."""
        return (self.lows <= self.truths) & (self.truths <= self.highs)


@dataclass(frozen=True)
class Measure:
    """One figure: its title, and how it is reckoned. Seconds, or a share between 0 and 1."""

    title: str
    of: Callable[[Known], np.floating]
    is_share: bool = False

    def figure(self, known: Known) -> float:
        """Rounded."""
        return round(float(self.of(known)), 4 if self.is_share else 1)


MEASURES = {
    "mae_s": Measure("MAE", lambda known: known.off.mean()),
    "rmse_s": Measure("RMSE", lambda known: np.sqrt((known.errors**2).mean())),
    "median_ae_s": Measure("median", lambda known: np.median(known.off)),
    "bias_s": Measure("bias", lambda known: known.errors.mean()),
    "within_5_min": Measure("≤ 5 min", lambda known: (known.off <= FIVE_MINUTES_S).mean(), is_share=True),
    "coverage_90": Measure("in range", lambda known: known.held.mean(), is_share=True),
    "width_90_s": Measure("width", lambda known: (known.highs - known.lows).mean()),
    "late_90": Measure("later", lambda known: (known.truths > known.highs).mean(), is_share=True),
}
"""Bias above 0: people waited less than they were told. `late_90`: the share that waited longer than the upper end."""


@dataclass
class Score:
    """What was foretold and what came of it, in seconds."""

    truths: "array[float]" = field(default_factory=lambda: array("d"))
    points: "array[float]" = field(default_factory=lambda: array("d"))
    lows: "array[float]" = field(default_factory=lambda: array("d"))
    highs: "array[float]" = field(default_factory=lambda: array("d"))
    unknown: int = 0

    def add(self, answer: Forecast | Unknown, truth: float) -> None:
        """One answer, and the truth."""
        if isinstance(answer, Unknown):
            self.unknown += 1
            return
        self.truths.append(truth)
        self.points.append(answer.point_s)
        self.lows.append(answer.low_s)
        self.highs.append(answer.high_s)

    def known(self) -> Known:
        """All that were a forecast, as arrays."""
        return Known(*(np.array(each) for each in (self.truths, self.points, self.lows, self.highs)))

    def figures(self) -> Figures:
        """The counts, and each measure by its name; without any answer only the counts are known."""
        counts = {"n": len(self.truths), "unknown": self.unknown}
        if not self.truths:
            return counts | dict.fromkeys(MEASURES)
        known = self.known()
        return counts | {name: measure.figure(known) for name, measure in MEASURES.items()}


Scores = Mapping[tuple[str, int], Score]
"""By predictor and minutes ahead."""
