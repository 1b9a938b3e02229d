"""WGS-84, GCJ-02 and BD-09: what satellites, Chinese maps and Baidu call a place. Pure; degrees.

Chinese maps shift every place in China by up to some hundred metres (GCJ-02); Baidu shifts it once more. The functions
are those published as *eviltransform* (googollee, MIT) and *PRCoords* (Artoria2e5, CC0): the shift is a sum of sines on
Krasovsky's ellipsoid. It has no inverse in closed form, so that the way back is found by repeated correction.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, get_args

from dispatch.ports.maps import Point

System = Literal["wgs84", "gcj02", "bd09"]
SYSTEMS: tuple[System, ...] = get_args(System)

AXIS_M, ECCENTRICITY2 = 6_378_245.0, 0.00669342162296594323
"""Of Krasovsky's ellipsoid."""
SOUTH, WEST, NORTH, EAST = 0.8293, 72.004, 55.8271, 137.8347
"""Outside this box nothing is shifted."""
FROM_LAT, FROM_LON = 35.0, 105.0
BAIDU_LAT, BAIDU_LON = 0.006, 0.0065
CLOSE, MOST_TURNS = 1e-9, 30
"""A tenth of a millimetre."""

Way = Callable[[Point], Point]


def to_wgs84(point: Point, system: System) -> Point:
    """A place told in this system, in WGS-84."""
    if system == "gcj02":
        return _back(point, gcj02)
    return _back(point, bd09) if system == "bd09" else point


def in_system(point: Point, system: System) -> Point:
    """A place of WGS-84 as this system tells it."""
    if system == "gcj02":
        return gcj02(point)
    return bd09(point) if system == "bd09" else point


def gcj02(point: Point) -> Point:
    """WGS-84 → GCJ-02."""
    if not (SOUTH <= point.lat <= NORTH and WEST <= point.lon <= EAST):
        return point
    x, y = point.lon - FROM_LON, point.lat - FROM_LAT
    north_m, east_m = _north(x, y), _east(x, y)
    phi = math.radians(point.lat)
    w2 = 1 - ECCENTRICITY2 * math.sin(phi) ** 2
    meridian = AXIS_M * (1 - ECCENTRICITY2) / (w2 * math.sqrt(w2))
    parallel = AXIS_M / math.sqrt(w2) * math.cos(phi)
    return Point(point.lat + math.degrees(north_m / meridian), point.lon + math.degrees(east_m / parallel))


def bd09(point: Point) -> Point:
    """WGS-84 → BD-09."""
    if not (SOUTH <= point.lat <= NORTH and WEST <= point.lon <= EAST):
        return point
    shifted = gcj02(point)
    x, y, k = shifted.lon, shifted.lat, math.pi * 3000 / 180
    r = math.hypot(x, y) + 0.00002 * math.sin(y * k)
    theta = math.atan2(y, x) + 0.000003 * math.cos(x * k)
    return Point(r * math.sin(theta) + BAIDU_LAT, r * math.cos(theta) + BAIDU_LON)


def _back(point: Point, way: Way) -> Point:
    """The place that this way leads to `point` from."""
    guess = point
    for _ in range(MOST_TURNS):
        found = way(guess)
        off_lat, off_lon = found.lat - point.lat, found.lon - point.lon
        guess = Point(guess.lat - off_lat, guess.lon - off_lon)
        if max(abs(off_lat), abs(off_lon)) < CLOSE:
            break
    return guess


def _north(x: float, y: float) -> float:
    """Metres that a place is shifted north."""
    shift = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    shift += (20 * _sin(6 * x) + 20 * _sin(2 * x)) * 2 / 3
    shift += (20 * _sin(y) + 40 * _sin(y / 3)) * 2 / 3
    return shift + (160 * _sin(y / 12) + 320 * _sin(y / 30)) * 2 / 3


def _east(x: float, y: float) -> float:
    """Metres that a place is shifted east."""
    shift = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    shift += (20 * _sin(6 * x) + 20 * _sin(2 * x)) * 2 / 3
    shift += (20 * _sin(x) + 40 * _sin(x / 3)) * 2 / 3
    return shift + (150 * _sin(x / 12) + 300 * _sin(x / 30)) * 2 / 3


def _sin(half_turns: float) -> float:
    return math.sin(half_turns * math.pi)
