"""Ways as one guesses them without a map of streets: the distance on the earth, a detour, a usual speed.

The earth is a sphere here: an ellipsoid would make a guess truer by half a percent, at ten times the price.
Nobody rides who is there sooner on foot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from geopy.distance import great_circle

from dispatch.ports.maps import Mode, Point, Trip

KMH = 1000 / 3600
_EARTH = great_circle()
BEFORE_S: Mapping[Mode, float] = {"walk": 0.0, "bike": 60.0, "transit": 300.0, "car": 300.0}
"""To unlock it, to walk to the stop and wait, to park."""


@dataclass(frozen=True)
class EstimatingRouter:
    """Every way is `detour` times as long as the straight one, at so many kilometres an hour by each mode."""

    detour: float
    speeds_kmh: Mapping[Mode, float]

    def trips(self, origin: Point, destinations: Sequence[Point], mode: Mode, at: datetime) -> Sequence[Trip]:
        """The way to each destination; by this estimate it takes as long at any hour."""
        return [self._trip(origin, place, mode) for place in destinations]

    def least_s(self, metres: float, mode: Mode) -> float:
        """How long the way to a place so far off takes, which grows with the distance."""
        way = metres * self.detour
        return min(self._takes(way, "walk"), self._takes(way, mode))

    def _trip(self, origin: Point, place: Point, mode: Mode) -> Trip:
        metres = 1000 * _EARTH.measure((origin.lat, origin.lon), (place.lat, place.lon))
        return Trip(self.least_s(metres, mode), metres * self.detour)

    def _takes(self, way_m: float, mode: Mode) -> float:
        return BEFORE_S[mode] + way_m / (self.speeds_kmh[mode] * KMH)
