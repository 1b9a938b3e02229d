"""What has to be reached, and what was: each figure beside the reference it is measured against."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan, nan

from benchmarks.accuracy.hearing import MANY
from dispatch.waits.references.reference import Rule
from dispatch.wiring.backtesting.racers import OURS, Racer
from dispatch.wiring.backtesting.scoring import MEASURES, Score, Scores

LATER = ("carried_forward", "half_hour_mean", "boosting_mean", "boosting_median")

Row = Mapping[str, object]


@dataclass(frozen=True)
class Goal:
    """Between which ends a figure or a ratio has to lie."""

    most: float
    least: float = -inf

    def told(self, value: float, **columns: object) -> Row:
        """A row of the table."""
        told = f"≤ {self.most:g}" if self.least == -inf else f"{self.least:g} to {self.most:g}"
        met = "yes" if self.least <= value <= self.most else "no"
        return {**columns, "goal": told, "met": "not known" if isnan(value) else met}


def joining_now(scores: Scores, field: Sequence[Racer]) -> Iterator[Row]:
    """Of whoever has just taken a number."""
    formulas = [each.predictor.name for each in field if each.now and isinstance(each.predictor, Rule)]
    now = {name: score for (name, ahead), score in scores.items() if not ahead}
    yield against(now, "now: MAE", "mae_s", ["boosting_median"], Goal(0.95))
    yield against(now, "now: MAE, best formula", "mae_s", formulas, Goal(1.0))
    yield against(now, "now: RMSE", "rmse_s", ["boosting_mean"], Goal(0.95))
    yield against(now, "now: width of the range", "width_90_s", ["boosting_median"], Goal(0.90))
    yield alone(now, "now: bias", "bias_s", Goal(0.5, -0.5))
    yield alone(now, "now: within the range", "coverage_90", Goal(92, 89))
    yield alone(now, "now: later than its upper end", "late_90", Goal(6))


def many_ahead(scores: Mapping[str, Score]) -> Iterator[Row]:
    """Of those with many people ahead."""
    when = f"now, {MANY} and more ahead"
    yield against(scores, f"{when}: MAE", "mae_s", ["boosting_median"], Goal(0.95))
    yield against(scores, f"{when}: RMSE", "rmse_s", ["boosting_mean"], Goal(0.95))


def arriving_later(scores: Scores) -> Iterator[Row]:
    """Of somebody who comes later, at each horizon."""
    for ahead_min in dict.fromkeys(ahead for _, ahead in scores if ahead):
        then = {name: score for (name, ahead), score in scores.items() if ahead == ahead_min}
        yield against(then, f"in {ahead_min} min: MAE", "mae_s", LATER, Goal(0.95))
        yield alone(then, f"in {ahead_min} min: within the range", "coverage_90", Goal(92, 88))


def against(scores: Mapping[str, Score], name: str, measure: str, rivals: Collection[str], goal: Goal) -> Row:
    """Ours beside the best of the rivals."""
    mine, others = figure(scores[OURS], measure), {each: figure(scores[each], measure) for each in rivals}
    best = min(others, key=lambda rival: (isnan(others[rival]), others[rival]))
    other = others[best]
    ratio = mine / other if other else nan
    columns = {
        "reached": f"{mine:.2f} min",
        "reference": f"{other:.2f} min",
        "by": best,
        "ratio": f"{ratio:.3f}",
    }
    return goal.told(ratio, name=name, n=len(scores[OURS].truths), **columns)


def alone(scores: Mapping[str, Score], name: str, measure: str, goal: Goal) -> Row:
    """Ours by itself: minutes, or per cent."""
    mine = figure(scores[OURS], measure)
    reached = f"{mine:.1f} %" if MEASURES[measure].is_share else f"{mine:.2f} min"
    return goal.told(mine, name=name, n=len(scores[OURS].truths), reached=reached)


def figure(score: Score, measure: str) -> float:
    """In minutes or per cent, as exact as it is told in a table; a nan where nothing was answered."""
    found = score.figures()[measure]
    if found is None:
        return nan
    return found * 100 if MEASURES[measure].is_share else found / 60
