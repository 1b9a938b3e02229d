"""Ranges hold nine times out of ten, because earlier ones are known to have held too seldom or too often."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.waits.fitted.calibrating import EARLY, LATE, LEAST_SHARE, MOST_SHARE, Calibration, Range

CHANCE = np.random.default_rng(7)
HALLS = np.zeros(400, dtype=np.intp)


def day_of(spread: float, size: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Medians, and waits that lie around them."""
    medians = CHANCE.uniform(300, 3000, size)
    return medians, medians * np.exp(CHANCE.normal(0, spread, size))


def too_narrow(medians: np.ndarray) -> Range:
    return Range(medians * 0.9, medians * 1.1)


@pytest.mark.parametrize("spread", [0.2, 0.6])
def test_ends_that_held_too_seldom_are_moved_until_they_hold(spread: float) -> None:
    calibration = Calibration()
    for _ in range(6):
        medians, waits = day_of(spread)
        calibration.learn(medians, too_narrow(medians), HALLS, waits)
    medians, waits = day_of(spread)
    shown = calibration.adjusted(medians, too_narrow(medians), HALLS)
    held = ((shown.low <= waits) & (waits <= shown.high)).mean()
    assert 0.84 <= held <= 0.96


def test_nothing_learned_moves_nothing() -> None:
    medians, _ = day_of(0.3)
    shown = Calibration().adjusted(medians, too_narrow(medians), HALLS)
    assert np.allclose(shown.low, medians * 0.9)
    assert np.allclose(shown.high, medians * 1.1)


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=40), st.integers(0, 5))
def test_ends_are_finite_and_never_negative(waits: list[float], hall: int) -> None:
    calibration, came = Calibration(), np.array(waits)
    halls = np.full(len(came), hall, dtype=np.intp)
    for _ in range(3):
        calibration.learn(came[::-1].copy(), Range(came * 0, came * 0), halls, came)
    shown = calibration.adjusted(came, Range(came, came), halls + 1)
    assert np.isfinite(shown.high).all()
    assert (shown.low >= 0).all()
    assert LEAST_SHARE <= calibration.early <= MOST_SHARE
    assert LEAST_SHARE <= calibration.late <= MOST_SHARE


def test_after_days_that_held_too_often_more_are_let_out_at_either_end() -> None:
    calibration = Calibration()
    medians, waits = day_of(0.3)
    for came in (waits, medians):
        calibration.learn(medians, too_narrow(medians), HALLS, came)
    assert calibration.early > EARLY
    assert calibration.late > LATE


def test_what_is_kept_is_the_same_again() -> None:
    calibration = Calibration()
    for _ in range(3):
        medians, waits = day_of(0.4)
        calibration.learn(medians, too_narrow(medians), HALLS, waits)
    again = Calibration.of(calibration.arrays())
    ours, theirs = (each.adjusted(medians, too_narrow(medians), HALLS) for each in (calibration, again))
    assert np.array_equal(ours.low, theirs.low)
    assert np.array_equal(ours.high, theirs.high)
