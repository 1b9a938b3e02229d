"""Every hall of the city as a place, and which of them are alike for somebody who wants certain things. Pure.

An atlas is kept in memory for as long as the halls and the catalogue stay what they are, so that what is the same for
all who ask is worked out once.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from dispatch.halls.hours import DayKind
from dispatch.ports.maps import Point
from dispatch.routing.sites import Hours, Site, Taken, slowest

EARTH_M = 6_371_008.8
LEAST_SHARE = 0.994
"""A sphere's distances are off by half a percent: no place is nearer than this share of them."""
MOST_SHARES = 256
"""Of so many different wishes it is remembered who does what of them."""

Metres = NDArray[np.float64]
Places = NDArray[np.intp]
"""Halls by their places in `Atlas.everywhere`."""
S = TypeVar("S")
FetchTaken = Callable[[Sequence[str]], Iterable[Sequence[Any]]]


@dataclass(frozen=True)
class Alike:
    """Halls that differ for her only in where they are: the same items, modes as slow, one role, the same hours."""

    items: tuple[str, ...]
    places: Places


@dataclass(frozen=True)
class Shares:
    """Who does what of some items: rows by hall, and the halls that are alike."""

    by_hall: Mapping[str, Sequence[Taken]]
    alike: Sequence[Alike]


class Atlas:
    """The city's halls, from the top of the tree down, with its calendar and what each hall takes."""

    def __init__(self, everywhere: Sequence[Site], kind_of: DayKind) -> None:
        self.everywhere, self.kind_of = everywhere, kind_of
        self.by_code = {site.code: site for site in everywhere}
        self._place_of = {site.code: place for place, site in enumerate(everywhere)}
        self._lat = np.radians([site.lat for site in everywhere])
        self._lon = np.radians([site.lon for site in everywhere])
        self._cos_lat = np.cos(self._lat)
        self._taken: dict[str, Sequence[Taken]] = {}
        self._shares: dict[frozenset[str], Shares] = {}

    def metres(self, origin: Point) -> Metres:
        """How far halls are at least, as the crow flies: on a sphere, a little shortened."""
        lat, lon = math.radians(origin.lat), math.radians(origin.lon)
        north, east = np.sin((self._lat - lat) / 2), np.sin((self._lon - lon) / 2)
        root = np.sqrt(north * north + math.cos(lat) * self._cos_lat * east * east)
        found: Metres = LEAST_SHARE * 2 * EARTH_M * np.arcsin(np.minimum(1.0, root))
        return found

    def shares(self, items: Iterable[str], fetch: FetchTaken) -> Shares:
        """Who does what of these items; `fetch` gets the rows of items that nobody has asked about yet."""
        wanted = frozenset(items)
        known = self._shares.get(wanted)
        if known is None:
            if len(self._shares) >= MOST_SHARES:
                self._shares.clear()
            known = self._shares[wanted] = self._share(wanted, fetch)
        return known

    @cached_property
    def with_kiosks(self) -> Sequence[Places]:
        """Halls with machines, those that open at the same times together."""
        sites = (site for site in self.everywhere if site.kiosks)
        return [places for _, places in self._together(sites, lambda site: site.keeps)]

    def _share(self, wanted: frozenset[str], fetch: FetchTaken) -> Shares:
        missing = sorted(wanted - self._taken.keys())
        if missing:
            rows: defaultdict[str, list[Taken]] = defaultdict(list)
            for row in fetch(missing):
                rows[row[0]].append(Taken._make(row))
            self._taken.update({item: rows[item] for item in missing})
        by_hall: defaultdict[str, list[Taken]] = defaultdict(list)
        for item in sorted(wanted):
            for taken in self._taken[item]:
                if taken.hall in self.by_code:
                    by_hall[taken.hall].append(taken)

        def alike(site: Site) -> tuple[tuple[str, ...], str, str, Hours]:
            mine = by_hall[site.code]
            return tuple(row.item for row in mine), slowest(mine), site.level, site.keeps

        together = self._together((self.by_code[code] for code in by_hall), alike)
        return Shares(dict(by_hall), [Alike(items, places) for (items, *_), places in together])

    def _together(self, sites: Iterable[Site], same: Callable[[Site], S]) -> list[tuple[S, Places]]:
        found: defaultdict[S, list[int]] = defaultdict(list)
        for site in sites:
            found[same(site)].append(self._place_of[site.code])
        return [(what, np.array(places, dtype=np.intp)) for what, places in found.items()]
