"""The figures, reckoned by hand."""

import pytest

from dispatch.waits.forecast import Forecast, Unknown
from dispatch.wiring.backtesting.scoring import Score
from dispatch.wiring.backtesting.telling import plain, table


def scored(*told: tuple[float, float, float, float]) -> Score:
    score = Score()
    for point, low, high, truth in told:
        score.add(Forecast(point, low, high, "by hand"), truth)
    return score


def test_the_figures_of_three_forecasts() -> None:
    score = scored((600, 300, 900, 500), (100, 0, 400, 700), (0, 0, 60, 0))
    score.add(Unknown("not_learned_yet"), 300)
    assert score.figures() == {
        "n": 3,
        "unknown": 1,
        "mae_s": pytest.approx(233.3),
        "rmse_s": pytest.approx(351.2),
        "median_ae_s": 100,
        "bias_s": pytest.approx(-166.7),
        "within_5_min": pytest.approx(0.6667),
        "coverage_90": pytest.approx(0.6667),
        "width_90_s": 353.3,
        "late_90": pytest.approx(0.3333),
    }


def test_the_ends_belong_to_the_range() -> None:
    figures = scored((10, 5, 15, 5), (10, 5, 15, 15)).figures()
    assert (figures["coverage_90"], figures["late_90"]) == (1, 0)


def test_without_an_answer_no_figure_is_made_up() -> None:
    score = Score()
    score.add(Unknown("not_learned_yet"), 300)
    figures = dict(score.figures())
    assert (figures.pop("n"), figures.pop("unknown")) == (0, 1)
    assert set(figures.values()) == {None}


def test_each_predictor_is_told_once_for_each_horizon() -> None:
    scores = {("tongban", 0): scored((600, 300, 900, 500)), ("tongban", 30): Score(), ("hol", 0): Score()}
    assert [(row["predictor"], row["ahead_min"], row["n"]) for row in plain(scores)] == [
        ("tongban", 0, 1),
        ("tongban", 30, 0),
        ("hol", 0, 0),
    ]
    shown = table(scores)
    assert "joining now" in shown
    assert "arrival in 30 min" in shown
    assert shown.count("tongban") == 2
