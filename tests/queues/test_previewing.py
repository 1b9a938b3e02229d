"""A past day played again: the same people, services and windows, another order."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.queues import previewing, rules
from dispatch.queues.policy import Policy
from dispatch.queues.previewing import Day, Window
from dispatch.queues.rules import ORDINARY
from tests.queues.people import CLOSING, OPENING, Waiting, line_of, lines, policies

USUAL = Policy()
MINUTE = 60.0
ALL_DAY = ((OPENING, CLOSING),)


def day_of(
    people: list[Waiting],
    *windows: Window,
    service: float = 600.0,
    of: list[int] | None = None,
    leaves: dict[int, float] | None = None,
) -> Day:
    """A day on which everybody joins at her place and is served alike."""
    gives_up = leaves or {}
    return Day(
        line=line_of(people),
        of=np.array(of or [0] * len(people), dtype=np.int64),
        joins=np.array([each.place for each in people], dtype=np.float64),
        leaves=np.array([gives_up.get(each.number, np.inf) for each in people], dtype=np.float64),
        service=np.full(len(people), service),
        minutes=np.full(len(people), service / 60),
        windows=windows or (Window(ALL_DAY, frozenset({0, 1, 2})),),
    )


def walk_in(n: int, after_min: float) -> Waiting:
    return Waiting(OPENING + after_min * MINUTE, n)


def minutes_of_calls(day: Day, policy: Policy = USUAL) -> list[float]:
    return [(at - OPENING) / MINUTE for at in previewing.simulate(day, policy).called]


def test_one_window_serves_one_after_another() -> None:
    day = day_of([walk_in(1, 0), walk_in(2, 1), walk_in(3, 30)])
    assert minutes_of_calls(day) == [0, 10, 30]


def test_a_pause_calls_nobody_and_a_service_over_the_pause_goes_on() -> None:
    spans = ((OPENING, OPENING + 5 * MINUTE), (OPENING + 40 * MINUTE, CLOSING))
    day = day_of([walk_in(1, 0), walk_in(2, 1)], Window(spans, frozenset({0})))
    assert minutes_of_calls(day) == [0, 40]


def test_an_idle_window_comes_back_after_its_pause() -> None:
    spans = ((OPENING, OPENING + 5 * MINUTE), (OPENING + 40 * MINUTE, CLOSING))
    day = day_of([walk_in(1, 20), walk_in(2, 50)], Window(spans, frozenset({0})))
    assert minutes_of_calls(day) == [40, 50]


def test_a_window_calls_from_its_own_lines_only() -> None:
    windows = Window(ALL_DAY, frozenset({0})), Window(ALL_DAY, frozenset({1}))
    day = day_of([walk_in(1, 0), walk_in(2, 0), walk_in(3, 0)], *windows, of=[0, 0, 1])
    assert minutes_of_calls(day) == [0, 10, 0]


def test_who_gave_up_is_not_called_and_holds_nobody_up() -> None:
    people = [walk_in(1, 0), walk_in(2, 1), walk_in(3, 2)]
    day = day_of(people, leaves={2: OPENING + 8 * MINUTE})
    called = minutes_of_calls(day)
    assert called[0] == 0
    assert np.isnan(called[1])
    assert called[2] == 10


def test_whoever_is_left_when_the_windows_close_is_never_called() -> None:
    day = day_of([walk_in(1, 0), walk_in(2, 0)], Window(((OPENING, OPENING + 5 * MINUTE),), frozenset({0})))
    told = previewing.figures(day, previewing.simulate(day, USUAL), USUAL)
    assert (told.people, told.served) == (2, 1)


def test_figures_are_of_those_chosen() -> None:
    day = day_of([walk_in(n, 0) for n in (1, 2, 3)])
    outcome = previewing.simulate(day, USUAL)
    told = previewing.figures(day, outcome, USUAL)
    assert (told.mean_s, told.median_s, told.max_s) == (600, 600, 1200)
    assert told.within_target == pytest.approx(2 / 3)
    assert previewing.figures(day, outcome, USUAL, np.array([True, False, False])).max_s == 0
    nobody = previewing.figures(day, outcome, USUAL, np.zeros(3, dtype=bool))
    assert (nobody.people, nobody.served, nobody.mean_s) == (0, 0, None)


def test_somebody_booked_waits_from_her_slot_on() -> None:
    slot = OPENING + 60 * MINUTE
    early = Waiting(OPENING, 1, slot=slot)
    day = day_of([early], Window(((slot + 5 * MINUTE, CLOSING),), frozenset({0})))
    assert previewing.figures(day, previewing.simulate(day, USUAL), USUAL).mean_s == 300


def test_the_bound_on_tickets_from_afar_shows_in_who_waits() -> None:
    """A stricter bound helps those here and is paid for by those who are not; the sum of waits stays."""
    people = [Waiting(OPENING, n, came=None) for n in range(1, 31)]
    people += [Waiting(OPENING + 5 * MINUTE, n) for n in range(31, 41)]
    day = day_of(people)
    here = day.line.here
    strict = replace(USUAL, remote_passes=2)
    mean = {
        (policy.remote_passes, group): previewing.figures(
            day, previewing.simulate(day, policy), policy, among
        ).mean_s
        for policy in (USUAL, strict)
        for group, among in (("here", here), ("afar", ~here))
    }
    assert mean[2, "here"] < mean[10, "here"]  # type: ignore[operator]
    assert mean[2, "afar"] > mean[10, "afar"]  # type: ignore[operator]
    assert previewing.simulate(day, strict).passed.max() == 2
    assert previewing.simulate(day, USUAL).passed.max() == 10


@given(people=lines(), policy=policies, of=st.lists(st.integers(0, 2), min_size=14, max_size=14))
def test_everybody_is_served_once_and_no_window_serves_two(
    people: list[Waiting], policy: Policy, of: list[int]
) -> None:
    windows = (
        Window(((OPENING, CLOSING + 86_400),), frozenset({0, 1})),
        Window(((OPENING, CLOSING + 86_400),), frozenset({2})),
    )
    day = day_of(people, *windows, of=of[: len(people)])
    outcome = previewing.simulate(day, policy)
    assert not np.isnan(outcome.called).any()
    assert (outcome.called >= day.joins).all()
    for serves in (window.serves for window in windows):
        called = np.sort(outcome.called[np.isin(day.of, list(serves))])
        assert (np.diff(called) >= 600).all()
    standing = outcome.passed[day.line.here]
    assert standing.max(initial=0) <= policy.remote_passes


@given(people=lines(), policy=policies)
def test_when_all_come_at_once_they_are_called_in_their_rank(people: list[Waiting], policy: Policy) -> None:
    """The simulation and the call rule are one: a line known from the start is served exactly as ranked."""
    known = [replace(each, passed=0) for each in people]
    line = line_of(known)
    early = replace(day_of(known), joins=np.full(len(known), OPENING - 86_400.0))
    late = replace(early, windows=(Window(((CLOSING * 2, CLOSING * 9),), frozenset({0})),))
    called = previewing.simulate(late, policy).called
    assert list(np.argsort(called, kind="stable")) == list(rules.rank(line, policy))


def test_a_busy_day_is_played_within_a_second_or_two() -> None:
    chance = np.random.default_rng(7)
    n = 1500
    places = np.sort(chance.uniform(OPENING, CLOSING - 3600, n))
    people = [
        Waiting(float(place), number, ORDINARY, came=None if chance.random() < 0.3 else float(place))
        for number, place in enumerate(places, 1)
    ]
    windows = [Window(ALL_DAY, frozenset({each % 3, (each + 1) % 3})) for each in range(20)]
    day = day_of(people, *windows, service=420, of=[int(each) for each in chance.integers(0, 3, n)])
    told = previewing.figures(day, previewing.simulate(day, USUAL), USUAL)
    assert told.served > 1000
