"""When windows are expected to call."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatch.waits.rosters import Seat, Shifts, expected

HOUR = 3600.0
QUARTER = 900.0
NOW = 10 * HOUR + 300
MORNING, AFTERNOON = (NOW, 12 * HOUR), (13.5 * HOUR, 17 * HOUR)
EDGES = np.arange(10 * HOUR, 17 * HOUR + 1, QUARTER)
D, A = frozenset("D"), frozenset("A")
QUARTERS = len(EDGES) - 1


def spans(shifts: Shifts, window: int) -> list[tuple[float, float]]:
    mine = shifts.window == window
    return list(zip(shifts.start[mine].tolist(), shifts.end[mine].tolist(), strict=True))


def test_without_a_plan_what_is_so_stays_so_and_lunch_is_a_break() -> None:
    shifts = expected([Seat(True, D), Seat(False, D)], [MORNING, AFTERNOON], EDGES, NOW)
    assert spans(shifts, 0) == [MORNING, AFTERNOON]
    assert spans(shifts, 1) == []


def test_a_plan_is_followed() -> None:
    planned = [(NOW, 11 * HOUR), (15 * HOUR, 17 * HOUR)]
    shifts = expected([Seat(True, D, planned)], [MORNING, AFTERNOON], EDGES, NOW)
    (first, second) = spans(shifts, 0)
    assert first[0] == NOW
    assert abs(first[1] - 11 * HOUR) <= QUARTER
    assert second == (15 * HOUR, 17 * HOUR)


def test_a_closed_window_opens_when_it_is_planned_to() -> None:
    shifts = expected([Seat(False, D, [(14 * HOUR, 16 * HOUR)])], [MORNING, AFTERNOON], EDGES, NOW)
    assert spans(shifts, 0) == [(14 * HOUR, 16 * HOUR)]


def test_of_five_windows_that_are_open_half_of_the_time_two_or_three_are_expected() -> None:
    usual = np.full(QUARTERS, 0.5)
    shifts = expected([Seat(False, D, usual=usual) for _ in range(5)], [MORNING, AFTERNOON], EDGES, NOW)
    at_the_end = sum(
        start <= 16.9 * HOUR < end for window in range(5) for start, end in spans(shifts, window)
    )
    assert at_the_end in (2, 3)


def test_no_window_stands_in_for_one_of_other_queues() -> None:
    usual = np.full(QUARTERS, 0.4)
    shifts = expected([Seat(False, D, usual=usual), Seat(False, A, usual=usual)], [AFTERNOON], EDGES, NOW)
    assert len(shifts.window) == 0


SEATS = st.builds(
    Seat,
    works=st.booleans(),
    queues=st.sampled_from([D, A, D | A]),
    planned=st.none()
    | st.lists(st.tuples(st.floats(0, 12 * HOUR), st.floats(12 * HOUR, 20 * HOUR)), max_size=2),
    usual=st.none() | st.lists(st.floats(0, 1), min_size=QUARTERS, max_size=QUARTERS).map(np.array),
)


@given(st.lists(SEATS, max_size=6))
def test_shifts_lie_within_the_openings_in_order_and_begin_with_how_things_stand(seats: list[Seat]) -> None:
    shifts = expected(seats, [MORNING, AFTERNOON], EDGES, NOW)
    for window, seat in enumerate(seats):
        mine = spans(shifts, window)
        assert all(
            any(opens <= start < end <= closes for opens, closes in (MORNING, AFTERNOON))
            for start, end in mine
        )
        assert all(before[1] <= after[0] for before, after in pairwise(mine))
        assert any(start == NOW for start, _ in mine) == seat.works
    assert (np.diff(shifts.window) >= 0).all()
