"""A router over HTTP that speaks as OSRM does, the open standard: one table call gives the ways to many places.

`GET /table/v1/{profile}/{lon},{lat};…?sources=0&destinations=1;…&annotations=duration,distance`, see
project-osrm.org, *OSRM HTTP server*, Table service. A process of OSRM knows one profile, so that its address may have
a `{profile}` in it. It knows neither buses nor trains: those are estimated.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from adapters.maps.breaker import Breaker
from dispatch.ports.maps import Mode, Point, Router, Trip

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

PATIENCE_S = 1.5
AT_ONCE = 90
"""A server takes 100 places in a table unless it was told otherwise."""
DECIMALS = 4
"""Of a degree: some ten metres, all that a router needs to know of where somebody is."""
PROFILES: Mapping[Mode, str] = {"walk": "foot", "bike": "bike", "car": "car"}
FASTEST_KMH: Mapping[Mode, float] = {"walk": 8.0, "bike": 30.0, "car": 130.0}
KMH = 1000 / 3600


class _NoAnswer(Exception):
    """The router said nothing, or nothing that can be used."""


@dataclass(frozen=True)
class OsrmRouter:
    """Somebody at an address who knows the streets; `otherwise` is asked about what he doesn't answer."""

    url: str
    otherwise: Router
    breaker: Breaker = field(default_factory=Breaker)

    def trips(self, origin: Point, destinations: Sequence[Point], mode: Mode, at: datetime) -> Sequence[Trip]:
        """The way to each destination by the streets; estimated where there is none, or nobody answers."""
        known = list(self._asked(origin, destinations, mode))
        missing = [place for place, trip in zip(destinations, known, strict=True) if trip is None]
        if not missing:
            return [trip for trip in known if trip is not None]
        guessed = iter(self.otherwise.trips(origin, missing, mode, at))
        return [trip or next(guessed) for trip in known]

    def least_s(self, metres: float, mode: Mode) -> float:
        """As straight and as fast as nobody may go; for what is estimated, by the estimate."""
        guessed = self.otherwise.least_s(metres, mode)
        return min(guessed, metres / (FASTEST_KMH[mode] * KMH)) if mode in PROFILES else guessed

    def _asked(self, origin: Point, destinations: Sequence[Point], mode: Mode) -> Iterator[Trip | None]:
        for start in range(0, len(destinations), AT_ONCE):
            part = destinations[start : start + AT_ONCE]
            if mode not in PROFILES or self.breaker.is_open():
                yield from [None] * len(part)
                continue
            try:
                found = self._table(origin, part, PROFILES[mode])
            except _NoAnswer as trouble:
                self.breaker.failed()
                log.warning("the router does not answer, ways are estimated: %s", trouble)
                found = [None] * len(part)
            else:
                self.breaker.answered()
            yield from found

    def _table(self, origin: Point, places: Sequence[Point], profile: str) -> list[Trip | None]:
        import httpx

        said = ";".join(f"{place.lon:.{DECIMALS}f},{place.lat:.{DECIMALS}f}" for place in [origin, *places])
        numbers = ";".join(str(number) for number in range(1, len(places) + 1))
        url = f"{self.url.replace('{profile}', profile).rstrip('/')}/table/v1/{profile}/{said}"
        asked = {"sources": "0", "destinations": numbers, "annotations": "duration,distance"}
        try:
            answer = self._client.get(url, params=asked)
            told = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise _NoAnswer(type(error).__name__) from error
        return _read(told, len(places))

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx  # only a city that has a router needs it

        return httpx.Client(timeout=PATIENCE_S)


def _read(told: Any, count: int) -> list[Trip | None]:  # noqa: ANN401 - what came as JSON
    """The first row of each table; None where there is no way."""
    try:
        if told["code"] != "Ok":
            raise _NoAnswer(str(told["code"]))
        rows = zip(told["durations"][0], told["distances"][0], strict=True)
        found = [None if s is None or m is None else Trip(float(s), float(m)) for s, m in rows]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise _NoAnswer("not a table") from error
    if len(found) != count:
        raise _NoAnswer("another table")
    return found
