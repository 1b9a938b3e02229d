"""The standing city, its clock standing still in the morning, and somebody's browser in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.wiring.app import create_web
from tests.standing_city import MORNING, build


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """The city, furnished."""
    city = Database(sqlite_url)
    build(city)
    with city.work() as session:
        session.add(clock.DemoClock(id=1, city=MORNING, real=clock.real_now(), speed=0.0))
    yield city
    city.dispose()


@pytest.fixture
def visitor(database: Database, tmp_path: Path) -> Iterator[FlaskClient]:
    """A browser, a phone's or a kiosk's, without any cookie yet."""
    web = create_web(Settings(database_url=database.url, var=tmp_path, demo=True, secure_cookies=False))
    yield web.app.test_client()
    web.stop()
