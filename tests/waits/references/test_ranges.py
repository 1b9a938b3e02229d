"""Ranges from ratios: they hold as often as they say, and never cut off the point."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from dispatch.waits.forecast import LEVEL
from dispatch.waits.references.ranges import RatioRanges, upper_quantile

SECONDS = st.floats(0, 40_000)


@given(pairs=st.lists(st.tuples(SECONDS, SECONDS), max_size=40), point=SECONDS)
def test_the_point_lies_in_its_range(pairs: list[tuple[float, float]], point: float) -> None:
    ranges = RatioRanges()
    ranges.learn(pairs)
    low, high = ranges.around(point)
    assert 0 <= low <= point <= high


def test_nine_of_ten_lie_within_whatever_the_size() -> None:
    chance = Random(5)
    points = [chance.uniform(0, 3600) for _ in range(18_000)]
    pairs = [(point, point * chance.lognormvariate(0.1, 0.4 if point < 600 else 0.8)) for point in points]
    ranges = RatioRanges()
    ranges.learn(pairs[:12_000])
    for small in (True, False):
        judged = [(point, truth) for point, truth in pairs[12_000:] if (point < 600) == small]
        held = sum(low <= truth <= high for point, truth in judged for low, high in [ranges.around(point)])
        assert abs(held / len(judged) - LEVEL) < 0.03


def test_the_conformal_quantile_counts_the_one_to_come() -> None:
    assert upper_quantile([3.0, 1.0, 2.0, 4.0], 0.5) == 3.0
    assert upper_quantile([1.0, 2.0], 0.9) == 2.0
