"""What the learned references share: states as examples, one model for each horizon, fitted on all earlier days."""

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from dispatch.waits.forecast import LONGEST_S, Forecast, Unknown
from dispatch.waits.racing import Question
from dispatch.waits.references.ranges import KEPT_DAYS, Numbers, RatioRanges
from dispatch.waits.references.reference import NOT_LEARNED, Reference
from dispatch.waits.references.states import States

Places = NDArray[np.intp]
Model = TypeVar("Model")
ENOUGH = 200
"""Examples below which nothing is fitted."""
EVERY_DAYS = 2
"""A model of two days and more is fitted anew when so many days were added."""


@dataclass(frozen=True)
class Examples:
    """The states of one day at one horizon, and the waits that came of them."""

    states: Numbers
    waits: Numbers


@dataclass(frozen=True)
class Answers:
    """Points and ranges for many states, in seconds."""

    points: Numbers
    lows: Numbers
    highs: Numbers


class Learned(Reference, Generic[Model]):
    """Fitted before the first answer of a day, on whole earlier days only."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__(zone)
        self._states = States()
        self._rows: list[list[float]] = []
        self._examples: dict[float, list[Examples]] = defaultdict(list)
        self._models: dict[float, Model] = {}
        self._added: dict[float, int] = defaultdict(int)
        """So many days since a model was fitted."""

    @abstractmethod
    def fit(self, days: Sequence[Examples]) -> Model:
        """A model of one horizon."""

    @abstractmethod
    def foretell(self, ahead_s: float, model: Model, states: Numbers) -> Answers:
        """Its answers."""

    def judge(self, ahead_s: float, told: Answers, waits: Numbers) -> None:
        """Be told how the day's answers of one horizon fared."""

    def begin_day(self, day: date) -> None:
        """A service day begins, for all halls."""
        super().begin_day(day)
        self._states.begin_day(day, self._midnight)
        self._rows = []

    def ask(self, question: Question) -> None:
        """Be asked; the answer rests on what was seen until now."""
        self._rows.append(self._states.row(self.day, self.note(question)))

    def answers(self) -> Sequence[Forecast | Unknown]:
        """What was asked since the day began, answered in the same order."""
        found: list[Forecast | Unknown] = [NOT_LEARNED] * len(self.asked)
        for ahead_s, places in self.horizons(np.ones(len(self.asked), dtype=bool)).items():
            told = self._foretell(ahead_s, places)
            if told is not None:
                for place, point, low, high in zip(places, told.points, told.lows, told.highs, strict=True):
                    found[place] = Forecast(float(point), float(low), float(high), self.name)
        return found

    def end_day(self) -> None:
        """The day is over: learn from it."""
        waits = self.truths()
        known = self.horizons(np.isfinite(waits))
        for ahead_s, places in known.items():
            told = self._foretell(ahead_s, places)
            if told is not None:
                self.judge(ahead_s, told, waits[places])
        for ahead_s, places in known.items():
            self._keep(ahead_s, Examples(self._of(places), waits[places]))
        self._states.learn(self.day)

    def _keep(self, ahead_s: float, examples: Examples) -> None:
        days = self._examples[ahead_s]
        days.append(examples)
        del days[:-KEPT_DAYS]
        self._added[ahead_s] += 1

    def _foretell(self, ahead_s: float, places: Places) -> Answers | None:
        self._refit()
        model = self._models.get(ahead_s)
        if model is None:
            return None
        told = self.foretell(ahead_s, model, self._of(places))
        points = np.clip(told.points, 0.0, LONGEST_S)
        lows, highs = np.clip(told.lows, 0.0, points), np.clip(told.highs, points, LONGEST_S)
        return Answers(points, lows, highs)

    def _of(self, places: Places) -> Numbers:
        return np.array([self._rows[place] for place in places], dtype=float)

    def _refit(self) -> None:
        for ahead_s, days in self._examples.items():
            added = self._added[ahead_s]
            due = added >= EVERY_DAYS or (added and len(days) - added < EVERY_DAYS)
            if due and sum(len(day.waits) for day in days) >= ENOUGH:
                self._models[ahead_s] = self.fit(days)
                self._added[ahead_s] = 0


class LearnedPoint(Learned[Model]):
    """A model of the point alone; its range comes from the ratios of earlier days, as a rule's does."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__(zone)
        self._ranges: dict[float, RatioRanges] = defaultdict(RatioRanges)

    @abstractmethod
    def points(self, model: Model, states: Numbers) -> Numbers:
        """Its points, in seconds; one below 0 counts as 0."""

    def foretell(self, ahead_s: float, model: Model, states: Numbers) -> Answers:
        """Its answers."""
        points = np.maximum(self.points(model, states), 0.0)
        return Answers(points, *self._ranges[ahead_s].around(points))

    def judge(self, ahead_s: float, told: Answers, waits: Numbers) -> None:
        """Be told how the day's answers of one horizon fared."""
        self._ranges[ahead_s].learn(told.points, waits)


def together(days: Sequence[Examples]) -> Examples:
    """All days as one."""
    return Examples(np.concatenate([day.states for day in days]), np.concatenate([day.waits for day in days]))
