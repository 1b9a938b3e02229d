"""Days that no office should have: whatever the log says, an answer is finite and in order, or unknown and why."""

from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.waits.forecast import Forecast
from dispatch.wiring.backtesting.days import days
from dispatch.wiring.backtesting.racers import racers
from dispatch.wiring.backtesting.walking import Answered, Walk
from dispatch.wiring.backtesting.windows import WindowCount
from dispatch.wiring.ticket_logs.judging import Line
from tests.wiring.backtesting.small_logs import ZONE, busy_days, line, moment

USUAL = busy_days(2, 20, seed=1)


def raced(lines: list[Line], counts: list[WindowCount] | None = None) -> tuple[list[Answered], Walk]:
    heard: list[Answered] = []
    walk = Walk(racers(ZONE, seed=0), [0, 30], 0, heard.append)
    walk.through(days(lines, counts or [], ZONE))
    for each in heard:
        if isinstance(each.answer, Forecast):
            told = (each.answer.low_s, each.answer.point_s, each.answer.high_s)
            assert all(map(isfinite, told)), each
            assert 0 <= told[0] <= told[1] <= told[2], each
        else:
            assert each.answer.because
    return heard, walk


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


@settings(deadline=None, max_examples=25)
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
