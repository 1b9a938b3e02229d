"""What one day of a queue tells: who waits, for how long somebody did, and what a later arrival would have waited."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.waits.queue_days import QueueDay


def a_day() -> QueueDay:
    """Ann waits from 0 to 10, Bob from 5 to 20, Cy from 30 on and leaves at 60."""
    queue = QueueDay()
    queue.join("ann", 0)
    queue.join("bob", 5)
    queue.call("ann", 10)
    queue.call("bob", 20)
    queue.join("cy", 30)
    queue.leave("cy", 60)
    return queue


def test_who_was_called_waited_and_who_left_did_not() -> None:
    queue = a_day()
    assert [queue.wait(place) for place in range(3)] == [10, 15, None]
    assert (queue.calls, queue.waited) == ([10, 20], [10, 15])


def test_time_counts_as_busy_while_somebody_waits() -> None:
    queue = a_day()
    assert [queue.busy_until(at) for at in (-5, 0, 7, 20, 25, 30, 40, 60, 99)] == [
        0,
        0,
        7,
        20,
        20,
        20,
        30,
        50,
        50,
    ]


def test_the_last_in_line_is_whom_a_later_arrival_would_have_followed() -> None:
    queue = a_day()
    assert [queue.last_wait_at(at) for at in (0, 4, 5, 15, 20, 29, 30)] == [10, 10, 15, 15, 0, 0, 0]


def test_nothing_is_known_of_arrivals_after_the_last_ticket() -> None:
    assert a_day().last_wait_at(30.1) is None
    assert QueueDay().last_wait_at(0) is None


def test_a_second_call_and_a_call_of_nobody_change_nothing() -> None:
    queue = a_day()
    queue.call("ann", 70)
    queue.call("nobody", 71)
    queue.leave("bob", 72)
    assert (queue.calls, queue.called, queue.left) == ([10, 20], [10, 20, inf], [10, 20, 60])


def test_a_ticket_that_joins_again_stands_at_the_end_once() -> None:
    queue = QueueDay()
    queue.join("ann", 0)
    queue.join("bob", 1)
    queue.join("ann", 2)
    assert (list(queue.line), queue.ahead(), queue.elapsed(4)) == (["bob", "ann"], 1, 3)


@given(
    lives=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 30), st.booleans()), max_size=20),
    at=st.integers(-5, 90),
)
def test_any_day_agrees_with_counting_by_hand(lives: list[tuple[int, int, bool]], at: int) -> None:
    steps = [(joined, 0, place) for place, (joined, _, _) in enumerate(lives)]
    steps += [(joined + wait, 1, place) for place, (joined, wait, _) in enumerate(lives)]
    queue, order = QueueDay(), []
    for moment, ends, place in sorted(steps):
        if not ends:
            queue.join(str(place), moment)
            order.append(place)
        elif lives[place][2]:
            queue.call(str(place), moment)
        else:
            queue.leave(str(place), moment)
    in_line = [p for p in order if lives[p][0] <= at < lives[p][0] + lives[p][1] and lives[p][2]]
    if not lives or max(joined for joined, _, _ in lives) < at:
        assert queue.last_wait_at(at) is None
    else:
        assert queue.last_wait_at(at) == (lives[in_line[-1]][1] if in_line else 0)
    busy = sum(any(joined <= second < joined + wait for joined, wait, _ in lives) for second in range(at))
    assert queue.busy_until(at) == pytest.approx(busy)
