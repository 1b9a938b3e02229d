"""Staff: who a token belongs to, what he may at this moment, and who gets in at all."""

import hashlib
from datetime import datetime, timedelta

import pytest
from argon2 import Type, extract_parameters
from sqlalchemy import select, update

from dispatch.foundation.access import Actor
from dispatch.foundation.database import Database
from dispatch.foundation.errors import NotSignedIn, Refusal
from dispatch.foundation.ids import Keyring
from dispatch.halls import finding
from dispatch.halls.models import Hall
from dispatch.people import accounts, granting
from dispatch.people.accounts import SignedIn
from dispatch.people.models import Account, FailedSignIn, PermissionGrant, Post, SignIn
from dispatch.people.refusals import (
    DutiesApart,
    DutyNeeded,
    NameTaken,
    NotYourself,
    TooManyFailures,
    WrongPassword,
)
from tests.people.conftest import NOW, PASSWORD
from tests.standing_city import CITY_HALL, DISTRICT_HALL, TOWN_HALL, TOWN_PATH

AS_IN_A_CITY = accounts._hasher
"""Read before tests begin: while they run there is a quick one."""
SECURITY = Actor("staff", "s" * 32, "administrator", "/H-331000/", duty="security")
CITY_PATH, DISTRICT_PATH = f"/{CITY_HALL}/", f"/{CITY_HALL}/{DISTRICT_HALL}/"


def sign_in(city: Database, now: datetime = NOW) -> str:
    with city.work() as session:
        account = accounts.verify(session, "clerk", PASSWORD)
        return accounts.sign_in(session, account, real_now=now)


def known(city: Database, token: str, now: datetime = NOW) -> bool:
    with city.reading() as session:
        try:
            accounts.actor_of(session, token, real_now=now)
        except NotSignedIn:
            return False
    return True


def fail(city: Database, times: int, now: datetime = NOW) -> None:
    for _ in range(times):
        with city.work() as session:
            accounts.note_failure(session, "clerk", real_now=now)


# --- staff --------------------------------------------------------------------------------------------


def test_a_token_brings_role_and_scope(city: Database) -> None:
    token = sign_in(city)
    with city.reading() as session:
        actor = accounts.actor_of(session, token, real_now=NOW)
    assert (actor.kind, actor.role, actor.scope) == ("staff", "clerk", TOWN_PATH)


def test_neither_password_nor_token_is_stored(city: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_hasher", AS_IN_A_CITY)
    with city.work() as session:
        account = session.scalars(select(Account)).one()
        accounts.set_password(session, account, PASSWORD, now=NOW, real_now=NOW, actor=SECURITY)
    token = sign_in(city)
    with city.reading() as session:
        account = session.scalars(select(Account)).one()
        digests = list(session.scalars(select(SignIn.digest)))
    stored = extract_parameters(account.password)
    assert (stored.type, stored.memory_cost >= 19 * 1024, stored.time_cost >= 2) == (Type.ID, True, True)
    assert digests == [hashlib.sha256(token.encode()).hexdigest()]


def test_a_session_lasts_twelve_hours(city: Database) -> None:
    token = sign_in(city)
    assert known(city, token, NOW + timedelta(hours=12) - timedelta(microseconds=1))
    assert not known(city, token, NOW + timedelta(hours=12))


def test_signing_out_twice_changes_nothing(city: Database) -> None:
    token = sign_in(city)
    for _ in range(2):
        with city.work() as session:
            accounts.sign_out(session, token, real_now=NOW)
    assert not known(city, token)


@pytest.mark.parametrize(
    ("username", "password"), [("clerk", ""), ("clerk", PASSWORD + " "), ("nobody", PASSWORD)]
)
def test_a_wrong_name_or_password_is_refused(city: Database, username: str, password: str) -> None:
    with city.reading() as session, pytest.raises(WrongPassword):
        accounts.verify(session, username, password)


def test_an_account_out_of_use_cannot_sign_in_and_its_tokens_end(city: Database) -> None:
    token = sign_in(city)
    with city.work() as session:
        session.execute(update(Account).values(active=False))
    assert not known(city, token)
    with city.reading() as session, pytest.raises(WrongPassword):
        accounts.verify(session, "clerk", PASSWORD)


def test_two_accounts_cannot_share_a_name(city: Database) -> None:
    with city.work() as session, pytest.raises(NameTaken):
        accounts.create(session, "clerk", PASSWORD, "guide", finding.hall(session, TOWN_HALL))


@pytest.mark.parametrize(("failures", "refused"), [(4, False), (5, True)])
def test_guessing_is_refused_from_the_fifth_failure_on(city: Database, failures: int, refused: bool) -> None:
    fail(city, failures)
    with city.reading() as session:
        if refused:
            with pytest.raises(TooManyFailures) as refusal:
                accounts.refuse_guessing(session, "clerk", real_now=NOW + timedelta(minutes=5))
            assert refusal.value.data == {"minutes": 10}
        else:
            accounts.refuse_guessing(session, "clerk", real_now=NOW)


def test_failures_count_for_a_quarter_of_an_hour_and_for_one_name(city: Database) -> None:
    fail(city, 5)
    with city.reading() as session:
        accounts.refuse_guessing(session, "clerk", real_now=NOW + timedelta(minutes=15))
        accounts.refuse_guessing(session, "guide", real_now=NOW)


# --- what he may at this moment -----------------------------------------------------------------------


def actor(city: Database, token: str, *, real_now: datetime = NOW, now: datetime = NOW) -> Actor:
    with city.reading() as session:
        return accounts.actor_of(session, token, real_now=real_now, now=now)


def clerk(city: Database) -> Account:
    with city.reading() as session:
        return session.scalars(select(Account).where(Account.username == "clerk")).one()


def grant(city: Database, permission: str, hall: str | None = None, **told: object) -> PermissionGrant:
    with city.work() as session:
        row = session.scalars(select(Account).where(Account.username == "clerk")).one()
        place = finding.hall(session, hall) if hall else None
        given = {"allow": True, "until": None, "now": NOW, "actor": SECURITY, **told}
        return granting.grant(session, row, permission, hall=place, **given)  # type: ignore[arg-type]


def test_a_hall_that_moves_in_the_tree_takes_its_staff_along(city: Database) -> None:
    token = sign_in(city)
    with city.work() as session:
        session.execute(update(Hall).where(Hall.code == TOWN_HALL).values(path=f"/{CITY_HALL}/{TOWN_HALL}/"))
    moved = actor(city, token)
    assert moved.scope == f"/{CITY_HALL}/{TOWN_HALL}/"
    assert not moved.covers(TOWN_PATH)


def test_a_grant_counts_from_the_next_call_until_it_ends(city: Database) -> None:
    token, until = sign_in(city), NOW + timedelta(hours=1)
    assert not actor(city, token).may("halls.outage", TOWN_PATH)
    row = grant(city, "halls.outage", until=until)
    assert actor(city, token).may("halls.outage", TOWN_PATH)
    assert not actor(city, token).may("halls.outage", DISTRICT_PATH)
    assert not actor(city, token, now=until).may("halls.outage", TOWN_PATH)
    with city.work() as session:
        granting.withdraw(session, session.get_one(Account, row.account), row.id, now=NOW, actor=SECURITY)
    assert not actor(city, token).may("halls.outage", TOWN_PATH)


def test_a_grant_at_a_hall_reaches_there_and_below_only(city: Database) -> None:
    token = sign_in(city)
    grant(city, "halls.outage", DISTRICT_HALL)
    assert actor(city, token).may("halls.outage", DISTRICT_PATH)
    assert actor(city, token).may("halls.outage", TOWN_PATH)
    assert not actor(city, token).may("halls.outage", CITY_PATH)


def test_what_is_taken_away_stays_away_whoever_else_gives_it(city: Database) -> None:
    token = sign_in(city)
    grant(city, "windows.work", allow=False)
    grant(city, "windows.work", TOWN_HALL)
    assert not actor(city, token).may("windows.work", TOWN_PATH)
    assert actor(city, token).may("tickets.work", TOWN_PATH)


def test_a_post_widens_the_scope_for_its_time(city: Database) -> None:
    token, ends = sign_in(city), NOW + timedelta(days=5)
    with city.work() as session:
        row = session.scalars(select(Account)).one()
        session.add(
            Post(id="p", account=row.id, hall=DISTRICT_HALL, starts=NOW, ends=ends, given_by="staff:x")
        )
    posted = actor(city, token)
    assert (posted.scope, posted.also) == (TOWN_PATH, (DISTRICT_PATH,))
    assert posted.may("windows.work", DISTRICT_PATH)
    assert not actor(city, token, now=ends).may("windows.work", DISTRICT_PATH)
    assert not actor(city, token, now=NOW - timedelta(seconds=1)).covers(DISTRICT_PATH)


def test_grants_and_posts_do_not_multiply_each_other(city: Database) -> None:
    token = sign_in(city)
    grant(city, "halls.outage")
    grant(city, "halls.close", DISTRICT_HALL)
    with city.work() as session:
        row = session.scalars(select(Account)).one()
        for hall in (CITY_HALL, DISTRICT_HALL):
            session.add(
                Post(
                    id=hall,
                    account=row.id,
                    hall=hall,
                    starts=NOW,
                    ends=NOW + timedelta(days=1),
                    given_by="staff:x",
                )
            )
    found = actor(city, token)
    assert found.also == (CITY_PATH, DISTRICT_PATH)
    outage = {each.path for each in found.grants if each.permission == "halls.outage"}
    assert outage == {TOWN_PATH, CITY_PATH, DISTRICT_PATH}
    assert [each.path for each in found.grants if each.permission == "halls.close"] == [DISTRICT_PATH]


@pytest.mark.parametrize("permission", ["audit.read", "accounts.edit", "import.city", "demo.clock"])
def test_what_only_the_three_administrators_hold_is_never_granted(city: Database, permission: str) -> None:
    with pytest.raises(DutiesApart):
        grant(city, permission)
    grant(city, permission, allow=False)


def test_nobody_grants_himself_or_changes_himself(city: Database) -> None:
    me = Actor("staff", clerk(city).id, "administrator", "/", duty="security")
    with pytest.raises(NotYourself):
        grant(city, "halls.outage", actor=me)
    with city.work() as session:
        row = session.scalars(select(Account)).one()
        place = finding.hall(session, TOWN_HALL)
        with pytest.raises(NotYourself):
            accounts.change(
                session, row, role="supervisor", duty=None, hall=place, active=True,
                now=NOW, real_now=NOW, actor=me,
            )  # fmt: skip


def test_an_administrator_has_one_duty_and_nobody_else_any(city: Database) -> None:
    with city.work() as session:
        place = finding.hall(session, CITY_HALL)
        with pytest.raises(DutyNeeded):
            accounts.create(session, "a", PASSWORD, "administrator", place)
        with pytest.raises(DutyNeeded):
            accounts.create(session, "a", PASSWORD, "auditor", place, duty="security")


def test_the_database_itself_keeps_the_duties_apart(city: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)check|account_duty"), city.work() as session:
        session.execute(update(Account).values(duty="security"))


def test_an_account_put_out_of_use_ends_its_sessions_for_good(city: Database) -> None:
    token = sign_in(city)
    for active in (False, True):
        with city.work() as session:
            row = session.scalars(select(Account)).one()
            place = finding.hall(session, TOWN_HALL)
            accounts.change(
                session, row, role="clerk", duty=None, hall=place, active=active,
                now=NOW, real_now=NOW, actor=SECURITY,
            )  # fmt: skip
    assert not known(city, token)


def test_another_password_ends_every_session(city: Database) -> None:
    token = sign_in(city)
    with city.work() as session:
        row = session.scalars(select(Account)).one()
        accounts.set_password(session, row, "another one", now=NOW, real_now=NOW, actor=SECURITY)
    assert not known(city, token)
    with city.reading() as session:
        assert accounts.verify(session, "clerk", "another one")


# --- the verdict on one try ---------------------------------------------------------------------------


def attempt(
    city: Database, keys: Keyring, proven: str | None, now: datetime = NOW, otp: str | None = None
) -> SignedIn | Refusal:
    with city.work() as session:
        return accounts.admit(session, keys, "clerk", proven, otp, real_now=now)


def test_after_five_wrong_tries_right_and_wrong_are_told_the_same(city: Database, keys: Keyring) -> None:
    stored = clerk(city).password
    for _ in range(5):
        assert isinstance(attempt(city, keys, None), WrongPassword)
    assert isinstance(attempt(city, keys, None), TooManyFailures)
    assert isinstance(attempt(city, keys, stored), TooManyFailures)
    assert isinstance(attempt(city, keys, stored, NOW + timedelta(minutes=15)), SignedIn)


def test_a_password_changed_while_it_was_being_checked_opens_nothing(city: Database, keys: Keyring) -> None:
    stored = clerk(city).password
    with city.work() as session:
        row = session.scalars(select(Account)).one()
        accounts.set_password(session, row, "another one", now=NOW, real_now=NOW, actor=SECURITY)
    assert isinstance(attempt(city, keys, stored), WrongPassword)


def test_failures_stay_on_record_after_a_success_but_count_no_longer(city: Database, keys: Keyring) -> None:
    stored = clerk(city).password
    for _ in range(4):
        attempt(city, keys, None)
    assert isinstance(attempt(city, keys, stored), SignedIn)
    with city.reading() as session:
        assert list(session.scalars(select(FailedSignIn.forgiven))) == [True] * 4
    for _ in range(4):
        attempt(city, keys, None)
    assert isinstance(attempt(city, keys, stored), SignedIn)
    with city.reading() as session:
        assert session.scalars(select(SignIn)).all()
