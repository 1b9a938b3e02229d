"""The city that screens are tried in."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.pages.api.office import Office, office


@pytest.fixture(scope="module")
def opened(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Office]]:
    """The standing city, put together once."""
    var = tmp_path_factory.mktemp("var")
    path = shutil.copyfile(sqlite_template, var / "city.db")
    with office(f"sqlite:///{path}", var) as opening:
        yield opening


@pytest.fixture
def city(opened: Callable[[], Office]) -> Office:
    """The same as it was furnished."""
    return opened()
