"""The visitors' share of the load is bounded, whatever they wish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.demo.visitors.pace import Budget, TokenBucket

SLACK = 1e-6
steps = st.lists(st.floats(0, 5, allow_nan=False), min_size=1, max_size=80)


class FakeTime:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def read(self) -> float:
        """Seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Pass."""
        self.now += seconds


@given(rate=st.floats(0.2, 50), burst=st.floats(1, 40), pauses=steps)
def test_no_stretch_of_time_has_more_than_burst_and_rate(
    rate: float, burst: float, pauses: list[float]
) -> None:
    """Every window between two requests holds at most `burst + rate × its length`."""
    fake = FakeTime()
    bucket = TokenBucket(rate, burst=burst, clock=fake.read, sleep=fake.sleep)
    taken = []
    for pause in pauses:
        fake.now += pause if pause > 2 else 0.0  # often no pause at all
        bucket.take()
        taken.append(fake.now)
    for first, since in enumerate(taken):
        for last in range(first, len(taken)):
            assert last - first + 1 <= burst + rate * (taken[last] - since) + 1 + SLACK


def test_the_first_look_is_given_only_once() -> None:
    """However long the bucket stood unused afterwards."""
    fake = FakeTime()
    bucket = TokenBucket(2.0, burst=3, first=10, clock=fake.read, sleep=fake.sleep)
    for _ in range(13):
        bucket.take()
    assert fake.now == 0
    fake.now += 1000
    for _ in range(4):
        bucket.take()
    assert fake.now > 1000


@given(rate=st.floats(0.2, 50), burst=st.floats(1, 40))
def test_what_may_wait_leaves_a_reserve_to_what_may_not(rate: float, burst: float) -> None:
    """Without a spare token `take` is still possible, at the rate."""
    fake = FakeTime()
    bucket = TokenBucket(rate, burst=burst, clock=fake.read, sleep=fake.sleep)
    while bucket.spare():
        bucket.take()
    before = fake.now
    bucket.take()
    assert fake.now - before <= 1 / rate + SLACK


def test_a_bucket_needs_a_rate() -> None:
    """Nothing at all would wait for ever."""
    with pytest.raises(ValueError):
        TokenBucket(0)


def test_a_budget_ends() -> None:
    """Beyond it nobody new comes, but who must ask may."""
    budget = Budget(1)
    assert budget.spare()
    budget.take()
    assert not budget.spare()
    budget.take()
