"""The town's hall on each database."""

import pytest

from dispatch.foundation.database import Database
from tests import standing_city
from tests.standing_city import Town


@pytest.fixture
def town(database: Database) -> Town:
    """The town's hall of the standing city, its windows closed, at half past nine."""
    standing_city.build(database)
    return Town(database)
