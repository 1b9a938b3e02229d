"""One person at several kiosks at once: one live ticket per item, whoever is quicker."""

import threading
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from dispatch.foundation.database import Database
from dispatch.foundation.ids import Keyring
from dispatch.halls import finding
from dispatch.people import citizens
from dispatch.tickets import issuing
from dispatch.tickets.refusals import AlreadyInLine
from dispatch.tickets.wanting import Wanted
from tests.races import bench
from tests.standing_city import CARD, CITIZEN, DISTRICT_HALL, MORNING, TOWN_HALL, Town

AT_ONCE = 6
PERSON = citizens.PersonData("某某", id_kind="resident_id", id_number="33108219900101001X")


@pytest.fixture
def keys(tmp_path: Path) -> Keyring:
    """A city's keys."""
    return Keyring(tmp_path / "keys")


def try_all(town: Town, keys: Keyring) -> Counter[str]:
    """Everybody asks for the same item with the same document at the same moment, in two halls."""
    gate = threading.Barrier(AT_ONCE)

    def ask(rank: int) -> str:
        database = Database(town.database.url)
        gate.wait()
        try:
            with database.work() as session:
                place = finding.hall(session, (TOWN_HALL, DISTRICT_HALL)[rank % 2])
                person = citizens.keep(session, keys, PERSON, now=MORNING)
                wanted = [Wanted(CARD)]
                issuing.issue(
                    session, place, items=wanted, channel="web", person=person, now=MORNING, actor=CITIZEN
                )
        except AlreadyInLine:
            return "refused"
        finally:
            database.dispose()
        return "issued"

    told = bench.run_threads([partial(ask, rank) for rank in range(AT_ONCE)])
    return Counter(str(what) for what in told)


def test_without_the_unique_row_a_person_holds_several_tickets(town: Town, keys: Keyring) -> None:
    with town.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE holding RENAME TO holding_kept"))
        connection.execute(text("CREATE TABLE holding (person TEXT, item TEXT, ticket TEXT)"))
    try:
        assert try_all(town, keys)["issued"] > 1
    finally:
        with town.database.engine.begin() as connection:
            connection.execute(text("DROP TABLE holding"))
            connection.execute(text("ALTER TABLE holding_kept RENAME TO holding"))


def test_with_it_one_is_let_in(town: Town, keys: Keyring) -> None:
    assert try_all(town, keys) == {"issued": 1, "refused": AT_ONCE - 1}
