"""Where the model is better its answer stands, elsewhere the simulation's, and between them nothing jumps."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.waits.announcing import AHEAD_MIN
from dispatch.waits.correcting import FADES_S, NOT_CORRECTED, by_ahead, correction
from dispatch.waits.forecast import BOOSTED, Forecast, Unknown


@st.composite
def forecasts(draw: st.DrawFn) -> Forecast:
    """Any, within half a day."""
    low, point, high = sorted(draw(st.lists(st.floats(0, 43_200), min_size=3, max_size=3)))
    return Forecast(point, low, high, "simulated")


BY_AHEAD = st.fixed_dictionaries({}, optional={ahead: forecasts() for ahead in AHEAD_MIN})


def three(told: Forecast) -> Sequence[float]:
    return told.low_s, told.point_s, told.high_s


@given(BY_AHEAD, BY_AHEAD, st.frozensets(st.sampled_from(AHEAD_MIN)), forecasts(), st.floats(0, 1e5))
def test_a_wait_stays_a_wait_and_each_horizon_has_the_better_one(
    simulated: dict[int, Forecast],
    says: dict[int, Forecast],
    better: frozenset[int],
    found: Forecast,
    ahead_s: float,
) -> None:
    made = correction(simulated, says, better)
    shown = made.of(found, ahead_s)
    assert 0 <= shown.low_s <= shown.point_s <= shown.high_s < np.inf
    for ahead in simulated.keys() & says.keys():
        right = says[ahead] if ahead in better else simulated[ahead]
        assert three(made.of(simulated[ahead], 60.0 * ahead)) == pytest.approx(three(right), abs=1e-3)


def test_without_a_model_or_a_better_one_the_simulation_stands_as_it_is() -> None:
    found, other = Forecast(600, 300, 900, "simulated"), Forecast(60, 30, 90, BOOSTED)
    assert NOT_CORRECTED.of(found, 600) is found
    assert correction({0: found}, {}, {0}).of(found) is found
    assert correction({0: found}, {0: other}, ()).of(found) is found
    assert correction({0: found}, {0: other}, {0}).of(found).method == BOOSTED
    assert correction({0: found}, {0: other}, {0}).of(found, FADES_S) is found


def test_whoever_waits_is_corrected_the_less_the_nearer_she_is_to_the_head() -> None:
    joining = Forecast(1200, 600, 1800, "simulated")
    made = correction({0: joining}, {0: Forecast(600, 300, 900, BOOSTED)}, {0})
    line = [Forecast(point, point / 2, point * 1.5, "simulated") for point in (0, 300, 600, 900, 1200)]
    points = [made.of_waiting(each, joining).point_s for each in line]
    assert points[0] == 0
    assert points[-1] == pytest.approx(600)
    assert points == sorted(points)
    left = [shown / each.point_s for shown, each in zip(points[1:], line[1:], strict=True)]
    assert left == sorted(left, reverse=True)
    assert made.of_waiting(line[2], Unknown("not_today")) is line[2]


def test_what_is_said_of_a_horizon_is_read_between_the_probes() -> None:
    ahead_s = np.array([0.0, 600.0, 1500.0, 2400.0])
    waits = [Forecast(minutes, minutes, minutes, "simulated") for minutes in (0.0, 10.0, 40.0)]
    told = by_ahead([*waits, Unknown("closed")], ahead_s, (0, 20, 30, 60))
    assert {ahead: each.point_s for ahead, each in told.items()} == {0: 0.0, 20: pytest.approx(30.0)}
