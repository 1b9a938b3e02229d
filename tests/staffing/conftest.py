"""The town's hall with its staff on each database."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers, standing_city
from tests.staffing.rota import Rota, furnish
from tests.standing_city import Standing, Town


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """The standing city with staff, furnished once for all tests here."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = shutil.copyfile(template, tmp_path_factory.mktemp("staffing") / "city.db")
        with standing_city.standing(f"sqlite:///{path}", furnish) as city:
            yield city
    else:
        databases: servers.Databases = request.getfixturevalue("postgres_databases")
        with databases.fresh() as url, standing_city.standing(url, furnish) as city:
            yield city


@pytest.fixture
def rota(standing: Standing) -> Rota:
    """The town's hall at half past nine, nobody planned."""
    return Rota(Town(standing.restore()))
