"""Changing a city that was read."""

from dataclasses import replace
from typing import Any

from dispatch.wiring.importing.format import City


def with_hall(city: City, code: str, **different: object) -> City:
    """The same city with one hall changed."""
    halls = tuple(hall.model_copy(update=different) if hall.code == code else hall for hall in city.halls)
    return replace(city, halls=halls)


def hall_of(city: City, code: str) -> Any:  # noqa: ANN401 - a part of the city
    return next(hall for hall in city.halls if hall.code == code)
