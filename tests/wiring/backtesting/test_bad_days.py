"""Days that no office should have: whatever the log says, an answer is finite and in order, or unknown and why."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.learning.happenings import Happening, Kind
from dispatch.waits.forecast import Forecast, Unknown
from dispatch.waits.racing import Question
from dispatch.wiring.backtesting.days import days
from dispatch.wiring.backtesting.racers import Racer, racers
from dispatch.wiring.backtesting.walking import Answered, Walk
from dispatch.wiring.backtesting.windows import WindowCount
from dispatch.wiring.ticket_logs.judging import Line
from tests.wiring.backtesting.small_logs import ZONE, busy_days, fit_small_days, line, moment

USUAL = busy_days(2, 20, seed=1)


def raced(lines: list[Line], counts: list[WindowCount] | None = None) -> tuple[list[Answered], Walk]:
    heard: list[Answered] = []
    walk = Walk(racers(ZONE, seed=0), [0, 30], 0, heard.append)
    walk.through(days(lines, counts or [], ZONE))
    for each in heard:
        assert_sound(each.predictor, each.answer)
    return heard, walk


def assert_sound(predictor: str, answer: Forecast | Unknown) -> None:
    if isinstance(answer, Forecast):
        told = (answer.low_s, answer.point_s, answer.high_s)
        assert all(map(isfinite, told)), (predictor, answer)
        assert 0 <= told[0] <= told[1] <= told[2], (predictor, answer)
    else:
        assert answer.because


@pytest.mark.parametrize(
    "lines",
    [
        [
            line(900, 0, 9 * 60, day=40),
            line(901, 1, 2, day=40),
        ],  # a gap of weeks, then the later number first
        [line(900 + n, 5, 5, day=2) for n in range(9)],  # everybody at one moment, nobody waits
        [line(900, 14 * 60 + 59, 14 * 60 + 59.9, day=2), line(901, -9 * 60, 0, day=2)],  # the ends of a day
        [line(900 + n, n, None, day=2) for n in range(9)] + [line(950, 20, 21, day=2)],  # closed early
        [line(900 + n, n, n + 1, day=2, queue="new", hall="village") for n in range(9)],  # never seen before
    ],
    ids=["gap", "one moment", "midnight", "closed early", "new hall"],
)
def test_strange_days_after_usual_ones(lines: list[Line]) -> None:
    raced([*USUAL, *lines, line(990, 0, 3, day=41), line(991, 1, 5, day=41)])


def test_a_day_without_tickets_teaches_nothing_and_hurts_nothing() -> None:
    empty = WindowCount("town", "A", moment(0, day=2), 3)
    raced([*USUAL, *(line(900 + n, n, n + 4, day=3) for n in range(5))], [empty])


def test_a_queue_that_nobody_served_is_unknown_and_counted() -> None:
    """Called at its very end only: until then nothing was known of it but that people wait."""
    lines = [line(2 + n, n, 400, day=0) for n in range(4)]
    heard, walk = raced(lines)
    means = [each for each in heard if each.predictor == "mean_so_far"]
    assert [each.answer for each in means if isinstance(each.answer, Forecast)] == []
    figures = walk.scores["mean_so_far", 0].figures()
    assert (figures["n"], figures["unknown"], figures["mae_s"]) == (0, 4, None)


@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_any_log_is_walked_through(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 25))
    lines = []
    for number in range(2, count + 2):
        day, issued = data.draw(st.integers(0, 4)), data.draw(st.integers(-500, 800))
        wait = data.draw(st.none() | st.integers(0, 60))
        called = None if wait is None else issued + wait
        lines.append(line(number, issued, called, day=day, queue=data.draw(st.sampled_from("AB"))))
    counts = [
        WindowCount("town", "A", moment(data.draw(st.integers(0, 600)), day), open)
        for day, open in data.draw(st.dictionaries(st.integers(0, 5), st.integers(0, 3))).items()
    ]
    raced(lines, counts)


QUEUES = ("A", "B", "C")
DAMAGED = st.builds(
    Happening,
    at=st.integers(-7200, 36_000).map(lambda second: moment(0).timestamp() + second),
    kind=st.sampled_from(Kind),
    hall=st.sampled_from(["town", "village"]),
    queue=st.sampled_from(QUEUES),
    ticket=st.sampled_from([f"ticket {number}" for number in range(6)]),
    window=st.sampled_from(["1", "2"]),
    queues=st.sampled_from([(), ("A",), ("A", "B")]),
    windows=st.integers(-3, 9),
)
"""Clocks that jump, calls of people nobody has seen, the same number twice, windows fewer than none."""


@settings(deadline=None, max_examples=15)
@given(told=st.lists(st.lists(DAMAGED, max_size=25), min_size=1, max_size=4))
def test_whoever_learns_from_damaged_days_answers_soundly(told: list[list[Happening]]) -> None:
    for racer in racers(ZONE, seed=0):
        for place, happenings in enumerate(told):
            assert_sound_on(racer, happenings, place)
            racer.predictor.end_day()


@cache
def taught() -> Sequence[Racer]:
    """Everybody after three days as they should be, with models fitted on them."""
    with pytest.MonkeyPatch.context() as patch:
        fit_small_days(patch)
        field = racers(ZONE, seed=0)
        Walk(field, [0, 30], 3, lambda _: None).through(days(busy_days(3, 40, seed=3), [], ZONE))
        for racer in field:
            assert_sound_on(racer, [], 4)
    return field


@settings(deadline=None, max_examples=25)
@given(told=st.lists(DAMAGED, max_size=25))
def test_whoever_learned_from_good_days_answers_soundly_on_damaged_ones(told: list[Happening]) -> None:
    for racer in taught():
        assert_sound_on(racer, told, 4)


def assert_sound_on(racer: Racer, happenings: Sequence[Happening], day: int) -> None:
    """Asked after everything that happens, of a queue that somebody has joined or nobody."""
    predictor = racer.predictor
    predictor.begin_day(moment(0, day).date())
    for number, happening in enumerate(happenings):
        at = happening.at + timedelta(days=day).total_seconds()
        predictor.see(replace(happening, at=at))
        for ahead_s in (0.0, 1800.0):
            if racer.answers(ahead_s):
                predictor.ask(Question(at, happening.hall, QUEUES[number % len(QUEUES)], ahead_s=ahead_s))
    for answer in predictor.answers():
        assert_sound(predictor.name, answer)
