"""Maps: how long it takes to get to places, and how far that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, get_args

Mode = Literal["walk", "bike", "transit", "car"]
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the earth, in degrees of WGS-84."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Trip:
    """A way that somebody goes: seconds and metres."""

    travel_s: float
    distance_m: float


class Router(Protocol):
    """Knows the ways. Where it cannot know, it estimates: it always answers, and soon."""

    def trips(self, origin: Point, destinations: Sequence[Point], mode: Mode, at: datetime) -> Sequence[Trip]:
        """The way to each destination for whoever sets out at this moment, in their order. Never raises."""

    def least_s(self, metres: float, mode: Mode) -> float:
        """No trip to a place so far off, as the crow flies, takes less: never falls as `metres` grow."""
