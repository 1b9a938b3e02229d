"""Dice that fall the same way for the same seed, whatever happened elsewhere in the city."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import TypeVar

T = TypeVar("T")


def dice(seed: int, *names: str) -> Random:
    """Somebody's own dice, named so that nobody else's throws change hers."""
    return Random("/".join((str(seed), *names)))


def one_of(thrown: Random, choices: Sequence[tuple[T, float]]) -> T:
    """One of the choices, each by its weight."""
    return thrown.choices([value for value, _ in choices], [weight for _, weight in choices])[0]


def seconds_in(thrown: Random, low_high: tuple[float, float]) -> timedelta:
    """A time between two numbers of seconds."""
    return timedelta(seconds=thrown.uniform(*low_high))


def minutes_in(thrown: Random, low_high: tuple[float, float]) -> timedelta:
    """A time between two numbers of minutes."""
    return timedelta(minutes=thrown.uniform(*low_high))


def lognormal(thrown: Random, mean: float, sigma: float) -> float:
    """A lognormal number with this mean."""
    return math.exp(thrown.gauss(math.log(mean) - sigma**2 / 2, sigma))


def residual(thrown: Random, mean: float, sigma: float, elapsed: float) -> float:
    """What is left of a lognormal time of which so much is over: from those that last longer."""
    for _ in range(20):
        left = lognormal(thrown, mean, sigma) - elapsed
        if left > 0:
            return left
    return thrown.expovariate(1 / (0.3 * mean))


def share_at(line: Sequence[tuple[float, float]], at: datetime) -> float:
    """The height at this time of day of a line through points of (hour, height); nothing outside it."""
    hour = at.hour + at.minute / 60 + at.second / 3600
    for (left, low), (right, high) in pairwise(line):
        if left <= hour < right:
            return low + (high - low) * (hour - left) / (right - left)
    return 0.0
