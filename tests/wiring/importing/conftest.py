"""A corner of the demo city, imported once on each database."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dispatch.demo import CITY
from dispatch.foundation.database import Database
from dispatch.wiring.importing.applying import apply
from dispatch.wiring.importing.format import City
from dispatch.wiring.importing.placing import fits
from dispatch.wiring.importing.reading import read_city
from tests.conftest import furnished
from tests.standing_city import TOWN_HALL, Standing, Town

HALLS = ("H-331000", "H-331002", "H-331082", "H-331082001", TOWN_HALL, "X-ENT")


@pytest.fixture(scope="session")
def demo() -> City:
    """A corner of the demo city, sound in itself: five of its halls and a dozen items that they take."""
    whole = read_city(CITY)
    halls = [hall for hall in whole.halls if hall.code in HALLS]
    taken = [
        item for item in whole.items if all(any(fits(rule, hall) for hall in halls) for rule in item.accept)
    ]
    known = {item.code for item in taken}
    bundle = next(
        each for each in whole.bundles if {member.item for member in each.members} <= known | {None}
    )
    wanted = {member.item for member in bundle.members}
    items = [item for item in taken if item.code in wanted] + [
        item for item in taken if item.code not in wanted
    ]
    return replace(whole, halls=tuple(halls), items=tuple(items[:12]), bundles=(bundle,))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def imported(
    request: pytest.FixtureRequest, demo: City, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Standing]:
    """That city, imported once."""
    with furnished(request, tmp_path_factory, lambda database: apply(database, demo)) as city:
        yield city


@pytest.fixture
def city(imported: Standing) -> Database:
    return imported.restore()


@pytest.fixture
def town(city: Database) -> Town:
    """The town's hall of the imported city."""
    return Town(city)
