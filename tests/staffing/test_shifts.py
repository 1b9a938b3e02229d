"""One person in one place at a time, one window with one person."""

import json
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dispatch.foundation.errors import NotFound, Refusal
from dispatch.staffing.models import Shift
from dispatch.staffing.refusals import (
    BadBreaks,
    BadSpan,
    NotStaffHere,
    OnLeave,
    Past,
    ShiftOverlaps,
    WindowPlanned,
)
from dispatch.staffing.shifts import breaks_of
from dispatch.staffing.spans import Span
from tests.staffing.rota import Rota
from tests.standing_city import CITY_HALL, DISTRICT_HALL


def test_a_shift_is_planned_and_said_without_a_name(rota: Rota) -> None:
    pause = rota.hours(12, 13.5)
    shift = rota.plan("first", rota.hours(9, 17), "1", breaks=[pause])
    entry = rota.town.entries()[-1]
    assert entry.kind == "ShiftPlanned"
    assert json.loads(entry.body)["data"] == {
        "shift": shift.id,
        "account": "first",
        "window": rota.town.window_id("1"),
        "starts": "2026-11-23T01:00:00+00:00",
        "ends": "2026-11-23T09:00:00+00:00",
        "breaks": [["2026-11-23T04:00:00+00:00", "2026-11-23T05:30:00+00:00"]],
    }
    assert breaks_of(shift) == [pause]


def test_nobody_is_in_two_places_at_once(rota: Rota) -> None:
    rota.plan("first", rota.hours(9, 12), "1")
    for start, end in ((8, 9.6), (11.9, 13), (10, 11), (8, 13)):
        with pytest.raises(ShiftOverlaps):
            rota.plan("first", rota.hours(start, end), "2")
    rota.plan("first", rota.hours(12, 17), "2")


def test_another_halls_shift_counts_too(rota: Rota) -> None:
    rota.plan("elsewhere", rota.hours(9, 12), "1", hall=DISTRICT_HALL, at=DISTRICT_HALL)
    with pytest.raises(ShiftOverlaps):
        rota.plan("elsewhere", rota.hours(11, 14), "1")


def test_a_window_has_one_person(rota: Rota) -> None:
    rota.plan("first", rota.hours(9, 12), "1")
    with pytest.raises(WindowPlanned):
        rota.plan("second", rota.hours(11, 14), "1")
    rota.plan("second", rota.hours(11, 14), "2")


def test_without_a_window_several_may_be_planned(rota: Rota) -> None:
    rota.plan("first", rota.hours(9, 12))
    rota.plan("second", rota.hours(9, 12))


def test_a_window_of_another_hall_is_not_found(rota: Rota) -> None:
    with pytest.raises(NotFound):
        rota.plan("first", rota.hours(9, 12), "1", at=DISTRICT_HALL)


@pytest.mark.parametrize(
    ("pauses", "sound"),
    [
        ([(12, 13)], True),
        ([(10, 10.25), (12, 13)], True),
        ([(9, 9.5)], True),
        ([(8, 10)], False),
        ([(16, 18)], False),
        ([(12, 13), (13, 14)], False),
        ([(12, 13), (10, 11)], False),
        ([(13, 12)], False),
        ([(9, 17)], False),
    ],
)
def test_breaks_lie_within_and_apart(rota: Rota, pauses: list[tuple[float, float]], sound: bool) -> None:
    breaks = [rota.hours(*pause) for pause in pauses]
    if sound:
        rota.plan("first", rota.hours(9, 17), "1", breaks=breaks)
    else:
        with pytest.raises(BadBreaks):
            rota.plan("first", rota.hours(9, 17), "1", breaks=breaks)


@pytest.mark.parametrize(("start", "end"), [(12, 12), (14, 10), (9, 25.5)])
def test_a_shift_lasts_and_not_for_ever(rota: Rota, start: float, end: float) -> None:
    with pytest.raises(BadSpan):
        rota.plan("first", rota.hours(start, end))


def test_what_is_over_stays_as_it_was(rota: Rota) -> None:
    with pytest.raises(Past):
        rota.plan("first", rota.hours(7, 9))
    shift = rota.plan("first", rota.hours(9, 12), "1")
    rota.town.pass_time(hours=3)
    with pytest.raises(Past):
        rota.drop(shift)


def test_a_dropped_shift_frees_person_and_window(rota: Rota) -> None:
    shift = rota.plan("first", rota.hours(9, 12), "1")
    rota.drop(shift)
    rota.plan("second", rota.hours(9, 12), "1")
    rota.plan("first", rota.hours(9, 12), "2")
    assert rota.town.kinds()[-4:] == ["ShiftPlanned", "ShiftDropped", "ShiftPlanned", "ShiftPlanned"]


def test_nobody_is_planned_while_away(rota: Rota) -> None:
    leave = rota.ask("first", rota.hours(24, 48))
    rota.plan("first", rota.hours(33, 36))
    with pytest.raises(Refusal):
        rota.decide(leave, "grant")
    rota.decide(leave, "grant", drop_shifts=True)
    with pytest.raises(OnLeave):
        rota.plan("first", rota.hours(40, 50))
    rota.plan("first", rota.hours(48, 50))


def test_a_stranger_works_here_only_while_posted(rota: Rota) -> None:
    with pytest.raises(NotStaffHere):
        rota.plan("stranger", rota.hours(9, 12), "1")
    rota.post("stranger", rota.hours(9, 11))
    with pytest.raises(NotStaffHere):
        rota.plan("stranger", rota.hours(9, 12), "1")
    rota.plan("stranger", rota.hours(9, 11), "1")
    rota.post("stranger", rota.hours(11, 13))
    rota.plan("stranger", rota.hours(11, 13), "1")


def test_staff_of_a_hall_above_may_be_planned_below(rota: Rota) -> None:
    rota.plan("district", rota.hours(9, 12), "1")
    with pytest.raises(NotStaffHere):
        rota.plan("first", rota.hours(9, 12), hall=CITY_HALL)


PLANS = st.tuples(
    st.sampled_from(["first", "second", "elsewhere"]),
    st.sampled_from(["1", "2", None]),
    st.integers(40, 80),
    st.integers(1, 20),
)


@given(plans=st.lists(PLANS, max_size=14))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_two_shifts_ever_clash(rota: Rota, plans: list[tuple[str, str | None, int, int]]) -> None:
    """Whatever is asked for in whatever order, and exactly what clashes is refused."""
    with rota.database.work() as session:
        for shift in session.scalars(select(Shift)):
            session.delete(shift)
    accepted: list[tuple[str, str | None, Span]] = []
    for name, window, start, length in plans:
        span = rota.hours(start / 4, (start + length) / 4)
        clashes = any(
            span.overlaps(other) and (name == who or (window is not None and window == at))
            for who, at, other in accepted
        )
        try:
            rota.plan(name, span, window)
        except (ShiftOverlaps, WindowPlanned):
            assert clashes
        else:
            assert not clashes
            accepted.append((name, window, span))
    with rota.database.reading() as session:
        for one, two in combinations(session.scalars(select(Shift)).all(), 2):
            same = one.account == two.account or (one.window is not None and one.window == two.window)
            assert not (same and one.starts < two.ends and two.starts < one.ends)


def test_a_shift_may_begin_where_another_ends(rota: Rota) -> None:
    rota.plan("first", rota.hours(10, 12), "1")
    touching = Span(rota.hours(10, 12).ends, rota.hours(10, 12).ends + timedelta(minutes=1))
    rota.plan("first", touching, "1")
