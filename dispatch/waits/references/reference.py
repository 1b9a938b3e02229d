"""What all references share: they keep the day, note what they were asked, and learn from it by night."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from math import nan
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from dispatch.learning.happenings import Happening
from dispatch.waits.forecast import LONGEST_S, Forecast, Unknown
from dispatch.waits.queue_days import Day
from dispatch.waits.racing import Question
from dispatch.waits.references.ranges import Numbers, RatioRanges

NOT_LEARNED = Unknown("not_learned_yet")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the place of whoever joined last when it was asked; below 0 where nobody had."""

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
        self.note(question)

    def note(self, question: Question) -> Question:
        """Keep what was asked for the evening; a moment before the hall's last happening counts as that one."""
        at = self.day.not_before(question.hall, question.at)
        if at > question.at:
            question = replace(question, at=at)
        queue = self.day.queue(question.hall, question.queue)
        self.asked.append(Asked(question, len(queue.joined) - 1))
        return question

    @abstractmethod
    def answers(self) -> Sequence[Forecast | Unknown]:
        """What was asked since the day began, answered in the same order."""

    @abstractmethod
    def end_day(self) -> None:
        """The day is over: learn from it."""

    def truths(self) -> Numbers:
        """(asked,) what came of each question of the day; a nan where that is not known."""
        return np.array([truth(self.day, asked) for asked in self.asked], dtype=float)

    def horizons(self, among: NDArray[np.bool_]) -> dict[float, NDArray[np.intp]]:
        """The places of the questions of each horizon, of those that are marked."""
        ahead_s = np.array([asked.question.ahead_s for asked in self.asked])
        return {float(each): np.flatnonzero(among & (ahead_s == each)) for each in np.unique(ahead_s[among])}


class Rule(Reference):
    """A reference whose point is computed at once; its range comes from how it fared on earlier days."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__(zone)
        self._points: list[float] = []
        self._ranges: dict[float, RatioRanges] = defaultdict(RatioRanges)

    @abstractmethod
    def point(self, question: Question) -> float | None:
        """The wait in seconds, from what was seen until now; None while nothing was learned to tell it by."""

    def learn(self) -> None:
        """Learn from the day, besides the range."""

    def begin_day(self, day: date) -> None:
        """A service day begins, for all halls."""
        super().begin_day(day)
        self._points = []

    def ask(self, question: Question) -> None:
        """Be asked; the answer rests on what was seen until now."""
        point = self.point(self.note(question))
        self._points.append(nan if point is None else min(LONGEST_S, max(0.0, point)))

    def answers(self) -> Sequence[Forecast | Unknown]:
        """What was asked since the day began, answered in the same order."""
        found: list[Forecast | Unknown] = [NOT_LEARNED] * len(self.asked)
        points = np.array(self._points)
        for ahead_s, places in self.horizons(np.isfinite(points)).items():
            lows, highs = self._ranges[ahead_s].around(points[places])
            for place, low, high in zip(places, lows.tolist(), highs.tolist(), strict=True):
                found[place] = Forecast(self._points[place], low, high, self.name)
        return found

    def end_day(self) -> None:
        """The day is over: learn from it."""
        points = np.array(self._points)
        came = self.truths()
        for ahead_s, places in self.horizons(np.isfinite(points) & np.isfinite(came)).items():
            self._ranges[ahead_s].learn(points[places], came[places])
        self.learn()


def truth(day: Day, asked: Asked) -> float | None:
    """The wait of who joined last when it was asked; for a later arrival, of who is last in line then."""
    question = asked.question
    queue = day.queue(question.hall, question.queue)
    if question.ahead_s:
        return queue.last_wait_at(question.at + question.ahead_s)
    return queue.wait(asked.place) if asked.place >= 0 else None
