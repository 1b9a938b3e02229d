"""The town's hall on each database."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers, standing_city
from tests.standing_city import Standing, Town


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """The standing city, furnished once for all tests here."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = shutil.copyfile(template, tmp_path_factory.mktemp("standing") / "city.db")
        with standing_city.standing(f"sqlite:///{path}") as city:
            yield city
    else:
        databases: servers.Databases = request.getfixturevalue("postgres_databases")
        with databases.fresh() as url, standing_city.standing(url) as city:
            yield city


@pytest.fixture
def town(standing: Standing) -> Town:
    """The town's hall of the standing city, its windows closed, at half past nine."""
    return Town(standing.restore())
