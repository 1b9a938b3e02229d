"""Dice, service times and the shape of the day."""

from datetime import UTC, datetime
from statistics import fmean

from hypothesis import given
from hypothesis import strategies as st

from dispatch.demo.visitors import chance
from dispatch.demo.visitors.parameters import DAY, Parameters
from dispatch.demo.visitors.staffing import capacity, staffed

SPREAD = 0.55


def test_the_same_seed_throws_the_same() -> None:
    """And another name or seed does not."""
    assert chance.dice(1, "clerk", "a").random() == chance.dice(1, "clerk", "a").random()
    assert chance.dice(1, "clerk", "a").random() != chance.dice(1, "clerk", "b").random()
    assert chance.dice(1, "clerk", "a").random() != chance.dice(2, "clerk", "a").random()


def test_service_times_have_the_mean_they_say() -> None:
    """A lognormal's mean is not its median."""
    thrown = chance.dice(3)
    assert abs(fmean(chance.lognormal(thrown, 8.0, SPREAD) for _ in range(20_000)) - 8.0) < 0.2


@given(seed=st.integers(), elapsed=st.floats(0, 500))
def test_something_is_always_left(seed: int, elapsed: float) -> None:
    """However long somebody has been there already, the rest is above nothing and not for ever."""
    assert 0 < chance.residual(chance.dice(seed), 8.0, SPREAD, elapsed) < 600


def test_the_day_has_a_morning_peak_and_a_small_one_after_lunch() -> None:
    """Nobody comes at night, few at noon."""

    def at(hour: int, minute: int = 0) -> float:
        return chance.share_at(DAY, datetime(2026, 11, 23, hour, minute, tzinfo=UTC))

    assert at(3) == at(20) == 0
    assert at(10) == 1 > at(14, 30) > at(12, 30)


def test_every_queue_has_somebody() -> None:
    """However few clerks there are."""
    windows = [{"id": str(n), "queues": [queue], "state": "closed"} for n, queue in enumerate("AABBC")]
    working = staffed(chance.dice(1), windows, 0.0)
    assert working == {"0", "2", "4"}
    windows[3]["state"] = "open"
    assert staffed(chance.dice(1), windows, 1.0) == {"3", "0", "4"}, "a hall at work is not staffed anew"
    assert capacity([{"queues": ["A", "B"]}, {"queues": ["B"]}]) == {"A": 0.5, "B": 1.5}


def test_an_item_nobody_thought_of_has_minutes() -> None:
    """By its department, else some."""
    parameters = Parameters()
    assert parameters.mean_minutes("TAX-NEW") == parameters.other_minutes["TAX"]
    assert parameters.mean_minutes("ZZ-1") == parameters.any_minutes
