"""The city that screens are tried in."""

from collections.abc import Callable

import pytest

from tests.pages.api.office import Office


@pytest.fixture
def city(opened: Callable[[], Office]) -> Office:
    """The same as it was furnished."""
    return opened()
