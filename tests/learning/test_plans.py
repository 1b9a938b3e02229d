"""How windows keep their plan is learned from what they do, and from nothing else."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.learning import plans_kept
from dispatch.learning.happenings import Happening, Kind
from dispatch.learning.knowing import Known
from dispatch.learning.learner import Learner
from dispatch.learning.plans_kept import NEVER_S, QUANTILES, PlansKept, PlansSums
from dispatch.learning.pool import Pool
from dispatch.learning.reading import Reading, Said
from dispatch.staffing.news import ShiftDropped, ShiftPlanned
from tests.learning.made_up_hall import ZONE
from tests.learning.test_learner import DAY, at, kept, taught

BEFORE = Known.by_catalogue("hall", ZONE, {})
NINE, NOON, ONE, FIVE = 9.0, 12.0, 13.0, 17.0
LATE_MIN, LAST_CALL_MIN = 4.0, 12.0
SERVICE_H = 5 / 60


def planned(
    day: int, window: str = "w", spans: tuple[tuple[float, float], ...] = ((NINE, NOON), (ONE, FIVE))
) -> Happening:
    moments = tuple(
        (DAY + 86_400 * day + 3600 * start, DAY + 86_400 * day + 3600 * end) for start, end in spans
    )
    return at(
        0.5,
        Kind.PLANNED,
        day=day,
        window=window,
        clerk=f"of {window}",
        shift=f"{window} {day}",
        spans=moments,
    )


def a_day(day: int, *, waiting: bool = True, comes: bool = True) -> Iterator[Happening]:
    """Somebody always waits, or at noon and in the evening nobody does; she opens late, and calls past the end."""
    yield planned(day)
    yield at(8.5, Kind.ISSUED, f"{day} last", day=day, remote=not waiting)
    if not comes:
        yield at(FIVE + 1, Kind.ISSUED, f"{day} evening", day=day)
        return
    for start, end in ((NINE, NOON), (ONE, FIVE)):
        hour, number = start + LATE_MIN / 60, 0
        yield at(hour, Kind.OPENED, window="w", clerk="of w", queues=("A",), day=day)
        while hour < (end + LAST_CALL_MIN / 60 if waiting else end):
            ticket, number = f"{day} {start} {number}", number + 1
            for kind in (Kind.ISSUED, Kind.CALLED, Kind.STARTED):
                yield at(hour, kind, ticket, clerk="of w", day=day)
            hour += SERVICE_H
            yield at(hour, Kind.FINISHED, ticket, clerk="of w", day=day)
        yield at(hour, Kind.CLOSED, window="w", day=day)
    yield at(FIVE + 1, Kind.ISSUED, f"{day} evening", day=day)


def days(count: int, **told: bool) -> list[Happening]:
    return [each for day in range(count) for each in a_day(day, **told)]


def known(happenings: list[Happening]) -> PlansKept:
    return taught(happenings).known("hall", BEFORE).plans


@cache
def twelve_days() -> PlansKept:
    return known([*days(12), planned(12)])


def test_who_opens_late_and_calls_past_the_end_is_expected_to() -> None:
    plans = twelve_days()
    assert 60 * LATE_MIN <= np.median(plans.late_s("w", -1800.0)) <= 60 * (LATE_MIN + 1)
    assert 60 * 7.5 <= np.median(plans.stays_s("w")) <= 60 * 12.5
    assert plans.seen > 15


def test_another_window_of_the_hall_goes_with_it_and_a_new_hall_with_the_city() -> None:
    plans = twelve_days()
    assert 60 * LATE_MIN <= np.median(plans.late_s("other", -1800.0)) <= 60 * (LATE_MIN + 1)
    pool = Pool()
    pool.add(taught([*days(12), planned(12)]))
    pool = Pool(json.loads(json.dumps(pool.plain())))
    new = Learner(ZONE).known("new", pool.known({})).plans
    assert 60 * LATE_MIN <= np.median(new.late_s("any", -1800.0)) <= 60 * (LATE_MIN + 1)
    assert np.median(new.stays_s("any")) >= 60 * 7.5
    assert new.seen == 0


def test_who_goes_because_nobody_waits_has_not_shown_when_she_would_go() -> None:
    plans = known([*days(12, waiting=False), planned(12)])
    assert (plans.stays == PlansKept().stays).all()


def test_who_missed_her_call_and_is_away_does_not_wait() -> None:
    told = days(12, waiting=False)
    missed = [
        at(hour, kind, f"{day} missed", clerk="of w", day=day)
        for day in range(12)
        for hour, kind in ((8.6, Kind.ISSUED), (9.5, Kind.CALLED), (9.55, Kind.MISSED))
    ]
    plans = known(sorted([*told, *missed, planned(12)], key=lambda each: each.at))
    assert (plans.stays == PlansKept().stays).all()


def test_who_never_comes_is_counted_and_a_shift_that_is_off_is_not() -> None:
    plans = known([*days(12, comes=False), planned(12)])
    assert (plans.late_s("w", 0.0) == NEVER_S).mean() > 0.5
    off = [at(0.75, Kind.DROPPED, day=day, shift=f"w {day}") for day in range(12)]
    told = sorted([*days(12, comes=False), *off, planned(12)], key=lambda each: each.at)
    assert known(told).seen == 0


def test_a_rest_is_told_from_going_home() -> None:
    told = days(12)
    rests = [
        at(hour, kind, window="w", clerk="of w", queues=("A",), day=day)
        for day in range(12)
        for hour, kind in ((11.2, Kind.CLOSED), (11.3, Kind.OPENED))
    ]
    plans = known(sorted([*told, *rests, planned(12)], key=lambda each: each.at))
    longest = plans.rest * (plans_kept.REST_MIN >= 6) * (plans_kept.REST_MIN < 7)
    assert longest.sum() > 0.4
    assert np.median(plans.stays_s("w")) >= 60 * 7.5


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, len(days(3))), max_size=5))
def test_in_steps_it_is_what_it_is_at_once(cuts: list[int]) -> None:
    told, learner = days(3), Learner(ZONE)
    for start, end in pairwise([0, *sorted(cuts), len(told)]):
        learner = taught(told[start:end], Learner(ZONE, kept(learner)))
    assert kept(learner) == kept(taught(told))


minutes = st.floats(-40, 200)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.none() | minutes, st.none() | minutes, st.none() | minutes)),
    st.floats(-1e4, 1e5),
)
def test_quantiles_rise_and_lie_beyond_what_has_gone(
    spans: list[tuple[str, Any, Any, Any]], gone_s: float
) -> None:
    sums = PlansSums()
    for window, late, called, stopped in spans:
        sums.note_begun(window, None if late is None else 60 * late)
        sums.note_end(
            window, None if called is None else 60 * called, None if stopped is None else 60 * stopped
        )
        sums.note_rest(window, 0.0 if called is None else abs(called))
    plans = plans_kept.learned(sums, PlansKept())
    for shares in (plans.late, plans.rest, *plans.late_of.values()):
        assert shares.sum() == pytest.approx(1.0)
    for window in ("a", "new"):
        for quantiles, least in (
            (plans.late_s(window, gone_s), gone_s),
            (plans.stays_s(window, gone_s), gone_s),
            (plans.stays_s(window), -900.0),
            (plans.rest_s(), 0.0),
        ):
            assert quantiles.shape == (QUANTILES,)
            assert np.isfinite(quantiles).all()
            assert (np.diff(quantiles) >= 0).all()
            assert quantiles[0] >= min(least, NEVER_S)


def test_what_the_log_says_of_shifts() -> None:
    reading = Reading("hall")
    stamps = [f"2026-09-01T{hour:02}:00:00+08:00" for hour in (9, 12, 13, 17)]
    shift = ShiftPlanned("s", "ann", None, stamps[0], stamps[3], [stamps[1:3]])
    off = ShiftDropped("s", "ann", None)
    told = [
        happening
        for seq, event in enumerate((shift, off), start=1)
        for happening in reading.read(Said(seq, type(event).__name__, DAY, "staff:boss", asdict(event)))
    ]
    assert [each.kind for each in told] == [Kind.PLANNED, Kind.DROPPED]
    assert told[0].spans == tuple(
        (DAY + 3600 * start, DAY + 3600 * end) for start, end in ((9, 12), (13, 17))
    )
    assert (told[0].clerk, told[0].window, told[1].shift) == ("ann", "", "s")
