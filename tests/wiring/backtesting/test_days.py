"""A ticket log as happenings: in the order of time, and nothing told before it happened."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.learning.happenings import Kind
from dispatch.wiring.backtesting.days import ServiceDay, days, ticket
from dispatch.wiring.backtesting.windows import WindowCount
from dispatch.wiring.ticket_logs.judging import Line
from tests.wiring.backtesting.small_logs import NINE, ZONE, line, moment


def told(day: ServiceDay) -> list[tuple[float, Kind, str]]:
    """Minutes after nine, what happened, and to which line."""
    return [
        (
            (step.happening.at - NINE.timestamp()) / 60,
            step.happening.kind,
            step.happening.ticket.removeprefix("log.csv:"),
        )
        for step in day.steps
    ]


def test_a_ticket_is_issued_called_and_finished() -> None:
    (day,) = days([line(2, 0, 5, finished_at=moment(9), window="3")], [], ZONE)
    assert told(day) == [(0, Kind.ISSUED, "2"), (5, Kind.CALLED, "2"), (9, Kind.FINISHED, "2")]
    assert [step.happening.window for step in day.steps] == ["", "3", "3"]


def test_who_is_never_called_leaves_at_midnight_which_nobody_knows_before() -> None:
    lines = [
        line(2, 0),
        line(3, 1, outcome="cancelled", finished_at=moment(4)),
        line(4, 2, outcome="expired"),
    ]
    (day,) = days(lines, [], ZONE)
    assert told(day)[3:] == [(4, Kind.LEFT, "3"), (15 * 60, Kind.LEFT, "2"), (15 * 60, Kind.LEFT, "4")]


def test_who_was_missed_is_missed_where_the_log_says_when() -> None:
    (day,) = days([line(2, 0, 5, finished_at=moment(6), outcome="missed")], [], ZONE)
    assert told(day)[-1] == (6, Kind.MISSED, "2")


def test_in_one_instant_windows_are_counted_before_anybody_is_issued_or_called() -> None:
    count = WindowCount("town", "A", moment(4), 3)
    lines = [line(2, 4, 4, finished_at=moment(4)), line(3, 0, 1, finished_at=moment(4)), line(4, 4, 6)]
    (day,) = days(lines, [count], ZONE)
    assert [(kind, number) for minute, kind, number in told(day) if minute == 4] == [
        (Kind.COUNTED, ""),
        (Kind.FINISHED, "3"),
        (Kind.ISSUED, "2"),
        (Kind.ISSUED, "4"),
        (Kind.CALLED, "2"),
        (Kind.FINISHED, "2"),
    ]


def test_days_come_in_order_and_a_day_of_windows_only_has_no_lines() -> None:
    count = WindowCount("town", "A", moment(0, day=1), 3)
    found = list(days([line(3, 0, day=2), line(2, 0, 1)], [count], ZONE))
    assert [(day.date, day.lines) for day in found] == [
        (date(2024, 3, 4), 1),
        (date(2024, 3, 5), 0),
        (date(2024, 3, 6), 1),
    ]


def test_only_lines_with_a_score_are_asked_about() -> None:
    (day,) = days([line(2, 0, 1, score=False), line(3, 0, 1)], [], ZONE)
    assert [step.line.number for step in day.steps if step.line] == [3]


@st.composite
def any_line(draw: st.DrawFn, number: int) -> Line:
    issued = draw(st.integers(0, 40))
    queue, day = draw(st.sampled_from("AB")), draw(st.integers(0, 2))
    if draw(st.booleans()):
        return line(number, issued, day=day, queue=queue)
    called = issued + draw(st.integers(0, 20))
    finished = draw(st.none() | st.integers(called, called + 9))
    end = None if finished is None else moment(finished, day)
    return line(number, issued, called, day=day, queue=queue, finished_at=end)


@settings(deadline=None)
@given(data=st.data(), count=st.integers(1, 15))
def test_time_never_runs_backwards_and_every_line_is_told_once(data: st.DataObject, count: int) -> None:
    lines = [data.draw(any_line(number)) for number in range(2, count + 2)]
    steps = [step for day in days(lines, [], ZONE) for step in day.steps]
    assert [step.happening.at for step in steps] == sorted(step.happening.at for step in steps)
    issued = [step.happening.ticket for step in steps if step.happening.kind is Kind.ISSUED]
    assert sorted(issued) == sorted(ticket(each) for each in lines)
    for each in lines:
        kinds = [step.happening.kind for step in steps if step.happening.ticket == ticket(each)]
        wanted = [Kind.ISSUED, Kind.CALLED if each.called_at else Kind.LEFT]
        assert kinds == wanted + [Kind.FINISHED] * (each.finished_at is not None)
