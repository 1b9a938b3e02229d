"""What is usual in a queue is read off its days in two ways, which differ by what is left over when the calls end."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatch.learning.happenings import Happening, Kind
from dispatch.waits.fitted.habits import BUSY_S, CALLS, JOINED, Habits
from dispatch.waits.fitted.watching import Watcher

DAY = date(2026, 3, 2)
PEOPLE = st.lists(
    st.tuples(st.floats(0, 60_000), st.none() | st.floats(0, 20_000)), min_size=1, max_size=12
).filter(lambda people: any(wait is not None for _, wait in people))
"""When each joins, and how long she waits; None for who is never called."""


def lived(people: Sequence[tuple[float, float | None]]) -> Watcher:
    """A day of one queue."""
    told = []
    for number, (at, wait) in enumerate(people):
        told.append(Happening(at, Kind.ISSUED, "city_hall", "A", str(number)))
        if wait is not None:
            told.append(Happening(at + wait, Kind.CALLED, "city_hall", "A", str(number)))
    watcher = Watcher()
    for happening in sorted(told, key=lambda each: each.at):
        watcher.see(happening)
    return watcher


@given(PEOPLE)
def test_the_second_reading_counts_the_same_people_for_no_shorter_a_time(
    people: list[tuple[float, float | None]],
) -> None:
    habits = Habits()
    habits.learn(DAY, 0.0, lived(people))
    to_last_call, to_last_happening = habits.days[DAY]
    assert np.array_equal(to_last_call[[CALLS, JOINED]], to_last_happening[[CALLS, JOINED]])
    assert (to_last_call[BUSY_S] <= to_last_happening[BUSY_S] + 1e-6).all()
    fast, slow = habits.rates()
    assert (fast.calls >= slow.calls - 1e-9).all()
    assert all(np.isfinite(each).all() for rates in (fast, slow) for each in vars(rates).values())


def test_whoever_is_left_over_slows_only_the_second_reading() -> None:
    served = [(60.0 * minute, 30.0) for minute in range(60)]
    habits, other = Habits(), Habits()
    habits.learn(DAY, 0.0, lived(served))
    other.learn(DAY, 0.0, lived([*served, (3600.0, None), (9000.0, None)]))
    (fast, slow), (fast_too, slower) = habits.rates(), other.rates()
    assert fast.calls == slow.calls == fast_too.calls
    assert slower.calls < 0.7 * slow.calls


def test_an_example_is_seen_by_the_other_days_alone() -> None:
    habits = Habits()
    assert habits.rates() == ()
    habits.learn(DAY, 0.0, lived([(0.0, 600.0), (60.0, 600.0)]))
    assert habits.rates(but=DAY) == ()
    alone = habits.rates()
    habits.learn(DAY + timedelta(days=1), 0.0, lived([(0.0, 60.0)]))
    assert all(
        np.array_equal(left.calls_then, before.calls_then)
        for left, before in zip(habits.rates(but=DAY + timedelta(days=1)), alone, strict=True)
    )
