"""What is asked when, and what counts as the truth."""

from collections.abc import Sequence
from datetime import date

import pytest

from dispatch.learning.happenings import Happening
from dispatch.waits.forecast import Forecast, Unknown
from dispatch.waits.racing import Question
from dispatch.wiring.backtesting.days import days
from dispatch.wiring.backtesting.racers import Racer
from dispatch.wiring.backtesting.walking import Answered, Walk
from dispatch.wiring.ticket_logs.judging import Line
from tests.wiring.backtesting.small_logs import ZONE, line


class Counting:
    """Foretells how many happenings it has seen today, in seconds."""

    name = "counting"

    def __init__(self) -> None:
        self.seen, self.told, self.diary = 0, list[float](), list[str]()

    def begin_day(self, day: date) -> None:
        self.seen, self.told = 0, []
        self.diary.append(f"begin {day}")

    def see(self, happening: Happening) -> None:
        self.seen += 1

    def ask(self, question: Question) -> None:
        self.told.append(self.seen)

    def answers(self) -> Sequence[Forecast | Unknown]:
        self.diary.append("answer")
        return [Forecast(each, each, each, self.name) for each in self.told]

    def end_day(self) -> None:
        self.diary.append("end")


def walked(lines: Sequence[Line], *, ahead: Sequence[int] = (0,), train_days: int = 0) -> list[Answered]:
    heard: list[Answered] = []
    walk = Walk([Racer(Counting())], ahead, train_days, heard.append)
    walk.through(days(lines, [], ZONE))
    return heard


def truths(answered: Sequence[Answered]) -> list[tuple[int, int, float]]:
    return [(each.line.number, each.ahead_min, each.truth_s / 60) for each in answered]


def test_each_is_asked_about_right_after_she_took_her_number() -> None:
    heard = walked([line(2, 0, 5), line(3, 1, 7), line(4, 6, 9)])
    points = [each.answer.point_s for each in heard if isinstance(each.answer, Forecast)]
    assert points == [1, 2, 4]
    assert truths(heard) == [(2, 0, 5), (3, 0, 6), (4, 0, 3)]


def test_neither_score_0_nor_who_was_never_called_is_scored() -> None:
    assert truths(walked([line(2, 0, 5, score=False), line(3, 1), line(4, 2, 4)])) == [(4, 0, 2)]


def test_a_later_arrival_would_have_waited_as_long_as_the_last_in_line() -> None:
    lines = [line(2, 0, 40), line(3, 20, 50), line(4, 55, 56), line(5, 70, 71)]
    assert truths(walked(lines, ahead=(30, 60))) == [
        (2, 30, 30),  # at 30 the last in line is the one who came at 20 and was called at 50
        (2, 60, 0),  # at 60 nobody stands there
        (3, 30, 0),
    ]  # after 70 nobody took a number any more: the queue had closed


def test_who_left_without_being_called_is_passed_over() -> None:
    lines = [line(2, 0, 40), line(3, 10), line(4, 60, 61)]
    assert truths(walked(lines, ahead=(30,))) == [(2, 30, 40)]


def test_the_first_days_with_tickets_are_learned_from_and_not_scored() -> None:
    lines = [line(number, 0, 5, day=number) for number in (2, 3, 6)]
    assert truths(walked(lines, train_days=1)) == [(3, 0, 5), (6, 0, 5)]
    assert truths(walked(lines, train_days=3)) == []


def test_only_long_lines_are_scored_where_that_is_asked() -> None:
    heard: list[Answered] = []
    walk = Walk([Racer(Counting())], [0], 0, heard.append, least_ahead=2)
    walk.through(days([line(2, 0, 9), line(3, 1, 10), line(4, 2, 11), line(5, 10.5, 12)], [], ZONE))
    assert [(each.line.number, each.people_ahead) for each in heard] == [(4, 2)]


def test_a_day_is_begun_answered_and_ended_in_this_order() -> None:
    counting = Counting()
    walk = Walk([Racer(counting)], [0], 0, lambda _: None)
    walk.through(days([line(2, 0, 5), line(3, 0, 5, day=1)], [], ZONE))
    assert counting.diary == ["begin 2024-03-04", "answer", "end", "begin 2024-03-05", "answer", "end"]


@pytest.mark.parametrize(("now", "later"), [(True, False), (False, True)])
def test_nobody_is_asked_what_she_has_nothing_to_say_of(now: bool, later: bool) -> None:
    walk = Walk([Racer(Counting(), now=now, later=later)], [0, 30], 0, lambda _: None)
    walk.through(days([line(2, 0, 5), line(3, 40, 45)], [], ZONE))
    assert {ahead: score.figures()["n"] for (_, ahead), score in walk.scores.items()} == (
        {0: 2} if now else {30: 1}
    )
