"""Staff, machines and citizens: who a token belongs to, and what is kept of a person."""

import base64
import hashlib
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import rfc8785
from argon2 import Type, extract_parameters
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import func, select, update

from dispatch.foundation.database import Database
from dispatch.foundation.errors import NotSignedIn
from dispatch.foundation.ids import Keyring
from dispatch.halls import finding
from dispatch.people import accounts, citizens, devices
from dispatch.people.citizens import PersonData
from dispatch.people.models import Account, Device, FailedSignIn, Person, SignIn
from dispatch.people.refusals import NameTaken, TooManyFailures, WrongPassword
from tests import servers, standing_city
from tests.standing_city import TOWN_HALL, TOWN_PATH, Standing

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
PASSWORD = "一个好密码"
PERSON = PersonData("王小明", "13800000000", "resident_id", "33108219900101001x")


def furnish(database: Database) -> None:
    """The standing city with one clerk."""
    standing_city.build(database)
    with database.work() as session:
        accounts.create(session, "clerk", PASSWORD, "clerk", finding.hall(session, TOWN_HALL))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """The same, once for all tests here."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = shutil.copyfile(template, tmp_path_factory.mktemp("people") / "city.db")
        with standing_city.standing(f"sqlite:///{path}", furnish) as city:
            yield city
    else:
        databases: servers.Databases = request.getfixturevalue("postgres_databases")
        with databases.fresh() as url, standing_city.standing(url, furnish) as city:
            yield city


@pytest.fixture
def city(standing: Standing) -> Database:
    return standing.restore()


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


def test_neither_password_nor_token_is_stored(city: Database) -> None:
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


def test_signing_in_sweeps_expired_sessions_only(city: Database) -> None:
    sign_in(city)
    second = sign_in(city, NOW + timedelta(hours=11))
    third = sign_in(city, NOW + timedelta(hours=13))
    with city.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 2
    assert known(city, second, NOW + timedelta(hours=13))
    assert known(city, third, NOW + timedelta(hours=13))


def test_signing_out_twice_changes_nothing(city: Database) -> None:
    token = sign_in(city)
    for _ in range(2):
        with city.work() as session:
            accounts.sign_out(session, token)
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


def test_failures_that_count_no_longer_are_forgotten(city: Database) -> None:
    fail(city, 3)
    fail(city, 1, NOW + timedelta(minutes=16))
    with city.reading() as session:
        assert session.scalar(select(func.count()).select_from(FailedSignIn)) == 1


# --- machines -----------------------------------------------------------------------------------------


def test_a_paired_machine_is_known_by_its_token(city: Database) -> None:
    with city.work() as session:
        token = devices.pair(session, finding.hall(session, TOWN_HALL), "kiosk", now=NOW)
    with city.reading() as session:
        actor = devices.actor_of(session, token)
        assert (actor.kind, actor.role, actor.scope) == ("device", "kiosk", TOWN_PATH)
        assert token not in session.scalars(select(Device.digest)).all()


def test_a_machine_out_of_use_is_a_stranger(city: Database) -> None:
    with city.work() as session:
        token = devices.pair(session, finding.hall(session, TOWN_HALL), "kiosk", now=NOW)
        session.flush()
        session.execute(update(Device).values(active=False))
    with city.reading() as session, pytest.raises(NotSignedIn):
        devices.actor_of(session, token)


def test_a_machine_of_an_unknown_kind_cannot_be_paired(city: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)check"):
        with city.work() as session:
            devices.pair(session, finding.hall(session, TOWN_HALL), "toaster", now=NOW)


# --- citizens -----------------------------------------------------------------------------------------


def test_a_persons_data_come_back_for_who_has_the_key_and_for_nobody_else(
    city: Database, tmp_path: Path
) -> None:
    keys = Keyring(tmp_path / "keys")
    with city.work() as session:
        kept = citizens.keep(session, keys, PERSON, now=NOW)
    with city.reading() as session:
        assert citizens.read(session, keys, kept.ref) == PERSON
        sealed = session.get_one(Person, kept.ref).sealed
        with pytest.raises(InvalidToken):
            citizens.read(session, Keyring(tmp_path / "other"), kept.ref)
    assert "王小明".encode() not in sealed
    assert b"13800000000" not in sealed


def test_the_commitment_can_be_checked_with_the_salt_and_not_without(city: Database, tmp_path: Path) -> None:
    keys = Keyring(tmp_path / "keys")
    with city.work() as session:
        kept = citizens.keep(session, keys, PERSON, now=NOW)
    with city.reading() as session:
        sealed = session.get_one(Person, kept.ref).sealed
    told = json.loads(Fernet(base64.urlsafe_b64encode(keys.key("persons"))).decrypt(sealed))
    salt = bytes.fromhex(told.pop("salt"))
    assert len(salt) == 16
    assert hashlib.sha256(salt + rfc8785.dumps(told)).hexdigest() == kept.commitment
    assert hashlib.sha256(rfc8785.dumps(told)).hexdigest() != kept.commitment


def test_the_same_person_twice_cannot_be_told_by_reference_or_commitment(
    city: Database, tmp_path: Path
) -> None:
    keys = Keyring(tmp_path / "keys")
    with city.work() as session:
        first, second = (citizens.keep(session, keys, PERSON, now=NOW) for _ in range(2))
    assert first.ref != second.ref
    assert first.commitment != second.commitment


def test_a_document_is_found_again_however_it_was_written(city: Database, tmp_path: Path) -> None:
    keys = Keyring(tmp_path / "keys")
    upper = PersonData("王小明", None, "resident_id", "33108219900101001X")
    other = PersonData("王小明", None, "passport", "33108219900101001X")
    nothing = PersonData("王小明")
    with city.work() as session:
        refs = [
            citizens.keep(session, keys, person, now=NOW).ref for person in (PERSON, upper, other, nothing)
        ]
    with city.reading() as session:
        hashes = [session.get_one(Person, ref).id_hash for ref in refs]
    assert hashes[0] == hashes[1] != hashes[2]
    assert hashes[3] is None
