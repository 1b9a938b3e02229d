"""What is shown while somebody waits follows the estimates without jumping."""

from dataclasses import replace
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from dispatch.waits.promising import NARROWER, STEP_S, Promise, renewed, worth_telling

NOW = 1_000_000.0


@st.composite
def promises(draw: st.DrawFn) -> Promise:
    """A range that has not begun before now, and a point within."""
    low, middle, high = sorted(draw(st.lists(st.floats(0, 20_000), min_size=3, max_size=3)))
    return Promise(NOW + middle, NOW + low, NOW + high, "simulated")


@given(promises())
def test_the_first_estimate_is_shown_as_it_is(new: Promise) -> None:
    assert renewed(None, new, NOW) == new


@given(promises(), promises())
def test_it_moves_later_only_when_the_estimate_leaves_the_range(shown: Promise, new: Promise) -> None:
    told = renewed(shown, new, NOW)
    if told.point > shown.point:
        assert new.point > shown.high
        assert told == replace(new, slipped_at=NOW)


@given(promises(), st.lists(st.tuples(promises(), st.floats(0, 300)), max_size=12))
def test_whenever_it_leaves_its_range_that_is_told_for_long_enough_to_be_read(
    shown: Promise, estimates: list[tuple[Promise, float]]
) -> None:
    now = NOW
    for estimate, later in estimates:
        now += later
        gone = now - NOW
        new = Promise(estimate.point + gone, estimate.low + gone, estimate.high + gone, "simulated")
        told = renewed(shown, new, now)
        if new.point > shown.high:
            assert told.slipped_at == now, "never silently"
        elif shown.has_just_slipped(now):
            assert told.slipped_at == shown.slipped_at
        else:
            assert told.slipped_at in (None, shown.slipped_at), "it says sorry only when it was wrong"
        shown = told


@given(promises(), promises(), st.floats(1, 20_000))
def test_a_moment_that_has_passed_is_promised_no_more(shown: Promise, new: Promise, later: float) -> None:
    now = shown.point + later
    ahead = now - NOW
    new = Promise(new.point + ahead, new.low + ahead, new.high + ahead, new.method)
    assert replace(renewed(shown, new, now), slipped_at=None) == new


@given(promises(), st.floats(0, 1), st.floats(0, 5_000))
def test_good_news_worth_telling_is_told_at_once(shown: Promise, share: float, width: float) -> None:
    point = NOW + share * (shown.point - NOW)
    new = Promise(point, max(NOW, point - width), point + width, "simulated")
    if shown.point - new.point >= worth_telling(shown.point - NOW):
        assert renewed(shown, new, NOW) == new


@given(promises(), promises())
def test_it_is_never_far_behind_good_news(shown: Promise, new: Promise) -> None:
    told = renewed(shown, new, NOW)
    assert told.point - new.point < max(worth_telling(shown.point - NOW), 1e-6)


@given(st.lists(promises(), min_size=1))
def test_what_is_shown_is_sound_after_any_estimates(estimates: list[Promise]) -> None:
    for told in accumulate(estimates, lambda shown, new: renewed(shown, new, NOW)):
        assert told.low <= told.point <= told.high


@given(
    st.floats(600, 20_000),
    st.lists(st.floats(-STEP_S / 2.01, STEP_S / 2.01), min_size=1, max_size=50),
    st.floats(300, 5_000),
)
def test_estimates_that_waver_move_nothing(left: float, noise: list[float], width: float) -> None:
    def estimate(off: float) -> Promise:
        point = NOW + left + off
        return Promise(point, point - width / 2, point + width / 2, "simulated")

    told = list(accumulate(map(estimate, noise), lambda shown, new: renewed(shown, new, NOW)))
    assert {each.point for each in told} == {told[0].point}


@given(promises(), st.floats(0, 1))
def test_a_range_is_narrowed_only_by_halves(shown: Promise, share: float) -> None:
    low = shown.point - share * (shown.point - shown.low)
    new = replace(shown, low=low, high=shown.point + share * (shown.high - shown.point))
    told = renewed(shown, new, NOW)
    assert told.point == shown.point
    assert told == (new if new.width <= NARROWER * shown.width else shown)
