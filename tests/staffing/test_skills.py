"""Skills gate what a window may call, and nobody waits in vain unnoticed."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from dispatch.foundation.access import Actor
from dispatch.foundation.errors import BadInput, NotFound
from dispatch.halls import finding as halls
from dispatch.staffing import finding, skills
from dispatch.staffing.gaps import NO_SKILL, NO_WINDOW, Gap
from dispatch.staffing.refusals import NotForYourself, Past
from dispatch.tickets import calling, unserved
from tests.staffing.rota import Rota, staff
from tests.standing_city import CARD, RENEWAL, TOWN_HALL, TRADE


def call_as(rota: Rota, name: str, window: str) -> str | None:
    """A window calls whoever is next; the number called."""
    with rota.database.work() as session:
        at = halls.window(session, rota.town.window_id(window))
        ticket = calling.call_next(session, at, now=rota.town.now, actor=staff(name))
        return ticket.number if ticket else None


def gaps(rota: Rota) -> list[Gap]:
    with rota.database.reading() as session:
        return unserved.in_hall(session, halls.hall(session, TOWN_HALL), now=rota.town.now)


def test_without_needs_nothing_is_barred(rota: Rota) -> None:
    assert rota.barred("first") == frozenset()


def test_missing_too_low_and_expired_bar_an_item(rota: Rota) -> None:
    rota.set_needs()
    assert rota.barred("first") == {CARD, TRADE}
    rota.grant("first", "identity", 1)
    assert rota.barred("first") == {CARD, TRADE}
    rota.grant("first", "identity", 2, expires=rota.town.now + timedelta(hours=1))
    rota.grant("first", "trade", 5)
    assert rota.barred("first") == frozenset()
    rota.town.pass_time(hours=1)
    assert rota.barred("first") == {CARD}


def test_with_an_expired_skill_the_person_is_called_at_the_next_window(rota: Rota) -> None:
    rota.set_needs()
    rota.grant("first", "identity", 2, expires=rota.town.now + timedelta(minutes=5))
    rota.grant("second", "identity", 3)
    rota.open_as("first", "1")
    rota.open_as("second", "2")
    rota.town.pass_time(minutes=6)
    needs_skill = rota.town.take(items=[CARD])
    anybody = rota.town.take(items=[RENEWAL])
    assert call_as(rota, "first", "1") == anybody.number
    assert call_as(rota, "second", "2") == needs_skill.number


def test_before_it_expires_she_is_called_there(rota: Rota) -> None:
    rota.set_needs()
    rota.grant("first", "identity", 2, expires=rota.town.now + timedelta(minutes=5))
    rota.open_as("first", "1")
    ticket = rota.town.take(items=[CARD])
    assert call_as(rota, "first", "1") == ticket.number


def test_whoever_nobody_may_serve_is_seen(rota: Rota) -> None:
    rota.set_needs()
    for _ in range(2):
        rota.town.take(items=[CARD])
    rota.town.take(items=[RENEWAL])
    rota.town.take(items=[TRADE])
    assert [(gap.queue, gap.items, gap.waiting, gap.because) for gap in gaps(rota)] == [
        ("D", (CARD,), 2, NO_WINDOW),
        ("A", (TRADE,), 1, NO_WINDOW),
        ("D", (RENEWAL,), 1, NO_WINDOW),
    ]
    rota.open_as("first", "1")
    assert Gap("D", (CARD,), 2, NO_SKILL) in gaps(rota)
    assert call_as(rota, "first", "1") is not None
    rota.grant("first", "identity", 2)
    assert [gap.because for gap in gaps(rota)] == [NO_WINDOW]


def test_a_skill_is_withdrawn_at_once(rota: Rota) -> None:
    rota.set_needs()
    rota.grant("first", "identity", 5)
    with rota.database.work() as session:
        account = finding.account(session, "first")
        place = halls.hall(session, TOWN_HALL)
        skills.withdraw(
            session, place, account, "identity", now=rota.town.now, actor=Actor("system", "planner")
        )
    assert CARD in rota.barred("first")
    assert rota.town.kinds()[-2:] == ["SkillGranted", "SkillWithdrawn"]


def test_what_cannot_be_granted(rota: Rota) -> None:
    rota.set_needs()
    with pytest.raises(NotFound):
        rota.grant("first", "flying", 3)
    with pytest.raises(BadInput):
        rota.grant("first", "identity", 6)
    with pytest.raises(Past):
        rota.grant("first", "identity", 3, expires=rota.town.now)
    with rota.database.work() as session:
        account, place = finding.account(session, "first"), halls.hall(session, TOWN_HALL)
        with pytest.raises(NotForYourself):
            skills.grant(session, place, account, "identity", 3, now=rota.town.now, actor=staff("first"))


def test_barring_is_one_statement(rota: Rota) -> None:
    rota.set_needs()
    with rota.database.reading() as session:
        counted: list[object] = []
        event.listen(session.connection(), "before_cursor_execute", lambda *told: counted.append(told))
        skills.barred_items(session, "first", now=rota.town.now)
    assert len(counted) == 1
