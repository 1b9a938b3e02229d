"""Ranges from ratios: they hold as often as they say, and never cut off the point."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatch.waits.forecast import LEVEL
from dispatch.waits.references.ranges import RatioRanges, upper_quantile

SECONDS = st.floats(0, 40_000)


@given(days=st.lists(st.lists(st.tuples(SECONDS, SECONDS), max_size=20), max_size=4), point=SECONDS)
def test_the_point_lies_in_its_range(days: list[list[tuple[float, float]]], point: float) -> None:
    ranges = RatioRanges()
    for pairs in days:
        ranges.learn(*np.array(pairs).reshape(-1, 2).T)
    (low,), (high,) = ranges.around(np.array([point]))
    assert 0 <= low <= point <= high


def test_without_any_day_there_is_the_point_alone() -> None:
    (low,), (high,) = RatioRanges().around(np.array([70.0]))
    assert (low, high) == (70.0, 70.0)


def test_nine_of_ten_lie_within_whatever_the_size() -> None:
    chance = np.random.default_rng(5)
    points = chance.uniform(0, 3600, 18_000)
    truths = points * chance.lognormal(0.1, np.where(points < 600, 0.4, 0.8))
    ranges = RatioRanges()
    ranges.learn(points[:12_000], truths[:12_000])
    lows, highs = ranges.around(points)
    held = ((lows <= truths) & (truths <= highs))[12_000:]
    for small in (True, False):
        assert abs(held[(points < 600)[12_000:] == small].mean() - LEVEL) < 0.03


def test_the_conformal_quantile_counts_the_one_to_come() -> None:
    assert upper_quantile(np.array([3.0, 1.0, 2.0, 4.0]), 0.5) == 3.0
    assert upper_quantile(np.array([1.0, 2.0]), 0.9) == 2.0
