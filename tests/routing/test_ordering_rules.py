"""Which order figures speak for, and how far shares can be believed: properties of the pure rules."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.catalogue.volumes.summing import Day
from dispatch.routing.ordering import rules
from dispatch.routing.ordering.figures import Figure, figure, inflation, wilson
from dispatch.routing.ordering.rules import COUNTER, Bars, Channels

CHANNELS = ("app", "web", "kiosk", "counter")
BARS = Bars(least_used=50, share=0.6, margin=0.1)
ORDERS = st.permutations(CHANNELS).map(tuple)


@dataclass(frozen=True)
class Known:
    """What is known of a channel."""

    used: int
    low: float
    high: float


@st.composite
def knowns(draw: st.DrawFn) -> Known:
    low, high = sorted((draw(st.floats(0, 1)), draw(st.floats(0, 1))))
    return Known(draw(st.sampled_from([0, 49, 50, 5000])), low, high)


FIGURES = st.dictionaries(st.sampled_from(CHANNELS), knowns())


def judged(figures: Mapping[str, Known], channel: str) -> Known | None:
    known = figures.get(channel)
    return known if known and known.used >= BARS.least_used else None


@given(ORDERS, FIGURES)
def test_every_channel_stays_and_none_is_doubled(present: Channels, figures: dict[str, Known]) -> None:
    assert sorted(rules.wanted(present, figures, BARS)) == sorted(CHANNELS)


@given(ORDERS, FIGURES)
def test_what_was_changed_is_not_changed_again(present: Channels, figures: dict[str, Known]) -> None:
    after = rules.wanted(present, figures, BARS)
    assert rules.wanted(after, figures, BARS) == after


@given(ORDERS, FIGURES)
def test_nothing_that_fails_stands_before_the_counter(present: Channels, figures: dict[str, Known]) -> None:
    after = rules.wanted(present, figures, BARS)
    for channel in after[: after.index(COUNTER)]:
        known = judged(figures, channel)
        assert known is None or known.high >= BARS.share


@given(ORDERS, FIGURES)
def test_only_what_surely_holds_comes_back_before_the_counter(
    present: Channels, figures: dict[str, Known]
) -> None:
    after = rules.wanted(present, figures, BARS)
    for channel in set(after[: after.index(COUNTER)]) & set(present[present.index(COUNTER) :]):
        known = judged(figures, channel)
        assert known is not None
        assert known.low > BARS.share + BARS.margin


@given(ORDERS, FIGURES)
def test_nothing_stands_behind_what_it_is_surely_better_than(
    present: Channels, figures: dict[str, Known]
) -> None:
    after = rules.wanted(present, figures, BARS)
    counter = after.index(COUNTER)
    for side in (after[:counter], after[counter + 1 :]):
        for place, first in enumerate(side):
            for later in side[place + 1 :]:
                mine, its = judged(figures, first), judged(figures, later)
                assert mine is None or its is None or its.low <= mine.high + BARS.margin


@given(ORDERS)
def test_without_figures_nothing_changes(present: Channels) -> None:
    few = {channel: Known(BARS.least_used - 1, 0.0, 0.0) for channel in CHANNELS}
    assert rules.wanted(present, {}, BARS) == rules.wanted(present, few, BARS) == present


@given(ORDERS, FIGURES)
def test_the_moves_tell_a_change_and_nothing_else(present: Channels, figures: dict[str, Known]) -> None:
    after = rules.wanted(present, figures, BARS)
    assert bool(rules.moves(present, after)) is (after != present)


@given(ORDERS, ORDERS, st.lists(ORDERS, min_size=1, max_size=4))
def test_together_the_counter_is_kept_before_what_any_matter_keeps_behind_it(
    one: Channels, default: Channels, orders: list[Channels]
) -> None:
    found = rules.together([one, *orders], default)
    assert sorted(found) == sorted(CHANNELS)
    for channel in found[: found.index(COUNTER)]:
        assert all(order.index(channel) < order.index(COUNTER) for order in [one, *orders])
    assert rules.together([one], default) == one
    assert rules.together([one, one], default) == one
    assert rules.together([], default) == default


@given(ORDERS, ORDERS)
def test_a_channel_never_moves_up_and_down_at_once(order: Channels, default: Channels) -> None:
    up, down = rules.moved_up(order, default), rules.moved_down(order, default)
    assert not up & down
    assert COUNTER not in up | down
    assert rules.moved_up(order, order) == rules.moved_down(order, order) == set()


def test_the_moves_of_a_channel_that_fails_and_of_one_that_is_better() -> None:
    before = ("app", "web", "kiosk", "counter")
    failing = {"app": Known(200, 0.1, 0.5)}
    assert rules.wanted(before, failing, BARS) == ("web", "kiosk", "counter", "app")
    assert [(m.channel, m.how) for m in rules.moves(before, rules.wanted(before, failing, BARS))] == [
        ("app", "behind")
    ]
    better = {"app": Known(200, 0.6, 0.7), "kiosk": Known(200, 0.85, 0.95)}
    assert rules.wanted(before, better, BARS) == ("kiosk", "app", "web", "counter")
    assert [(m.channel, m.other) for m in rules.moves(before, rules.wanted(before, better, BARS))] == [
        ("kiosk", "app"),
        ("kiosk", "web"),
    ]


# --- figures ------------------------------------------------------------------------------------------


def days(counts: list[tuple[int, int, int | None]]) -> list[Day]:
    """Days of one channel: used, finished, came back."""
    return [
        Day(
            date(2026, 10, 1) + timedelta(days=n),
            "ITEM",
            "",
            "app",
            used,
            finished,
            back,
            0 if back is None else max(0, finished - back),
            min(finished, used - (back or 0)),
        )
        for n, (used, finished, back) in enumerate(counts)
    ]


@given(st.integers(1, 10_000), st.data(), st.floats(1, 20))
def test_wilsons_bounds_hold_the_share_and_widen(trials: int, data: st.DataObject, by: float) -> None:
    yes = data.draw(st.integers(0, trials))
    low, high = wilson(yes, trials)
    assert 0 <= low <= yes / trials + 1e-12
    assert yes / trials - 1e-12 <= high <= 1
    wider = wilson(yes, trials, by)
    assert wider[0] <= low + 1e-12
    assert wider[1] >= high - 1e-12


def test_wilsons_bounds_are_those_of_the_books() -> None:
    """10 of 20 with z = 1.96: 0.299 to 0.701."""
    low, high = wilson(10, 20, z=1.96)
    assert low == pytest.approx(0.2993, abs=1e-4)
    assert high == pytest.approx(0.7007, abs=1e-4)


@given(
    st.lists(
        st.integers(1, 400).flatmap(
            lambda used: st.tuples(
                st.just(used), st.integers(0, used), st.one_of(st.none(), st.integers(0, used))
            )
        ),
        min_size=1,
        max_size=30,
    )
)
def test_the_bounds_hold_whatever_the_two_counts_have_in_common(
    counts: list[tuple[int, int, int | None]],
) -> None:
    found = figure(days(counts))
    assert found.least <= found.most <= found.finished <= found.used
    assert found.low <= found.least / found.used + 1e-12
    assert found.most / found.used - 1e-12 <= found.high


def test_nothing_counted_is_nothing_known() -> None:
    assert figure([]) == Figure(0, 0, 0, 0, 0, 0.0, 1.0)


def test_days_that_differ_by_more_than_chance_widen_the_bounds() -> None:
    steady = [80] * 20
    outage = [100] * 16 + [0] * 4
    assert inflation(steady, [100] * 20) == 1.0
    assert inflation(outage, [100] * 20) > 20
    narrow = figure(days([(100, yes, 0) for yes in steady]))
    wide = figure(days([(100, yes, 0) for yes in outage]))
    assert narrow.most == wide.most
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)


def test_the_bounds_hold_the_true_share_about_as_often_as_they_say() -> None:
    """99 of 100 at both sides; of 400 made-up channels not more than ten are outside."""
    chance = random.Random(20261122)
    outside = 0
    for _ in range(400):
        share = chance.uniform(0.3, 0.95)
        yes = [sum(chance.random() < share for _ in range(20)) for _ in range(14)]
        found = figure(days([(20, each, 0) for each in yes]))
        outside += not found.low <= share <= found.high
    assert outside <= 10
