"""What all references share: they keep the day, note what they were asked, and learn from it by night."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from dispatch.learning.happenings import Happening
from dispatch.waits.forecast import LONGEST_S, Forecast, Unknown
from dispatch.waits.racing import Question
from dispatch.waits.queue_days import Day
from dispatch.waits.references.ranges import RatioRanges

NOT_LEARNED = Unknown("not_learned_yet")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the place of whoever joined last when it was asked."""

    question: Question
    place: int


class Reference(ABC):
    """A predictor that other predictors are measured against."""

    name: str

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._midnight = 0.0
        self.day = Day()
        self.asked: list[Asked] = []

    def begin_day(self, day: date) -> None:
        """A service day begins, for all halls."""
        self._midnight = datetime.combine(day, time(0), self._zone).timestamp()
        self.day = Day()
        self.asked = []

    def see(self, happening: Happening) -> None:
        """Be told what happened."""
        self.day.see(happening)

    def ask(self, question: Question) -> None:
        """Be asked; the answer rests on what was seen until now."""
        queue = self.day.queue(question.hall, question.queue)
        self.asked.append(Asked(question, len(queue.joined) - 1))

    @abstractmethod
    def answers(self) -> Sequence[Forecast | Unknown]:
        """What was asked since the day began, answered in the same order."""

    @abstractmethod
    def end_day(self) -> None:
        """The day is over: learn from it."""

    def truths(self) -> Iterator[float | None]:
        """What came of each question of the day; None where that is not known."""
        for asked in self.asked:
            yield truth(self.day, asked)


class Rule(Reference):
    """A reference whose point is computed at once; its range comes from how it fared on earlier days."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__(zone)
        self._points: list[float | Unknown] = []
        self._ranges: dict[float, RatioRanges] = {}

    @abstractmethod
    def point(self, question: Question) -> float | Unknown:
        """The wait in seconds, from what was seen until now."""

    def learn(self) -> None:
        """Learn from the day, besides the range."""

    def begin_day(self, day: date) -> None:
        """A service day begins, for all halls."""
        super().begin_day(day)
        self._points = []

    def ask(self, question: Question) -> None:
        """Be asked; the answer rests on what was seen until now."""
        super().ask(question)
        point = self.point(question)
        self._points.append(point if isinstance(point, Unknown) else min(LONGEST_S, max(0.0, point)))

    def answers(self) -> Sequence[Forecast | Unknown]:
        """What was asked since the day began, answered in the same order."""
        return [
            point if isinstance(point, Unknown) else self._forecast(asked.question, point)
            for asked, point in zip(self.asked, self._points, strict=True)
        ]

    def end_day(self) -> None:
        """The day is over: learn from it."""
        pairs: dict[float, list[tuple[float, float]]] = {}
        for asked, point, came in zip(self.asked, self._points, self.truths(), strict=True):
            if came is not None and not isinstance(point, Unknown):
                pairs.setdefault(asked.question.ahead_s, []).append((point, came))
        for ahead_s, found in pairs.items():
            self._ranges.setdefault(ahead_s, RatioRanges()).learn(found)
        self.learn()

    def _forecast(self, question: Question, point: float) -> Forecast:
        ranges = self._ranges.get(question.ahead_s)
        low, high = ranges.around(point) if ranges else (point, point)
        return Forecast(point, low, high, self.name)


def truth(day: Day, asked: Asked) -> float | None:
    """The wait of who joined last when it was asked; for a later arrival, of who is last in line then."""
    question = asked.question
    queue = day.queue(question.hall, question.queue)
    if question.ahead_s:
        return queue.last_wait_at(question.at + question.ahead_s)
    return queue.wait(asked.place)
