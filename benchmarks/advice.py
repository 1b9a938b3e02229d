"""What advice does to a city's waits: ours, by the rules that routes are made with, beside others', on made-up days.

Mean wait over all people, in units of that without any advice. "None to count" is ours without counting those under
way. The swing is the root of the strongest negative autocovariance of how far halls are from the city's mean wait: who
herds makes halls long and short in turns, and half a period later each is the other way round.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from benchmarks.advised_city import (
    DAWDLES_S,
    HALLS,
    HOUR,
    MINUTE,
    PROFILE,
    SERVICE_S,
    SIGMA,
    Advice,
    Cell,
    City,
    Day,
    Floats,
    Hall,
    Maker,
    city,
    play,
)
from dispatch.journeys import rules
from dispatch.journeys.beginning import AT_LEAST, PER_WINDOW
from dispatch.journeys.finding import Expected
from dispatch.journeys.rules import Prospect
from dispatch.journeys.ways import LEAVES_S, way
from dispatch.journeys.weighing import COMES

AGES = (0.0, 5.0, 15.0)
TRAVELS = ((4.0, 6.0), (16.0, 24.0), (32.0, 48.0), (5.0, 40.0))
COMPLIANCES = (0.1, 0.3, 0.5, 0.8, 1.0)
HALF = 0.4
"""What the mean wait shall come down to where half of the flexible do as advised."""
STEP_S = 5 * MINUTE
AHEAD = 16
"""Steps of a forecast."""
AGAIN = 1 + float(np.expm1(SIGMA**2))
"""The variance of the work that one person brings in the mean, in units of a service squared."""
SIDE = 1.645
LAGS = range(3, 25)
"""Samples between one side of a swing and the other: a quarter of an hour to two hours."""


class Nearest(Advice):
    """To the hall with the shortest way."""

    def __init__(self, made: City, halls: list[Hall], cell: Cell) -> None:
        self._travel_s = made.people.travel_s

    def choose(self, person: int, now: float) -> int:
        """The nearest."""
        return int(self._travel_s[person].argmin())


class ShortestNow(Advice):
    """To the hall with the fewest people for each window, as a public list of waits would show it."""

    def __init__(self, made: City, halls: list[Hall], cell: Cell) -> None:
        self._halls, self._age_s = halls, cell.age_min * MINUTE

    def choose(self, person: int, now: float) -> int:
        """The shortest shown."""
        seen = now - self._age_s
        return min(range(HALLS), key=lambda hall: self._halls[hall].in_line(seen) / self._halls[hall].windows)


@dataclass
class Journey:
    """Somebody who said that she goes."""

    hall: int
    begun: float
    expected: Expected
    until: float
    ended: float = np.inf


class Ours(Advice):
    """By forecasts for the arrival, with those under way counted, mixed among halls that cannot be told apart.

    The forecast is a plain fluid one: a line, a mean rate of arrivals, a mean service; it stands in for the city's own.
    """

    counts = True

    def __init__(self, made: City, halls: list[Hall], cell: Cell) -> None:
        self._halls, self._people, self._age_s = halls, made.people, cell.age_min * MINUTE
        self._windows = made.windows.astype(float)
        self._each_s = SERVICE_S / self._windows
        apart = cell.complies / 2 if self.counts else 0.0  # whoever is counted by name is no unknown arrival
        self._rate = made.learned * (1 - apart)
        self._journeys: list[Journey] = []
        self._of: dict[int, Journey] = {}
        rows = np.arange(len(made.people.home))
        self._later_s = DAWDLES_S + float(made.people.travel_s[rows, made.people.home].mean())
        self._seen, self._waits, self._spreads = 0.0, np.zeros((1, HALLS)), np.zeros((1, HALLS))

    def tick(self, now: float) -> None:
        """Foretell every hall, by what is known of it: (AHEAD + 1, HALLS) seconds of waiting, and their spread."""
        self._seen = seen = max(0.0, now - self._age_s)
        self._journeys = [each for each in self._journeys if min(each.ended, each.until) > seen]
        coming = self._coming(seen) if self.counts else np.zeros((AHEAD, HALLS))
        line = np.array([hall.in_line(seen) for hall in self._halls], dtype=float)
        busy = np.array([hall.served(seen) for hall in self._halls]) >= self._windows
        wait = line * self._each_s + np.where(busy, self._each_s / 2, 0.0)
        since = (seen - self._later_s + STEP_S * np.arange(AHEAD)) / HOUR
        hours = np.minimum(np.maximum(since.astype(int), 0), len(PROFILE) - 1)
        more = self._rate[:, hours].T * STEP_S + coming
        waits, lines = [wait], [line]
        for step in more:
            wait = np.maximum(wait + step * self._each_s - STEP_S, 0.0)
            line = np.where(wait > 0, line + step, 0.0)
            waits.append(wait)
            lines.append(line)
        self._waits = np.array(waits)
        self._spreads = self._each_s * np.sqrt(1.0 + np.array(lines) * AGAIN)

    def choose(self, person: int, now: float) -> int:
        """The first of the order that a route would have."""
        since: list[list[Expected]] = [[] for _ in range(HALLS)]
        for each in self._journeys if self.counts else ():
            if each.begun > self._seen and now < each.until:
                since[each.hall].append(each.expected)
        prospects = [self._prospect(person, hall, now, since[hall]) for hall in range(HALLS)]
        quickest = sorted(range(HALLS), key=lambda hall: prospects[hall].done_s)
        advised = rules.mixed([prospects[hall] for hall in quickest], float(self._people.draw[person]))
        return quickest[advised[0]]

    def accepted(self, person: int, hall: int, now: float) -> None:
        """Count her, unless too many are."""
        live = sum(1 for each in self._journeys if each.hall == hall and min(each.ended, each.until) > now)
        if live < max(AT_LEAST, PER_WINDOW * self._windows[hall]):
            hers = way(datetime.fromtimestamp(now, UTC), float(self._people.travel_s[person, hall]))
            expected = Expected(person, "", hers.arrives_at.timestamp(), hers.spread_s, COMES)
            self._of[person] = Journey(hall, now, expected, hers.until.timestamp())
            self._journeys.append(self._of[person])

    def joined(self, person: int, now: float) -> None:
        """She is in line, and under way no more."""
        if person in self._of:
            self._of[person].ended = now

    def _coming(self, seen: float) -> Floats:
        """(AHEAD, HALLS) people under way, by the step in which they are expected."""
        found = np.zeros((AHEAD, HALLS))
        for each in self._journeys:
            if each.begun <= seen:
                step = int(max(0.0, each.expected.at - seen) / STEP_S)
                if step < AHEAD:
                    found[step, each.hall] += each.expected.comes
        return found

    def _prospect(self, person: int, hall: int, now: float, since: Sequence[Expected]) -> Prospect:
        travel_s = LEAVES_S + float(self._people.travel_s[person, hall])
        at = min((now + travel_s - self._seen) / STEP_S, AHEAD - 0.001)
        step, share = int(at), at % 1
        wait = float((1 - share) * self._waits[step, hall] + share * self._waits[step + 1, hall])
        side = SIDE * float(self._spreads[step, hall])
        more = rules.more_s(since, now + travel_s, float(self._each_s[hall]))
        done = travel_s + wait + more + SERVICE_S
        return Prospect(done, done - min(side, wait), done + side)


class NoneToCount(Ours):
    """The same without those under way."""

    counts = False


MAKERS: dict[str, Maker] = {
    "nearest": Nearest,
    "shortest now": ShortestNow,
    "none to count": NoneToCount,
    "ours": Ours,
}


def measure(rounds: int) -> Sequence[Mapping[str, object]]:
    """A line for every cell, each over so many days."""
    cells = [Cell(age, travel, complies) for travel in TRAVELS for age in AGES for complies in COMPLIANCES]
    plain = {travel: _days(Cell(0.0, travel, 0.0), lambda *_: Advice(), rounds) for travel in TRAVELS}
    return [_row(cell, plain[cell.travel_min], rounds) for cell in cells]


def _days(cell: Cell, maker: Maker, rounds: int) -> list[Day]:
    return [play(city(seed, cell.travel_min), cell, maker) for seed in range(rounds)]


def _row(cell: Cell, plain: Sequence[Day], rounds: int) -> dict[str, object]:
    days = {name: _days(cell, maker, rounds) for name, maker in MAKERS.items()}
    none_s = _mean_s(plain)
    low, high = cell.travel_min
    goal = 1.0 if cell.complies != 0.5 else HALF
    return {
        "age_min": cell.age_min,
        "travel_min": f"{low:.0f}–{high:.0f}",
        "complies": cell.complies,
        "no_advice_min": round(none_s / MINUTE, 1),
        **{name: round(_mean_s(told) / none_s, 3) for name, told in days.items()},
        "goal": f"≤ {goal}",
        "swing: no advice": swing_min(plain),
        "shortest": swing_min(days["shortest now"]),
        "by us": swing_min(days["ours"]),
        "apart_min": round(_apart_s(days["ours"]) / MINUTE, 1),
    }


def _mean_s(days: Sequence[Day]) -> float:
    return float(np.concatenate([day.waits for day in days]).mean())


def _apart_s(days: Sequence[Day]) -> float:
    """The standard deviation of waits between halls, in the mean of the day."""
    return float(np.mean([day.samples.std(axis=1).mean() for day in days]))


def swing_min(days: Sequence[Day]) -> float:
    """How far halls swing, in minutes: of a sine of this root mean square it would be the root mean square."""
    lines = np.array([_detrended(day.samples - day.samples.mean(axis=1, keepdims=True)) for day in days])
    count = lines.shape[1]
    lowest = min((lines[:, lag:] * lines[:, : count - lag]).sum(axis=1).mean() / count for lag in LAGS)
    return round(float(np.sqrt(max(0.0, -lowest))) / MINUTE, 2)


def _detrended(samples: Floats) -> Floats:
    """(T, HALLS) without each hall's own straight line: halls that grow busier or quieter do not swing."""
    at = np.arange(len(samples), dtype=float)
    slopes, levels = np.polyfit(at, samples, 1)
    flat: Floats = samples - at[:, None] * slopes - levels
    return flat
