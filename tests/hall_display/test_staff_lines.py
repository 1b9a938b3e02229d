"""Lines of staff are hung up when what they may changes, and only then."""

from datetime import timedelta

import pytest

from dispatch.foundation import clock
from dispatch.foundation.access import Actor
from dispatch.foundation.database import Database
from dispatch.halls import finding
from dispatch.people import accounts, granting
from hall_display import staff_lines
from hall_display.staff_lines import StaffLines
from tests import standing_city
from tests.standing_city import MORNING, TOWN_HALL

SECURITY = Actor("staff", "s" * 32, "administrator", "/", duty="security")


@pytest.fixture
def city(database: Database) -> Database:
    standing_city.build(database)
    return database


@pytest.fixture
def tokens(city: Database) -> dict[str, str]:
    """Two clerks, signed in."""
    told = {}
    with city.work() as session:
        place = finding.hall(session, TOWN_HALL)
        for name in ("one", "two"):
            account = accounts.create(session, name, "long enough", "clerk", place)
            told[name] = accounts.sign_in(session, account, real_now=clock.real_now())
    return told


def test_whoever_may_something_else_is_hung_up_and_nobody_beside_him(
    city: Database, tokens: dict[str, str]
) -> None:
    lines = StaffLines(city)
    for name, token in tokens.items():
        lines.open(name, {"token": token})
    lines.open("stranger", {"token": "nonsense"})
    everybody = ["one", "two", "stranger", "unknown"]
    assert lines.changed(everybody) == []
    with city.work() as session:
        account = accounts.named(session, "one")
        granting.grant(
            session, account, "windows.work", hall=None, allow=False, until=None, now=MORNING, actor=SECURITY
        )
    assert lines.changed(everybody) == ["one"]


def test_whoever_is_signed_out_is_hung_up(city: Database, tokens: dict[str, str]) -> None:
    lines = StaffLines(city)
    for name, token in tokens.items():
        lines.open(name, {"token": token})
    with city.work() as session:
        account, now = accounts.named(session, "two"), clock.real_now()
        accounts.end_sessions(session, account, now=MORNING, real_now=now, actor=SECURITY)
    assert lines.changed(tokens) == ["two"]
    lines.close("two")
    assert lines.changed(tokens) == []


def test_what_ends_without_an_entry_of_the_log_is_found_a_little_later(
    city: Database, tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = StaffLines(city)
    lines.open("one", {"token": tokens["one"]})
    with city.work() as session:
        accounts.sign_out(session, tokens["one"], real_now=clock.real_now() - timedelta(seconds=1))
    assert lines.changed(["one"]) == []
    monkeypatch.setattr(staff_lines, "LOOK_AGAIN_S", -1.0)
    assert lines.changed(["one"]) == ["one"]
