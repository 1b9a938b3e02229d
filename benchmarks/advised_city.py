"""A made-up city day on which people are advised where to go: ten halls, first come first served, figures of its own.

Nothing here is taken from what the advice assumes: people leave later or sooner than it thinks, come more or less
often, and halls are busier or quieter than was learned. The same seed gives the same people, whatever they are told.
"""

import heapq
from bisect import bisect_right, insort
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HALLS = 10
MINUTE, HOUR = 60.0, 3600.0
OPEN_S = 8 * HOUR
LOAD = 0.85
"""Of all windows' time, in the mean of the day; the city as a whole can just serve its peaks, its halls cannot."""
SERVICE_S, SIGMA = 540.0, 0.7
PROFILE = (0.75, 1.15, 1.2, 1.0, 0.8, 1.1, 1.15, 0.85)
"""How many come in each hour, in units of the mean."""
POPULAR, TODAY, LEARNED_WRONG = 0.3, 0.1, 0.1
"""Spreads of logarithms: of how busy halls are for their size, of a hall's day, of what was learned of it."""
FLEXIBLE = 0.5
CHANGES_HER_MIND = 0.12
"""The share of those who said that they go, and go to their own hall all the same."""
DAWDLES_S, WAY_SIGMA = 200.0, 0.4
SAMPLED_S = 5 * MINUTE


@dataclass(frozen=True)
class Cell:
    """What halls' data are old, how far the halls are, and the share of the flexible that does as advised.

    `travel_min`: to every hall about so long; or from the nearest, her own, to the furthest.
    """

    age_min: float
    travel_min: tuple[float, float]
    complies: float


@dataclass(frozen=True)
class People:
    """(N,) those of one day, in the order in which they decide to go; `travel_s`: (N, HALLS)."""

    decides: Floats
    home: NDArray[np.int64]
    travel_s: Floats
    leaves_s: Floats
    lateness: Floats
    service_s: Floats
    follows: Floats
    constant: Floats
    draw: Floats


@dataclass(frozen=True)
class City:
    """The day: windows by hall, how many come by hall and hour in truth and as learned (people a second)."""

    windows: NDArray[np.int64]
    learned: Floats
    people: People


def city(seed: int, travel_min: tuple[float, float]) -> City:
    """The day of this seed; where the halls lie changes nothing but the ways."""
    chance = np.random.default_rng([seed, 1])
    windows = chance.integers(4, 11, HALLS)
    popular = np.exp(POPULAR * chance.standard_normal(HALLS))
    usual = LOAD * windows.sum() / SERVICE_S * windows * popular / (windows * popular).sum()
    today = usual * np.exp(TODAY * chance.standard_normal(HALLS))
    learned = usual * np.exp(LEARNED_WRONG * chance.standard_normal(HALLS))
    profile = np.array(PROFILE)
    decides, home = [], []
    for hall in range(HALLS):
        for hour, share in enumerate(profile):
            count = chance.poisson(today[hall] * share * HOUR)
            decides.append(HOUR * (hour + chance.random(count)))
            home.append(np.full(count, hall))
    moments, homes = np.concatenate(decides), np.concatenate(home)
    order = np.argsort(moments, kind="stable")
    return City(windows, learned[:, None] * profile, _people(moments[order], homes[order], seed, travel_min))


def _people(decides: Floats, home: NDArray[np.int64], seed: int, travel_min: tuple[float, float]) -> People:
    chance, count = np.random.default_rng([seed, 2]), len(decides)
    low, high = travel_min
    travel = MINUTE * (low + (high - low) * chance.random((count, HALLS)))
    if high > 2 * low:  # halls lie scattered: the nearest is her own
        rows, nearest = np.arange(count), travel.argmin(axis=1)
        travel[rows, nearest], travel[rows, home] = travel[rows, home], travel[rows, nearest]
    return People(
        decides=decides,
        home=home,
        travel_s=travel,
        leaves_s=chance.exponential(DAWDLES_S, count),
        lateness=np.exp(WAY_SIGMA * chance.standard_normal(count) - WAY_SIGMA**2 / 2),
        service_s=SERVICE_S * np.exp(SIGMA * chance.standard_normal(count) - SIGMA**2 / 2),
        follows=np.where(chance.random(count) < FLEXIBLE, chance.random(count), 2.0),
        constant=chance.random(count),
        draw=chance.random(count),
    )


@dataclass
class Hall:
    """A hall: who came when, was called when, was done when; each list in the order of time."""

    windows: int
    free: list[float] = field(default_factory=list)
    came: list[float] = field(default_factory=list)
    called: list[float] = field(default_factory=list)
    done: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Every window is free."""
        self.free = [0.0] * self.windows

    def join(self, at: float, service_s: float) -> float:
        """Somebody joins the line; how long she waits."""
        start = max(at, self.free[0])
        heapq.heapreplace(self.free, start + service_s)
        self.came.append(at)
        self.called.append(start)
        insort(self.done, start + service_s)
        return start - at

    def wait(self, at: float) -> float:
        """How long somebody waited who joined now."""
        return max(0.0, self.free[0] - at)

    def in_line(self, at: float) -> int:
        """How many wait at a moment that is past."""
        return bisect_right(self.came, at) - bisect_right(self.called, at)

    def served(self, at: float) -> int:
        """How many sit at windows at a moment that is past."""
        return bisect_right(self.called, at) - bisect_right(self.done, at)


@dataclass(frozen=True)
class Day:
    """What came of it: (N,) waits in seconds, (T, HALLS) the waits of whoever would have joined at each sample."""

    waits: Floats
    samples: Floats


class Advice:
    """Whoever tells people where to go; this one leaves them to their habits."""

    def tick(self, now: float) -> None:
        """A minute has passed."""

    def choose(self, person: int, now: float) -> int | None:
        """Which hall she is told, None for her own."""
        return None

    def accepted(self, person: int, hall: int, now: float) -> None:
        """She said that she goes there."""

    def joined(self, person: int, now: float) -> None:
        """She stands in line where she said."""


Maker = Callable[[City, list[Hall], Cell], Advice]


def play(made: City, cell: Cell, maker: Maker) -> Day:
    """The day under an advice."""
    halls, people = [Hall(int(count)) for count in made.windows], made.people
    advice = maker(made, halls, cell)
    waits = np.zeros(len(people.decides))
    events: list[tuple[float, int, int, int, bool]] = []
    coming = [(float(at), 1, person, 0, False) for person, at in enumerate(people.decides)]
    ticks = [(minute * MINUTE, 0, 0, 0, False) for minute in range(int(OPEN_S / MINUTE) + 1)]
    samples: list[list[float]] = []
    for event in heapq.merge(sorted([*coming, *ticks])):
        while events and events[0][0] <= event[0]:
            _arrive(heapq.heappop(events), halls, people, waits, advice)
        now, is_person, person = event[:3]
        if is_person:
            heapq.heappush(events, _goes(person, now, people, cell, advice))
        else:
            advice.tick(now)
            if now % SAMPLED_S == 0:
                samples.append([hall.wait(now) for hall in halls])
    while events:
        _arrive(heapq.heappop(events), halls, people, waits, advice)
    return Day(waits, np.array(samples))


def _goes(
    person: int, now: float, people: People, cell: Cell, advice: Advice
) -> tuple[float, int, int, int, bool]:
    """Where she goes and when she will be there."""
    hall, as_said = int(people.home[person]), False
    if people.follows[person] < cell.complies and (told := advice.choose(person, now)) is not None:
        advice.accepted(person, told, now)
        if as_said := bool(people.constant[person] >= CHANGES_HER_MIND):
            hall = told
    way = people.travel_s[person, hall] * people.lateness[person]
    return float(now + people.leaves_s[person] + way), 2, person, hall, as_said


def _arrive(event: tuple[Any, ...], halls: list[Hall], people: People, waits: Floats, advice: Advice) -> None:
    at, _, person, hall, as_said = event
    if as_said:
        advice.joined(person, at)
    waits[person] = halls[hall].join(at, float(people.service_s[person]))
