"""The forecaster: watches halls, says how long it takes, and learns by night from how long it took.

Models are fitted anew from the examples of the last days, so these, not the models, are what it keeps and restores.
"""

import io
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.learning.happenings import Happening
from dispatch.waits.fitted.boosting import Boosted, Spread, Table, logs, waits
from dispatch.waits.fitted.calibrating import Calibration, Range
from dispatch.waits.fitted.features import AT, Sights, relative
from dispatch.waits.fitted.habits import FEW_S, KEPT_DAYS, Habits, Numbers, Places, Rates, by_place
from dispatch.waits.fitted.watching import Watcher
from dispatch.waits.forecast import BOOSTED, LONGEST_S, Forecast, Unknown
from dispatch.waits.racing import Question

ENOUGH = 300
"""Examples, of at least two days, below which nothing is fitted."""
EXAMPLES_A_DAY = 8_000
MEAN_SHARE = 0.5
"""How much of the point is the mean, the rest the median: it shall be near in the middle, and right in the sum."""
PLAIN_SPREAD = 0.9
"""How far a range reaches on the logarithmic scale before anything taught it better."""
REACHES_S = np.array([0.0, 2700.0, 5400.0])
"""Horizons up to these are calibrated together, and those beyond."""

NOBODY_SERVED = Unknown("nobody_served_yet")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, what was seen then, and the place of whoever joined last."""

    question: Question
    sight: list[float]
    queue: int
    hall: int
    place: int


@dataclass(frozen=True)
class Examples:
    """What was seen on a day, by whom it was asked, and the waits that came of it; (n, …)."""

    sights: Numbers
    queue: Places
    waits_s: Numbers


@dataclass(frozen=True)
class _Told:
    """What is foretold of many questions, before any range is calibrated; `fitted` by a model."""

    points: Numbers
    medians: Numbers
    ranges: Range
    fitted: bool


@dataclass
class _Learned:
    """All that outlives a day."""

    habits: Habits = field(default_factory=Habits)
    halls: dict[str, int] = field(default_factory=dict)
    examples: dict[bool, dict[date, Examples]] = field(default_factory=lambda: {False: {}, True: {}})
    """By whether they are about a later arrival, and by day."""
    calibrations: dict[tuple[bool, int], Calibration] = field(
        default_factory=lambda: defaultdict(Calibration)
    )
    """By whether a model foretold, and by reach."""


class Forecaster:
    """Ours among those that race; the same in live halls."""

    name = "tongban"

    def __init__(self, zone: ZoneInfo, seed: int = 0) -> None:
        self._zone, self._seed = zone, seed
        self._learned = _Learned()
        self._models: dict[bool, Boosted] = {}
        self._rates: Sequence[Rates] = ()
        self._stale = False
        self.begin_day(date.min.replace(year=1970))

    def begin_day(self, day: date) -> None:
        """A service day begins, for all halls."""
        self._day = day
        self._midnight = datetime.combine(day, time(0), self._zone).timestamp()
        self._watcher = Watcher()
        self._sights = Sights(self._watcher, self._midnight, day.weekday())
        self._asked: list[_Asked] = []

    def see(self, happening: Happening) -> None:
        """Be told what happened."""
        self._watcher.see(happening)

    def ask(self, question: Question) -> None:
        """Be asked; the answer rests on what was seen until now."""
        self._asked.append(self._noted(question))

    def answers(self) -> Sequence[Forecast | Unknown]:
        """What was asked since the day began, answered in the same order."""
        return self._answered(self._asked)

    def foretell(self, questions: Sequence[Question]) -> Sequence[Forecast | Unknown]:
        """Answer at once, and learn nothing from having been asked."""
        return self._answered([self._noted(question) for question in questions])

    def foretell_newcomers(self, questions: Sequence[Question]) -> Sequence[Forecast | Unknown]:
        """The same, where whoever is to join now has not taken a number yet: asked as if she just had."""
        noted = []
        for question in questions:
            if question.ahead_s > 0:
                noted.append(self._noted(question))
            else:
                with self._watcher.one_more(question.hall, question.queue, question.at):
                    noted.append(self._noted(question))
        return self._answered(noted)

    def end_day(self) -> None:
        """The day is over: learn from it."""
        came = [self._truth(asked) for asked in self._asked]
        known = [(asked, wait) for asked, wait in zip(self._asked, came, strict=True) if wait is not None]
        self._judge(known)
        self._learned.habits.learn(self._day, self._midnight, self._watcher)
        for later in (False, True):
            self._keep(later, [each for each in known if (each[0].question.ahead_s > 0) == later])
        self._asked = []
        self._stale = True

    def state(self) -> bytes:
        """All that was learned, to go on from elsewhere; numbers and names only."""
        learned, arrays = self._learned, dict[str, Any]()
        arrays["names"] = np.array(json.dumps([by_place(learned.habits.places), list(learned.halls)]))
        for day, sums in learned.habits.days.items():
            arrays[f"sums/{day}"] = sums
        for later, days in learned.examples.items():
            for day, examples in days.items():
                name = f"examples/{int(later)}/{day}"
                arrays[f"{name}/sights"] = examples.sights.astype(np.float32)
                arrays[f"{name}/queue"] = examples.queue
                arrays[f"{name}/waits"] = examples.waits_s
        for (fitted, reach), calibration in learned.calibrations.items():
            for name, array in calibration.arrays().items():
                arrays[f"calibration/{int(fitted)}/{reach}/{name}"] = array
        packed = io.BytesIO()
        np.savez_compressed(packed, **arrays)
        return packed.getvalue()

    def restore(self, state: bytes) -> None:
        """Go on from what was learned elsewhere; models are fitted when first asked."""
        with np.load(io.BytesIO(state), allow_pickle=False) as arrays:
            self._learned = _unpacked(arrays)
        self._stale = True

    def _noted(self, question: Question) -> _Asked:
        learned, key = self._learned, (question.hall, question.queue)
        queue = self._watcher.queue(*key)
        question = replace(question, at=self._watcher.not_before(question.hall, question.at))
        return _Asked(
            question=question,
            sight=self._sights.row(question),
            queue=learned.habits.place(key),
            hall=learned.halls.setdefault(question.hall, len(learned.halls)),
            place=len(queue.joined) - 1,
        )

    def _answered(self, asked: Sequence[_Asked]) -> Sequence[Forecast | Unknown]:
        self._refit()
        found: list[Forecast | Unknown] = [NOBODY_SERVED] * len(asked)
        for reach, places in self._answerable(asked).items():
            mine = [asked[place] for place in places]
            told = self._told(mine)
            ranges = self._calibration(told, reach).adjusted(told.medians, told.ranges, _halls(mine))
            method = BOOSTED if told.fitted else "usual_rate"
            points = np.clip(told.points, 0.0, LONGEST_S)
            lows = np.clip(ranges.low, 0.0, points)
            highs = np.clip(ranges.high, points, LONGEST_S)
            for place, point, low, high in zip(places, points, lows, highs, strict=True):
                found[place] = Forecast(float(point), float(low), float(high), method)
        return found

    def _answerable(self, asked: Sequence[_Asked]) -> Mapping[int, list[int]]:
        """The places of those to which anything can be said, by reach."""
        found: dict[int, list[int]] = defaultdict(list)
        for place, each in enumerate(asked):
            if self._rates or each.sight[AT["hall_calls_day"]] > 0:
                found[int(np.searchsorted(REACHES_S, each.question.ahead_s))].append(place)
        return found

    def _told(self, asked: Sequence[_Asked]) -> _Told:
        """All about now, or all about later arrivals."""
        sights = np.array([each.sight for each in asked])
        queue = np.array([each.queue for each in asked], dtype=np.intp)
        model = self._models.get(asked[0].question.ahead_s > 0)
        if model is None or not self._rates:
            return _plain(sights, queue, self._rates[0] if self._rates else None)
        spread = model.foretell([Table(*relative(sights, queue, rates)) for rates in self._rates])
        return _Told(_point(spread, sights), spread.median, Range(spread.low, spread.high), fitted=True)

    def _calibration(self, told: _Told, reach: int) -> Calibration:
        return self._learned.calibrations[told.fitted, reach]

    def _refit(self) -> None:
        """The queues known grow by day, so that what is usual is reckoned anew for those of today."""
        known = len(self._rates[0].calls) if self._rates else 0
        if self._stale or known < len(self._learned.habits.places):
            self._rates = self._learned.habits.rates()
        if not self._stale:
            return
        self._stale = False
        self._models = {}
        for later, days in self._learned.examples.items():
            if len(days) > 1 and sum(len(each.waits_s) for each in days.values()) >= ENOUGH:
                tables = zip(*(self._tables(day, each) for day, each in days.items()), strict=True)
                came = np.concatenate([each.waits_s for each in days.values()])
                self._models[later] = Boosted([_joined(each) for each in tables], came, self._seed)

    def _tables(self, day: date, examples: Examples) -> Sequence[Table]:
        """Examples of a day as they look by what the other days tell, by reading."""
        return [
            Table(*relative(examples.sights, examples.queue, rates))
            for rates in self._learned.habits.rates(but=day)
        ]

    def _truth(self, asked: _Asked) -> float | None:
        question = asked.question
        queue = self._watcher.queue(question.hall, question.queue)
        if question.ahead_s > 0:
            return queue.last_wait_at(question.at + question.ahead_s)
        return queue.wait(asked.place) if asked.place >= 0 else None

    def _judge(self, known: Sequence[tuple[_Asked, float]]) -> None:
        """Let ranges learn from how they fared."""
        self._refit()
        for reach, places in self._answerable([asked for asked, _ in known]).items():
            mine = [known[place][0] for place in places]
            came = np.array([known[place][1] for place in places])
            told = self._told(mine)
            self._calibration(told, reach).learn(told.medians, told.ranges, _halls(mine), came)

    def _keep(self, later: bool, known: Sequence[tuple[_Asked, float]]) -> None:
        """Keep examples of the day, not too many; a day that habits know nothing of has none."""
        days = self._learned.examples[later]
        if not known or self._day not in self._learned.habits.days:
            return
        if len(known) > EXAMPLES_A_DAY:
            chance = np.random.default_rng([self._seed, self._day.toordinal()])
            some = np.sort(chance.choice(len(known), EXAMPLES_A_DAY, replace=False))
            known = [known[place] for place in some]
        days[self._day] = Examples(
            np.array([asked.sight for asked, _ in known], dtype=np.float32),
            np.array([asked.queue for asked, _ in known], dtype=np.intp),
            np.array([wait for _, wait in known]),
        )
        for old in sorted(days)[:-KEPT_DAYS]:
            del days[old]


def _joined(tables: Sequence[Table]) -> Table:
    """The tables of several days as one."""
    return Table(
        np.concatenate([each.features for each in tables]), np.concatenate([each.base_s for each in tables])
    )


def _point(spread: Spread, sights: Numbers) -> Numbers:
    """The one number that is said: for a later arrival the median, since often nobody waits then."""
    share = np.where(sights[:, AT["ahead_s"]] > 0, 0.0, MEAN_SHARE)
    found: Numbers = share * spread.mean + (1 - share) * spread.median
    return found


def _plain(sights: Numbers, queue: Places, rates: Rates | None) -> _Told:
    """Without a model: as fast as usual, or as the hall is called today, and more and more as the queue itself is."""
    seen = {name: sights[:, place] for name, place in AT.items()}
    if rates is None:
        usual = np.maximum(seen["hall_calls_day"], 1.0) / np.maximum(seen["hall_busy_day"], FEW_S)
    else:
        usual = rates.calls[queue]
    rate = (seen["calls_day"] + FEW_S * usual) / (seen["busy_day"] + FEW_S)
    points = np.where(seen["ahead_s"] > 0, seen["waiting"], seen["ahead"] + 1) / rate
    ends = Range(waits(logs(points) - PLAIN_SPREAD), waits(logs(points) + PLAIN_SPREAD))
    return _Told(points, points, ends, fitted=False)


def _halls(asked: Sequence[_Asked]) -> Places:
    return np.array([each.hall for each in asked], dtype=np.intp)


def _unpacked(arrays: Mapping[str, Any]) -> _Learned:
    learned = _Learned()
    queues, halls = json.loads(str(arrays["names"]))
    for hall, queue in queues:
        learned.habits.place((hall, queue))
    learned.halls.update({hall: place for place, hall in enumerate(halls)})
    for name in arrays:
        match name.split("/"):
            case ["sums", day]:
                learned.habits.days[date.fromisoformat(day)] = arrays[name]
            case ["examples", later, day, "sights"]:
                mine = name.removesuffix("sights")
                learned.examples[later == "1"][date.fromisoformat(day)] = Examples(
                    arrays[name], arrays[f"{mine}queue"], arrays[f"{mine}waits"]
                )
            case ["calibration", fitted, reach, "aims"]:
                mine = name.removesuffix("aims")
                kept = {each.removeprefix(mine): arrays[each] for each in arrays if each.startswith(mine)}
                learned.calibrations[fitted == "1", int(reach)] = Calibration.of(kept)
    return learned
