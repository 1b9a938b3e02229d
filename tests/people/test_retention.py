"""How long things about people are kept."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from dispatch.foundation.database import Database
from dispatch.foundation.tables import Base
from dispatch.people import retention
from dispatch.people.models import Account, PersonRead, SignIn
from dispatch.people.retention import HALF_A_YEAR, RULES, Rule
from tests.people.conftest import NOW
from tests.standing_city import TOWN_HALL


def row(rule: Rule, account: str, at: datetime) -> dict[str, Any]:
    """A row of a rule's table at this age."""
    rows: dict[str, dict[str, Any]] = {
        "sign_in": {"digest": "d", "account": account, "expires": at},
        "failed_sign_in": {"id": "f", "username": "clerk", "forgiven": False},
        "person_read": {
            "id": "r", "ref": "0" * 32, "actor": "staff:x", "kind": "unmask", "reason": "service", "fields": [],
        },
        "permission_grant": {
            "id": "g", "account": account, "permission": "x", "allow": True, "given_by": "staff:x", "at": at,
        },
        "post": {
            "id": "p", "account": account, "hall": TOWN_HALL, "starts": at - timedelta(days=1), "given_by": "x",
        },
        "kept_answer": {"scope": "s", "asked": "a", "status": 200},
        "rate_bucket": {"key": "k", "left": 1.0},
        "job_run": {"job": "j", "planned_at": at, "started_at": at, "leader": "l", "outcome": "ok"},
    }  # fmt: skip
    return {**rows[rule.name], rule.column.key: at}


def count(city: Database, table: type[Base]) -> int:
    with city.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_row_stays_for_its_days_and_then_goes(city: Database, rule: Rule) -> None:
    with city.work() as session:
        account = session.scalars(select(Account.id)).one()
        session.execute(insert(rule.table).values(row(rule, account, NOW)))
    for late, left in ((timedelta(0), 1), (timedelta(seconds=1), 0)):
        then = NOW + timedelta(days=rule.days) + late
        with city.work() as session:
            retention.forget_old(session, now=then, real_now=then)
        assert count(city, rule.table) == left


def test_records_of_access_are_kept_for_half_a_year_at_least() -> None:
    for table in (SignIn, PersonRead):
        [days] = [rule.days for rule in RULES if rule.table is table]
        assert days >= HALF_A_YEAR >= 180


def test_the_table_for_the_documents_names_every_rule() -> None:
    assert all(f"`{rule.name}`" in retention.table() for rule in RULES)
    assert "`person`" in retention.table()
