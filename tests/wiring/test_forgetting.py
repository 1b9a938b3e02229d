"""Persons go when their business is long over, and not before."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.foundation import log
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.ids import Keyring
from dispatch.people import citizens
from dispatch.people.citizens import PersonData
from dispatch.people.models import Person
from dispatch.people.retention import PERSONS_DAYS
from dispatch.tickets.models import Ticket
from dispatch.wiring import forgetting
from tests import standing_city
from tests.standing_city import Town

LATER = timedelta(days=PERSONS_DAYS + 1)


@pytest.fixture
def town(database: Database) -> Town:
    standing_city.build(database)
    return Town(database)


def somebody(town: Town, keys: Keyring) -> tuple[str, str]:
    """A person and her ticket of today."""
    with town.database.work() as session:
        kept = citizens.keep(session, keys, PersonData("王小明"), now=town.now)
    return kept.ref, town.take("D", person=kept).id


def forget(town: Town, after: timedelta, limit: int = 500) -> int:
    with town.database.work() as session:
        return forgetting.forget_persons(session, now=town.now + after, actor=system("test"), limit=limit)


def left(town: Town) -> list[str]:
    with town.database.reading() as session:
        assert list(log.faults(session, log.CITY)) == []
        return list(session.scalars(select(Person.ref)))


def test_she_stays_for_her_days_and_then_goes_with_her_name_on_no_ticket(
    town: Town, tmp_path_factory: pytest.TempPathFactory
) -> None:
    keys = Keyring(tmp_path_factory.mktemp("keys"))
    ref, ticket = somebody(town, keys)
    town.end_day()
    assert forget(town, timedelta(days=PERSONS_DAYS)) == 0
    assert left(town) == [ref]
    assert forget(town, LATER) == 1
    assert left(town) == []
    with town.database.reading() as session:
        assert session.get_one(Ticket, ticket).person is None


def test_who_still_has_a_live_ticket_stays(town: Town, tmp_path_factory: pytest.TempPathFactory) -> None:
    keys = Keyring(tmp_path_factory.mktemp("keys"))
    ref, _ = somebody(town, keys)
    assert forget(town, LATER) == 0
    assert left(town) == [ref]


def test_many_go_in_parts(town: Town, tmp_path_factory: pytest.TempPathFactory) -> None:
    keys = Keyring(tmp_path_factory.mktemp("keys"))
    with town.database.work() as session:
        for _ in range(5):
            citizens.keep(session, keys, PersonData("王小明"), now=town.now)
    assert [forget(town, LATER, limit=2) for _ in range(4)] == [2, 2, 1, 0]
