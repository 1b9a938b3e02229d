"""The walk through the days: happenings are told, questions asked, and by night answers are scored."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dispatch.waits.forecast import Forecast, Unknown
from dispatch.waits.queue_days import Day
from dispatch.waits.racing import Question
from dispatch.wiring.backtesting.days import ServiceDay
from dispatch.wiring.backtesting.racers import Racer
from dispatch.wiring.backtesting.scoring import Score
from dispatch.wiring.ticket_logs.judging import Line

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer of one predictor, and what came of it."""

    predictor: str
    line: Line
    people_ahead: int
    ahead_min: int
    answer: Forecast | Unknown
    truth_s: float


@dataclass(frozen=True, slots=True)
class _Asked:
    line: Line
    ahead_min: int
    place: int
    """Of the ticket in its queue's day."""
    people_ahead: int


Heard = Callable[[Answered], None]


class Walk:
    """All predictors walk through the same days."""

    def __init__(
        self,
        racers: Sequence[Racer],
        ahead_min: Sequence[int],
        train_days: int,
        heard: Heard,
        least_ahead: int = 0,
    ) -> None:
        self.scores = {
            (racer.predictor.name, ahead): Score()
            for ahead in ahead_min
            for racer in racers
            if racer.answers(ahead)
        }
        self._racers = racers
        self._ahead_min = ahead_min
        self._left_to_train = train_days
        self._heard = heard
        self._least_ahead = least_ahead

    def through(self, days: Iterable[ServiceDay]) -> None:
        """Walk; the first days with tickets are learned from and not scored, nor are tickets with few ahead."""
        for day in days:
            truth, asked = self._tell(day)
            came = [_truth(truth, each) for each in asked]
            for racer in self._racers:
                if self._left_to_train <= 0:
                    self._score(racer, asked, came)
                racer.predictor.end_day()
            self._left_to_train -= bool(day.lines)

    def _tell(self, day: ServiceDay) -> tuple[Day, list[_Asked]]:
        truth, asked = Day(), []
        for racer in self._racers:
            racer.predictor.begin_day(day.date)
        for step in day.steps:
            truth.see(step.happening)
            for racer in self._racers:
                racer.predictor.see(step.happening)
            if step.line is not None:
                queue = truth.queue(step.line.hall, step.line.queue)
                place, people = len(queue.joined) - 1, queue.ahead()
                asked += [_Asked(step.line, ahead, place, people) for ahead in self._ahead_min]
                self._ask(step.line, step.happening.at)
        return truth, asked

    def _ask(self, line: Line, at: float) -> None:
        for ahead in self._ahead_min:
            question = Question(at, line.hall, line.queue, line.item, ahead * MINUTE_S)
            for racer in self._racers:
                if racer.answers(ahead):
                    racer.predictor.ask(question)

    def _score(
        self,
        racer: Racer,
        asked: Sequence[_Asked],
        came: Sequence[float | None],
    ) -> None:
        name, answers = racer.predictor.name, iter(racer.predictor.answers())
        for each, truth in zip(asked, came, strict=True):
            if not racer.answers(each.ahead_min):
                continue
            answer = next(answers)
            if truth is not None and each.people_ahead >= self._least_ahead:
                self.scores[name, each.ahead_min].add(answer, truth)
                self._heard(Answered(name, each.line, each.people_ahead, each.ahead_min, answer, truth))


def _truth(day: Day, asked: _Asked) -> float | None:
    """Her own wait; for a later arrival, that of whoever stands last in line then (None once the queue has closed).

    A line that was never called is no question: nobody knows how long its person would have waited.
    """
    line = asked.line
    if line.called_at is None:
        return None
    queue = day.queue(line.hall, line.queue)
    if asked.ahead_min:
        return queue.last_wait_at(line.issued_at.timestamp() + asked.ahead_min * MINUTE_S)
    return queue.wait(asked.place)
