"""The API of the standing city on each database."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.pages.api.office import Office, office


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Office]]:
    """The application, put together once for all tests here."""
    var = tmp_path_factory.mktemp("var")
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = shutil.copyfile(template, var / "city.db")
        with office(f"sqlite:///{path}", var) as opening:
            yield opening
    else:
        databases: servers.Databases = request.getfixturevalue("postgres_databases")
        with databases.fresh() as url, office(url, var) as opening:
            yield opening


@pytest.fixture
def api(opened: Callable[[], Office]) -> Office:
    """The API, the city as it was furnished."""
    return opened()
