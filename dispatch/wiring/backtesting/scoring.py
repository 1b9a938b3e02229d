"""How far off the answers were: the figures of one predictor at one horizon."""

from array import array
from dataclasses import dataclass, field

import numpy as np

from dispatch.waits.forecast import Forecast, Unknown

FIVE_MINUTES_S = 300.0


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

    def figures(self) -> dict[str, int | float | None]:
        """Bias is what was foretold less what came; `late_90` the share that waited longer than the upper end.

        A share is between 0 and 1; without any answer, only the counts are known.
        """
        if not self.truths:
            return {"n": 0, "unknown": self.unknown} | dict.fromkeys(MEASURES)
        truths, points = np.array(self.truths), np.array(self.points)
        lows, highs = np.array(self.lows), np.array(self.highs)
        errors = points - truths
        off = np.abs(errors)
        found = {
            "mae_s": off.mean(),
            "rmse_s": np.sqrt((errors**2).mean()),
            "median_ae_s": np.median(off),
            "bias_s": errors.mean(),
            "within_5_min": (off <= FIVE_MINUTES_S).mean(),
            "coverage_90": ((lows <= truths) & (truths <= highs)).mean(),
            "width_90_s": (highs - lows).mean(),
            "late_90": (truths > highs).mean(),
        }
        counts = {"n": len(truths), "unknown": self.unknown}
        return counts | {name: round(float(found[name]), MEASURES[name]) for name in MEASURES}


MEASURES = {
    "mae_s": 1,
    "rmse_s": 1,
    "median_ae_s": 1,
    "bias_s": 1,
    "within_5_min": 4,
    "coverage_90": 4,
    "width_90_s": 1,
    "late_90": 4,
}
"""And how many digits are told of each."""
