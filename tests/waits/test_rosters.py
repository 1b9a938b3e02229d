"""When windows are expected to call."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatch.learning import plans_kept
from dispatch.learning.plans_kept import PlansKept, PlansSums
from dispatch.waits.rosters import Seat, Shifts, expected

HOUR = 3600.0
QUARTER = 900.0
NOW = 10 * HOUR + 300
MORNING, AFTERNOON = (NOW, 12 * HOUR), (13.5 * HOUR, 17 * HOUR)
EDGES = np.arange(10 * HOUR, 17 * HOUR + 1, QUARTER)
D, A = frozenset("D"), frozenset("A")
QUARTERS = len(EDGES) - 1
ROSTER = PlansKept()
"""Of a hall of which nothing is known."""


def spans(shifts: Shifts, window: int) -> list[tuple[float, float]]:
    mine = shifts.window == window
    return list(zip(shifts.start[mine].tolist(), shifts.end[mine].tolist(), strict=True))


def test_without_a_plan_what_is_so_stays_so_and_lunch_is_a_break() -> None:
    shifts = expected([Seat(True, D), Seat(False, D)], [MORNING, AFTERNOON], EDGES, NOW, ROSTER)
    assert spans(shifts, 0) == [MORNING, AFTERNOON]
    assert spans(shifts, 1) == []


def test_a_plan_is_followed() -> None:
    planned = [(NOW, 11 * HOUR), (15 * HOUR, 17 * HOUR)]
    shifts = expected([Seat(True, D, planned)], [MORNING, AFTERNOON], EDGES, NOW, ROSTER)
    assert spans(shifts, 0) == [(NOW, 11 * HOUR), (15 * HOUR, 17 * HOUR)]
    assert not shifts.late[0].any()
    assert not shifts.stays.any()


def test_a_closed_window_opens_when_it_is_planned_to() -> None:
    shifts = expected([Seat(False, D, [(14 * HOUR, 16 * HOUR)])], [MORNING, AFTERNOON], EDGES, NOW, ROSTER)
    assert spans(shifts, 0) == [(14 * HOUR, 16 * HOUR)]


def test_of_five_windows_that_are_open_half_of_the_time_two_or_three_are_expected() -> None:
    usual = np.full(QUARTERS, 0.5)
    shifts = expected(
        [Seat(False, D, usual=usual) for _ in range(5)], [MORNING, AFTERNOON], EDGES, NOW, ROSTER
    )
    at_the_end = sum(
        start <= 16.9 * HOUR < end for window in range(5) for start, end in spans(shifts, window)
    )
    assert at_the_end in (2, 3)


def test_no_window_stands_in_for_one_of_other_queues() -> None:
    usual = np.full(QUARTERS, 0.4)
    shifts = expected(
        [Seat(False, D, usual=usual), Seat(False, A, usual=usual)], [AFTERNOON], EDGES, NOW, ROSTER
    )
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
    shifts = expected(seats, [MORNING, AFTERNOON], EDGES, NOW, ROSTER)
    for window, seat in enumerate(seats):
        mine = spans(shifts, window)
        hours = (MORNING, AFTERNOON, (NOW, NOW))
        assert all(any(opens <= start <= end <= closes for opens, closes in hours) for start, end in mine)
        assert all(before[1] <= after[0] for before, after in pairwise(mine))
        begun = (shifts.window == window) & (shifts.start == NOW) & ~shifts.late.any(axis=1)
        assert begun.any() == seat.works
    assert (np.diff(shifts.window) >= 0).all()
    assert (np.diff(shifts.late, axis=1) >= 0).all()
    assert (np.diff(shifts.stays, axis=1) >= 0).all()


def seen(late_min: float, called_min: float, stopped_min: float) -> PlansKept:
    """A hall whose windows have kept thirty spans like this."""
    sums = PlansSums()
    for _ in range(30):
        sums.note_begun("w", 60 * late_min)
        sums.note_end("w", 60 * called_min, 60 * stopped_min)
        sums.note_rest("w", 240.0)
    return plans_kept.learned(sums, ROSTER)


def test_who_was_seen_to_stay_is_expected_to_stay_and_who_comes_late_to_come_late() -> None:
    plans = seen(4.5, 9, 11)
    planned = [(9 * HOUR, 12 * HOUR), (13.5 * HOUR, 17 * HOUR)]
    shifts = expected([Seat(True, D, planned, "w")], [MORNING, AFTERNOON], EDGES, NOW, plans)
    assert spans(shifts, 0) == [(NOW, 12 * HOUR), (13.5 * HOUR, 17 * HOUR)]
    assert not shifts.late[0].any()
    assert 7.5 * 60 <= np.median(shifts.stays[0]) <= 12.5 * 60
    assert 4 * 60 <= np.median(shifts.late[1]) <= 5 * 60


def test_who_works_past_the_end_of_her_time_stays_for_what_is_left_of_it() -> None:
    plans = seen(0.5, 9, 11)
    planned = [(9 * HOUR, 10 * HOUR)]
    shifts = expected([Seat(True, D, planned, "w")], [MORNING, AFTERNOON], EDGES, NOW, plans)
    assert spans(shifts, 0) == [(NOW, NOW)]
    assert 0 < np.median(shifts.stays) <= 7.5 * 60


def test_a_plan_holds_outside_the_hours_where_it_was_seen_to_be_kept() -> None:
    planned = [(NOW - HOUR, 12.25 * HOUR)]
    for plans, until in ((ROSTER, 12 * HOUR), (seen(0.5, 1, 2), 12.25 * HOUR)):
        shifts = expected([Seat(True, D, planned, "w")], [MORNING, AFTERNOON], EDGES, NOW, plans)
        assert spans(shifts, 0) == [(NOW, until)]


def test_who_rests_comes_back_as_rests_end_and_who_is_late_already_is_later_still() -> None:
    plans = seen(20, 0, 1)
    planned = [(NOW - 600, 12 * HOUR)]
    resting, late = (
        expected([Seat(False, D, planned, "w", rests)], [MORNING], EDGES, NOW, plans)
        for rests in (True, False)
    )
    assert 0 < np.median(resting.late) < 240 < 600 < np.median(late.start[0] + late.late - planned[0][0])
