"""The standing city behind its API, and what it writes to its log meanwhile."""

import io
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.wiring.logs import Lines
from tests import servers
from tests.pages.api.office import Office, office


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The application, put together once for all tests of a file."""
    var = tmp_path_factory.mktemp("var")
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = shutil.copyfile(template, var / "city.db")
        with office(f"sqlite:///{path}", var) as opening:
            yield opening()
    else:
        databases: servers.Databases = request.getfixturevalue("postgres_databases")
        with databases.fresh() as url, office(url, var) as opening:
            yield opening()


@pytest.fixture
def api(opened: Office) -> Office:
    """The API."""
    return opened


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that is logged, down to the least, as the lines of a serving process."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines("core"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
