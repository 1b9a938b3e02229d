"""Every hall as a place to go to, and which items it takes: so many statements, however many halls there are."""

import json
import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Text, bindparam, cast, select
from sqlalchemy.orm import Session

from dispatch.catalogue.models import Placement
from dispatch.foundation.tables import table_of
from dispatch.halls import finding as halls
from dispatch.halls import hours
from dispatch.halls.hours import DayPlan, Opening, Special
from dispatch.halls.models import Hall
from dispatch.ports.maps import Point

EARTH_M = 6_371_008.8
LEAST_SHARE = 0.994
"""A sphere's distances are off by half a percent: no place is nearer than this share of them."""

_HALLS, _PLACED = table_of(Hall), table_of(Placement)
_PLAIN = ("code", "name", "name_en", "level", "kind", "path", "lat", "lon", "tz", "kiosks")
# Hours are read as text: a thousand halls keep a handful of different ones, and each is parsed once.
_SITES = select(
    *(_HALLS.c[name] for name in _PLAIN),
    cast(_HALLS.c.hours, Text).label("hours"),
    cast(_HALLS.c.seasons, Text).label("seasons"),
).order_by(_HALLS.c.path)
_TAKEN = select(_PLACED.c.item, _PLACED.c.queue, _PLACED.c.mode, _PLACED.c.hall).where(
    _PLACED.c.item.in_(bindparam("items", expanding=True))
)


class Taken(NamedTuple):
    """How a hall takes an item: in which queue, and whether it handles it, receives it or does it for her."""

    item: str
    queue: str
    mode: str
    hall: str


class Site(NamedTuple):
    """A hall as a place; `hours` and `seasons` are the texts of its openings, the same for halls that keep the same."""

    code: str
    name: str
    name_en: str
    level: str
    kind: str
    path: str
    lat: float
    lon: float
    tz: str
    kiosks: int
    hours: str
    seasons: str | None

    @property
    def place(self) -> Point:
        """Where it is."""
        return Point(self.lat, self.lon)

    @property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return ZoneInfo(self.tz)


Same = str | tuple[str, str | None, str]
"""What halls have in common that open at the same times: their hours, or with days of its own a hall itself."""


@dataclass
class Openings:
    """When halls open around one moment, worked out once for all that keep the same hours."""

    at: datetime
    kind_of: hours.DayKind
    plans: Mapping[tuple[str, date], DayPlan]
    _left: dict[Same, tuple[Opening, ...]] = field(default_factory=dict)
    _following: dict[Same, tuple[Opening, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Halls with days of their own are worked out one by one."""
        self._apart = {hall for hall, _ in self.plans}

    def left(self, site: Site) -> tuple[Opening, ...]:
        """What is left of the openings around the moment: of its local day, and of one that runs past midnight.

        Where one day's end is the next one's beginning, the last is open on through the night.
        """
        return self._once(self._left, self._left_of, site)

    def following(self, site: Site) -> tuple[Opening, ...]:
        """The openings of the first later day with any, within a month."""
        return self._once(self._following, self._following_of, site)

    def _once(
        self,
        known: dict[Same, tuple[Opening, ...]],
        work_out: Callable[[Site], tuple[Opening, ...]],
        site: Site,
    ) -> tuple[Opening, ...]:
        same = site.code if site.code in self._apart else (site.hours, site.seasons, site.tz)
        if same not in known:
            known[same] = work_out(site)
        return known[same]

    def _left_of(self, site: Site) -> tuple[Opening, ...]:
        today = self.at.astimezone(site.zone).date()
        before, now, after = (self._on(site, today + timedelta(days=days)) for days in (-1, 0, 1))
        left = [each for each in (*before, *now) if each.end > self.at]
        if left and after and left[-1].end == after[0].start:  # open round the clock
            left[-1] = replace(left[-1], end=after[0].end)
        return tuple(left)

    def _following_of(self, site: Site) -> tuple[Opening, ...]:
        today = self.at.astimezone(site.zone).date()
        days = (
            self._on(site, today + timedelta(days=ahead)) for ahead in range(1, hours.LOOK_AHEAD_DAYS + 1)
        )
        return next((found for found in days if found), ())

    def _on(self, site: Site, day: date) -> tuple[Opening, ...]:
        """The openings that begin on this local day."""
        special = Special(
            json.loads(site.seasons or "[]") or (), lambda each: self.plans.get((site.code, each))
        )
        return tuple(hours.openings(json.loads(site.hours), site.tz, day, self.kind_of, special))


def all_sites(session: Session) -> list[Site]:
    """Every hall of the city, from the top of the tree down."""
    return [Site._make(row) for row in session.connection().execute(_SITES).all()]


def taken(session: Session, items: Collection[str]) -> Mapping[str, Sequence[Taken]]:
    """Which of the items each hall takes."""
    found: defaultdict[str, list[Taken]] = defaultdict(list)
    for row in session.connection().execute(_TAKEN, {"items": list(items)}).all():
        found[row[3]].append(Taken(*row))
    return found


def openings(session: Session, at: datetime) -> Openings:
    """When halls open, from the day before this moment on."""
    since = (at - timedelta(days=2)).date()
    return Openings(at, halls.kind_of(session), halls.day_plans(session, since))


def straight_m(origin: Point, everywhere: Sequence[Site]) -> Iterator[float]:
    """How far halls are at least, as the crow flies: on a sphere, a little shortened."""
    lat, lon, cos_lat = math.radians(origin.lat), math.radians(origin.lon), math.cos(math.radians(origin.lat))
    across = LEAST_SHARE * 2 * EARTH_M
    for site in everywhere:
        phi = math.radians(site.lat)
        north, east = math.sin((phi - lat) / 2), math.sin((math.radians(site.lon) - lon) / 2)
        yield across * math.asin(min(1.0, math.sqrt(north * north + cos_lat * math.cos(phi) * east * east)))
