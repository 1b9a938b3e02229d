"""The second factor: set up at the first sign-in, asked for ever after, each code good once."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from dispatch.foundation.access import Actor
from dispatch.foundation.database import Database
from dispatch.foundation.errors import Refusal
from dispatch.foundation.ids import Keyring
from dispatch.halls import finding
from dispatch.people import accounts, otp
from dispatch.people.accounts import SignedIn
from dispatch.people.models import Account, RecoveryCode
from dispatch.people.refusals import OtpNeeded, OtpToEnrol, OtpUsed, TooManyFailures, WrongOtp
from tests.people.conftest import NOW, PASSWORD
from tests.standing_city import CITY_HALL

SECURITY = Actor("staff", "s" * 32, "administrator", "/", duty="security")
STEP = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """RFC 6238, appendix B, the last six digits."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert otp.code_at(secret, datetime.fromtimestamp(seconds, UTC)) == code


def make(city: Database, role: str = "administrator", duty: str | None = "system") -> None:
    with city.work() as session:
        place = finding.hall(session, CITY_HALL)
        accounts.create(session, "admin", PASSWORD, role, place, duty=duty)  # type: ignore[arg-type]


def attempt(city: Database, keys: Keyring, said: str | None, now: datetime = NOW) -> SignedIn | Refusal:
    with city.work() as session:
        stored = session.scalars(select(Account.password).where(Account.username == "admin")).one()
        return accounts.admit(session, keys, "admin", stored, said, real_now=now)


def enrol(city: Database, keys: Keyring, now: datetime = NOW) -> tuple[str, list[str]]:
    asked = attempt(city, keys, None, now)
    assert isinstance(asked, OtpToEnrol)
    secret: str = asked.data["otp_secret"]
    entered = attempt(city, keys, otp.code_at(secret, now), now)
    assert isinstance(entered, SignedIn)
    return secret, entered.recovery_codes


@pytest.mark.parametrize(
    ("role", "duty"), [("administrator", "system"), ("administrator", "security"), ("auditor", None)]
)
def test_the_three_administrators_set_it_up_when_they_first_sign_in(
    city: Database, keys: Keyring, role: str, duty: str | None
) -> None:
    make(city, role, duty)
    first, again = attempt(city, keys, None), attempt(city, keys, None)
    assert isinstance(first, OtpToEnrol)
    assert isinstance(again, OtpToEnrol)
    assert first.data == again.data, "a page loaded twice must not make the phone useless"
    assert first.data["otp_uri"].startswith("otpauth://totp/Tongban:admin?")
    assert isinstance(attempt(city, keys, "000000"), WrongOtp)
    secret, codes = enrol(city, keys)
    assert len(codes) == len(set(codes)) == otp.RECOVERY_CODES
    later = NOW + 10 * STEP
    assert isinstance(attempt(city, keys, None, later), OtpNeeded)
    entered = attempt(city, keys, otp.code_at(secret, later), later)
    assert isinstance(entered, SignedIn)
    assert entered.recovery_codes == []


def test_the_secret_is_not_stored_open(city: Database, keys: Keyring) -> None:
    make(city)
    secret, codes = enrol(city, keys)
    with city.reading() as session:
        box = session.scalars(select(Account.totp).where(Account.username == "admin")).one()
        digests = list(session.scalars(select(RecoveryCode.digest)))
    assert box is not None
    assert base64.b32decode(secret) not in box
    assert secret.encode() not in box
    assert not set(codes) & set(digests)


@pytest.mark.parametrize(("off", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phone_may_be_off_by_one_step(city: Database, keys: Keyring, off: int, good: bool) -> None:
    make(city)
    secret, _ = enrol(city, keys)
    now = NOW + 20 * STEP
    verdict = attempt(city, keys, otp.code_at(secret, now + off * STEP), now)
    assert isinstance(verdict, SignedIn if good else WrongOtp)


def test_a_code_opens_once_and_none_before_it_opens_any_more(city: Database, keys: Keyring) -> None:
    make(city)
    secret, _ = enrol(city, keys)
    now = NOW + 20 * STEP
    assert isinstance(attempt(city, keys, otp.code_at(secret, now), now), SignedIn)
    assert isinstance(attempt(city, keys, otp.code_at(secret, now), now), OtpUsed)
    assert isinstance(attempt(city, keys, otp.code_at(secret, now - STEP), now), OtpUsed)
    assert isinstance(attempt(city, keys, otp.code_at(secret, now + STEP), now), SignedIn)
    assert isinstance(attempt(city, keys, otp.code_at(secret, now), now + STEP), OtpUsed)


def test_a_recovery_code_opens_once_however_it_is_written(city: Database, keys: Keyring) -> None:
    make(city)
    _, codes = enrol(city, keys)
    assert isinstance(attempt(city, keys, codes[0].upper()), SignedIn)
    assert isinstance(attempt(city, keys, codes[0]), WrongOtp)
    assert isinstance(attempt(city, keys, codes[1].replace("-", " ")), SignedIn)


def test_wrong_codes_count_as_wrong_passwords_do(city: Database, keys: Keyring) -> None:
    make(city)
    secret, _ = enrol(city, keys)
    now = NOW + 20 * STEP
    right = otp.code_at(secret, now)
    wrong = "000000" if right != "000000" else "000001"
    for _ in range(5):
        assert isinstance(attempt(city, keys, wrong, now), WrongOtp)
    assert isinstance(attempt(city, keys, right, now), TooManyFailures)


def test_after_a_reset_it_is_set_up_anew(city: Database, keys: Keyring) -> None:
    make(city)
    secret, codes = enrol(city, keys)
    with city.work() as session:
        row = session.scalars(select(Account).where(Account.username == "admin")).one()
        accounts.reset_otp(session, row, now=NOW, real_now=NOW, actor=SECURITY)
    asked = attempt(city, keys, None)
    assert isinstance(asked, OtpToEnrol)
    assert asked.data["otp_secret"] != secret
    assert isinstance(attempt(city, keys, codes[0]), WrongOtp)


def test_nobody_else_needs_one(city: Database, keys: Keyring) -> None:
    make(city, "supervisor", None)
    assert isinstance(attempt(city, keys, None), SignedIn)
