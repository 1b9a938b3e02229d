"""A hall as a place to go to, what it takes, and when it opens. Pure."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dispatch.halls import hours
from dispatch.halls.hours import DayPlan, Opening, Special
from dispatch.ports.maps import Point

EXTRA_DAYS: Mapping[str, int] = {"handle": 0, "agent": 1, "receive": 2}
"""Working days that papers are on their way from a hall that only receives them, or brings them on for her."""


class Taken(NamedTuple):
    """How a hall takes an item: in which queue, and whether it handles it, receives it or does it for her."""

    item: str
    queue: str
    mode: str
    hall: str


def slowest(taken: Iterable[Taken]) -> str:
    """The mode by which the result comes last."""
    return max((row.mode for row in taken), key=EXTRA_DAYS.__getitem__)


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

    @property
    def keeps(self) -> "Hours":
        """What halls have in common that open at the same times, but for days of their own."""
        return self.hours, self.seasons, self.tz


Hours = tuple[str, str | None, str]


@dataclass
class Openings:
    """When halls open around one moment, worked out once for all that keep the same hours."""

    at: datetime
    kind_of: hours.DayKind
    plans: Mapping[tuple[str, date], DayPlan]
    _left: dict[str | Hours, tuple[Opening, ...]] = field(default_factory=dict)
    _following: dict[str | Hours, tuple[Opening, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Halls with days of their own are worked out one by one."""
        self.apart = {hall for hall, _ in self.plans}

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
        known: dict[str | Hours, tuple[Opening, ...]],
        work_out: Callable[[Site], tuple[Opening, ...]],
        site: Site,
    ) -> tuple[Opening, ...]:
        same = site.code if site.code in self.apart else site.keeps
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
