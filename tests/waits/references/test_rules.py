"""Each rule on a day small enough to be reckoned by hand."""

import pytest

from dispatch.waits.forecast import Forecast, Unknown
from dispatch.waits.references.fluid_rule import CarriedForward, FluidRule
from dispatch.waits.references.half_hour_mean import WEIGHT, HalfHourMean
from dispatch.waits.references.head_of_line import HeadOfLine
from dispatch.waits.references.last_called import LastCalled
from dispatch.waits.references.live_rate import LiveRate
from dispatch.waits.references.long_run_rate import LongRunRate
from dispatch.waits.references.mean_so_far import MeanSoFar
from dispatch.waits.references.rates import LIVE_WEIGHT
from dispatch.waits.references.rates import WEIGHT as RATE_WEIGHT
from dispatch.waits.references.reference import Rule
from tests.waits.references.small_days import ZONE, asked, called, joins, leaves, live, minutes

YESTERDAY = [joins("a", 0), joins("b", 2), called("a", 5), called("b", 10)]
"""Waits of 5 and 8 minutes; two calls in ten minutes in which somebody waited."""
TODAY = [joins("c", 0, day=1), joins("d", 1, day=1), called("c", 6, day=1), joins("e", 8, day=1)]
"""Who joined last has one ahead; she is asked about."""


def after_yesterday(rule: Rule) -> Rule:
    live(rule, YESTERDAY)
    return rule


def test_the_mean_so_far_takes_all_days_alike() -> None:
    assert minutes(asked(after_yesterday(MeanSoFar(ZONE)), TODAY)) == pytest.approx((5 + 8 + 6) / 3)


def test_les_is_the_wait_of_the_last_who_was_called() -> None:
    rule = after_yesterday(LastCalled(ZONE))
    assert minutes(asked(rule, TODAY)) == pytest.approx(6)
    assert minutes(asked(rule, TODAY[:2])) == pytest.approx(8)


def test_hol_is_how_long_the_first_in_line_has_waited() -> None:
    assert minutes(asked(HeadOfLine(ZONE), TODAY)) == pytest.approx(8 - 1)
    assert minutes(asked(HeadOfLine(ZONE), TODAY[:1])) == 0


def test_ql_live_divides_by_the_last_hours_rate() -> None:
    """One call in the eight minutes in which somebody waited; one ahead and herself."""
    rule = after_yesterday(LiveRate(ZONE))
    assert minutes(asked(rule, TODAY)) == pytest.approx(2 * 8)
    assert minutes(asked(rule, TODAY[:2])) == pytest.approx(2 * 5)


def test_ql_live_forgets_what_is_an_hour_old() -> None:
    today = [joins("c", 0, day=1), called("c", 1, day=1), joins("d", 60, day=1), called("d", 64, day=1)]
    today += [joins("e", 66, day=1), joins("f", 70, day=1)]
    assert minutes(asked(after_yesterday(LiveRate(ZONE)), today)) == pytest.approx(2 * (4 + 4))


def test_ql_long_run_divides_by_the_rate_of_all_earlier_days() -> None:
    assert minutes(asked(after_yesterday(LongRunRate(ZONE)), TODAY)) == pytest.approx(2 * 5)


def test_who_was_left_over_does_not_slow_the_rate() -> None:
    rule = LongRunRate(ZONE)
    live(rule, [*YESTERDAY, joins("x", 11), leaves("x", 15 * 60)])
    assert minutes(asked(rule, TODAY)) == pytest.approx(2 * 5)


def test_the_fluid_rule_goes_by_the_half_hour_and_by_how_today_differs() -> None:
    """The rate of the half hour is the overall one, a call in five minutes; expected by now 8/5 calls, there was 1."""
    live_ratio = (1 + LIVE_WEIGHT) / (8 / 5 + LIVE_WEIGHT)
    assert minutes(asked(after_yesterday(FluidRule(ZONE)), TODAY)) == pytest.approx(2 * 5 / live_ratio)


def test_the_fluid_rule_sees_a_slow_half_hour_come() -> None:
    """30 calls before half past nine, then two in half an hour, and somebody waited all the time."""
    morning = [joins(str(n), 0) for n in range(32)]
    morning += [called(str(n), n + 1) for n in range(29)] + [called("29", 29.5)]
    rule = FluidRule(ZONE)
    live(rule, [*morning, called("30", 60), called("31", 60)])
    today = [joins(str(n), 29, day=1) for n in range(5)]
    overall = 32 / 60
    first, second = ((calls + RATE_WEIGHT) / (30 + RATE_WEIGHT / overall) for calls in (30, 2))
    assert minutes(asked(rule, today)) == pytest.approx(1 + (5 - first) / second)


def test_carrying_forward_says_of_later_what_holds_now() -> None:
    now = minutes(asked(after_yesterday(FluidRule(ZONE)), TODAY))
    assert minutes(asked(after_yesterday(CarriedForward(ZONE)), TODAY, ahead_min=60)) == pytest.approx(now)


def test_the_half_hour_mean_is_drawn_towards_the_queues() -> None:
    rule = HalfHourMean(ZONE)
    live(rule, [*YESTERDAY, joins("x", 40), called("x", 60)])
    overall = (5 + 8 + 20) / 3
    assert minutes(asked(rule, TODAY)) == pytest.approx((5 + 8 + WEIGHT * overall) / (2 + WEIGHT))
    assert minutes(asked(rule, [joins("y", 45, day=1)])) == pytest.approx(
        (20 + WEIGHT * overall) / (1 + WEIGHT)
    )


def test_the_half_hour_mean_of_a_later_arrival_counts_empty_lines_too() -> None:
    """Every five minutes of yesterday up to the last ticket: 5, 8, then nobody from 10 to 35; 20 at 40."""
    rule = HalfHourMean(ZONE)
    live(rule, [*YESTERDAY, joins("x", 40), called("x", 60)])
    overall = (5 + 8 + 0 * 6 + 20) / 9
    answer = asked(rule, [joins("y", 5, day=1)], ahead_min=40)
    assert minutes(answer) == pytest.approx((0 + 0 + 20 + WEIGHT * overall) / (3 + WEIGHT))


@pytest.mark.parametrize("rule", [MeanSoFar, LastCalled, LiveRate, LongRunRate, FluidRule, HalfHourMean])
def test_of_a_queue_that_nobody_was_called_from_nothing_is_known(rule: type[Rule]) -> None:
    made = rule(ZONE)
    live(made, [joins("a", 0), leaves("a", 15 * 60)])
    assert asked(made, [joins("b", 0, day=1)]) == Unknown("not_learned_yet")
    live(made, [], day=2)
    assert asked(made, [joins("c", 0, day=3)], day=3) == Unknown("not_learned_yet")


def test_a_range_comes_from_earlier_days_only() -> None:
    rule = HeadOfLine(ZONE)
    first = asked(rule, [joins("a", 0, day=0), joins("b", 4, day=0)], day=0)
    assert isinstance(first, Forecast)
    assert first.low_s == first.point_s == first.high_s
    live(
        rule,
        [joins("c", 0, day=1), joins("d", 4, day=1), called("c", 6, day=1), called("d", 14, day=1)],
        day=1,
    )
    later = asked(rule, [joins("e", 0, day=2), joins("f", 4, day=2)], day=2)
    assert isinstance(later, Forecast)
    assert later.point_s == 240
    assert later.high_s == pytest.approx(300 * 7 - 60)
