"""The bench shows the races: with the guards off, the same processes call one person twice.

Should one of these ever find no race, the tests beside it prove nothing, and so it fails.
"""

from collections import Counter

import pytest
from sqlalchemy import text

from dispatch.foundation.database import Database
from tests import standing_city
from tests.races import bench
from tests.standing_city import Town

PROCESSES = 4
TRIES = 10


@pytest.fixture
def unguarded(postgresql_url: str) -> str:
    """A city whose ticket numbers may be doubled."""
    database = Database(postgresql_url)
    standing_city.build(database)
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE ticket DROP CONSTRAINT ticket_number"))
    database.dispose()
    return postgresql_url


def outcomes(told: list[list[bench.Told]], name: str) -> Counter[object]:
    assert not [what for part in told for what in part if what[0] == "broke"]
    return Counter(what for part in told for kind, what in part if kind == name)


def test_a_naive_call_calls_somebody_twice(unguarded: str) -> None:
    for _ in range(TRIES):
        town = Town(Database(unguarded))
        for _ in range(60):
            town.take("D")
        town.database.dispose()
        called = outcomes(bench.run_processes(bench.call_naively, unguarded, PROCESSES), "called")
        if max(called.values()) > 1:
            return
    pytest.fail("the bench shows no race")


def test_a_naive_number_is_given_twice(unguarded: str) -> None:
    for _ in range(TRIES):
        issued = outcomes(bench.run_processes(bench.number_naively, unguarded, PROCESSES), "issued")
        if max(issued.values()) > 1:
            return
    pytest.fail("the bench shows no race")
