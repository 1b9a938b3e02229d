"""A place as an address says it: `LAT,LON` in degrees, WGS-84."""

import re

from dispatch.ports.maps import Point

_PLACE = re.compile(r"(-?\d{1,2}(?:\.\d+)?),(-?\d{1,3}(?:\.\d+)?)", re.ASCII)
LONGEST = 40


def point_of(said: str) -> Point | None:
    """The place on earth that is meant, if one is."""
    found = _PLACE.fullmatch(said[:LONGEST])
    if found is None:
        return None
    lat, lon = float(found[1]), float(found[2])
    return Point(lat, lon) if abs(lat) <= 90 and abs(lon) <= 180 else None
