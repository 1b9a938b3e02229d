"""A citizen's phone in a city where everything can be found."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.wiring.app import Web, create_web
from tests.pages.citizen.town import furnish


@pytest.fixture(scope="module")
def web(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The city's pages; its tests disturb each other in nothing."""
    var = tmp_path_factory.mktemp("var")
    url = f"sqlite:///{shutil.copyfile(sqlite_template, var / 'city.db')}"
    with Database(url) as city:
        furnish(city)
    web = create_web(Settings(database_url=url, var=var, demo=True, secure_cookies=False))
    yield web
    web.stop()


@pytest.fixture
def phone(web: Web) -> FlaskClient:
    """Somebody's browser, without any cookie yet."""
    return web.app.test_client()
