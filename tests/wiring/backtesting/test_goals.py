"""How goals are judged: offices by whole days, ours beside the best of its rivals."""

from datetime import date, timedelta

import numpy as np
import pytest

from benchmarks.accuracy import goals, offices
from benchmarks.accuracy.goals import Goal
from dispatch.waits.forecast import Forecast
from dispatch.wiring.backtesting.scoring import Score

FIRST = date(2024, 3, 4)


def held(*shares: float, each: int = 100) -> dict[date, list[bool]]:
    """Days on which such a share of the truths lay within the range."""
    return {
        FIRST + timedelta(days=place): [number < round(share * each) for number in range(each)]
        for place, share in enumerate(shares)
    }


def test_an_office_that_holds_what_is_promised_is_not_rejected() -> None:
    assert offices.p_value(held(0.9, 0.92, 0.88, 0.91, 0.89, 0.9)) == 1.0


def test_days_that_all_hold_too_seldom_are_rejected() -> None:
    assert offices.p_value(held(0.8, 0.82, 0.79, 0.81, 0.8, 0.78)) < offices.REJECTED_BELOW


def test_one_bad_day_rejects_nobody() -> None:
    """Its tickets are not so many proofs: they share what went wrong."""
    assert offices.p_value(held(0.9, 0.91, 0.5, 0.9, 0.92, 0.9)) > 0.1


def test_it_rejects_about_as_often_as_it_says_where_days_are_many() -> None:
    chance = np.random.default_rng(3)
    rejected = [
        offices.p_value(held(*np.clip(chance.normal(0.9, 0.03, 40), 0, 1), each=200)) < 0.1 for _ in range(40)
    ]
    assert 0 < sum(rejected) < 12


@pytest.mark.parametrize(("off", "met"), [(90.0, "yes"), (100.0, "no")])
def test_a_goal_is_a_ratio_to_the_best_rival(off: float, met: str) -> None:
    scores = {name: Score() for name in ("tongban", "near", "far")}
    for name, error in (("tongban", off), ("near", 100.0), ("far", 300.0)):
        scores[name].add(Forecast(600.0 + error, 0.0, 900.0, name), 600.0)
    row = goals.against(scores, "now: MAE", "mae_s", ["near", "far"], Goal(0.95))
    assert (row["by"], row["ratio"], row["goal"], row["met"]) == ("near", f"{off / 100:.3f}", "≤ 0.95", met)


def test_where_nothing_was_answered_no_goal_is_met_or_missed() -> None:
    scores = {name: Score() for name in ("tongban", "near")}
    row = goals.against(scores, "now: MAE", "mae_s", ["near"], Goal(0.95))
    assert (row["n"], row["met"]) == (0, "not known")


def test_a_figure_by_itself_lies_between_two_ends() -> None:
    score = Score()
    for truth in (100.0, 200.0, 2000.0):
        score.add(Forecast(150.0, 50.0, 250.0, "tongban"), truth)
    row = goals.alone({"tongban": score}, "now: within the range", "coverage_90", Goal(92, 89))
    assert (row["reached"], row["goal"], row["met"]) == ("66.7 %", "89 to 92", "no")
