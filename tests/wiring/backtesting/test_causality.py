"""An answer rests on what was known when it was asked: another future changes no answer before it, of any predictor."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.waits.forecast import Forecast, Unknown
from dispatch.waits.racing import Question
from dispatch.wiring.backtesting.days import ServiceDay, days
from dispatch.wiring.backtesting.racers import Racer, racers
from dispatch.wiring.ticket_logs.judging import Line
from tests.wiring.backtesting.small_logs import ZONE, busy_days, fit_small_days, moment

Key: TypeAlias = tuple[str, datetime, int, int]
"""A predictor, when it was asked, about which line, and about how many minutes later."""
Answers: TypeAlias = dict[Key, Forecast | Unknown]
LAST = 3
LINES = busy_days(LAST + 1, 30, seed=7)


@pytest.fixture(autouse=True, scope="module")
def few_are_enough() -> Iterator[None]:
    """So that there are models whose causality is tried."""
    with pytest.MonkeyPatch.context() as patch:
        fit_small_days(patch)
        yield


@cache
def usual() -> Answers:
    """What everybody says as the log stands."""
    return answers(LINES)


def answers(lines: Sequence[Line], *, at_once: bool = False) -> Answers:
    """All that is answered, computed by night, or on the last day also after each question."""
    field = racers(ZONE, seed=3)
    walked = list(days(lines, [], ZONE))
    return {
        key: answer
        for number, day in enumerate(walked)
        for racer in field
        for key, answer in _of(racer, day, at_once=at_once and number == LAST)
    }


def _of(racer: Racer, day: ServiceDay, *, at_once: bool) -> list[tuple[Key, Forecast | Unknown]]:
    predictor, asked = racer.predictor, []
    predictor.begin_day(day.date)
    for step in day.steps:
        predictor.see(step.happening)
        for ahead in (0, 30):
            if step.line is not None and racer.answers(ahead):
                queue = step.line.queue
                predictor.ask(Question(step.happening.at, step.line.hall, queue, ahead_s=60.0 * ahead))
                asked.append((predictor.name, step.line.issued_at, step.line.number, ahead))
        if at_once:
            predictor.answers()
    found = list(zip(asked, predictor.answers(), strict=True))
    predictor.end_day()
    return found


@st.composite
def another_future(draw: st.DrawFn) -> tuple[datetime, list[Line]]:
    """A moment of the last two days, and the log with all that happens after it changed by chance."""
    now = draw(st.sampled_from([each.issued_at for each in LINES if each.issued_at >= moment(0, LAST - 1)]))
    kept = [_otherwise(draw, each, now) for each in LINES if each.issued_at <= now or draw(st.booleans())]
    later = [now + timedelta(seconds=seconds) for seconds in draw(st.lists(st.integers(1, 900)))]
    newcomers = [
        replace(LINES[0], number=9000 + n, issued_at=at, called_at=at + timedelta(minutes=3))
        for n, at in enumerate(later)
    ]
    return now, kept + newcomers


def _otherwise(draw: st.DrawFn, line: Line, now: datetime) -> Line:
    """Whoever was called by then was; anybody else is called at another time, or never."""
    if line.called_at is not None and line.called_at <= now:
        return line
    wait = draw(st.none() | st.integers(1, 7200))
    since = max(line.issued_at, now)
    return replace(line, called_at=None if wait is None else since + timedelta(seconds=wait))


@settings(deadline=None, max_examples=4)
@given(changed=another_future())
def test_another_future_changes_no_earlier_answer(changed: tuple[datetime, list[Line]]) -> None:
    now, lines = changed
    found = answers(lines)
    before = [key for key in usual() if key[1] <= now]
    assert {key[0] for key in before} == {racer.predictor.name for racer in racers(ZONE, seed=3)}
    assert [key for key in before if found[key] != usual()[key]] == []


def test_another_past_changes_what_each_says() -> None:
    """Else the test above could not fail."""
    slower = [
        replace(line, called_at=line.called_at + timedelta(minutes=20))
        for line in LINES
        if line.called_at is not None
    ]
    found = answers(slower)
    last_day = [key for key in usual() if key[1] >= moment(0, LAST)]
    differing = {key[0] for key in last_day if usual()[key] != found[key]}
    assert differing == {key[0] for key in last_day}
    assert {key[0] for key in last_day if isinstance(usual()[key], Forecast)} == differing


def test_answers_by_night_are_those_given_at_once() -> None:
    found = answers(LINES, at_once=True)
    assert [key for key in found if found[key] != usual()[key]] == []
