"""The standing city with one clerk, once for all tests here, as it was for each of them."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dispatch.foundation.database import Database
from dispatch.foundation.ids import Keyring
from dispatch.halls import finding
from dispatch.people import accounts
from tests import servers, standing_city
from tests.standing_city import TOWN_HALL, Standing

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
PASSWORD = "一个好密码"


def furnish(database: Database) -> None:
    standing_city.build(database)
    with database.work() as session:
        accounts.create(session, "clerk", PASSWORD, "clerk", finding.hall(session, TOWN_HALL))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """The city on each database."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = shutil.copyfile(template, tmp_path_factory.mktemp("people") / "city.db")
        with standing_city.standing(f"sqlite:///{path}", furnish) as city:
            yield city
    else:
        databases: servers.Databases = request.getfixturevalue("postgres_databases")
        with databases.fresh() as url, standing_city.standing(url, furnish) as city:
            yield city


@pytest.fixture
def city(standing: Standing) -> Database:
    """The city as it was furnished."""
    return standing.restore()


@pytest.fixture
def keys(tmp_path: Path) -> Keyring:
    """The city's keys."""
    return Keyring(tmp_path / "keys")
