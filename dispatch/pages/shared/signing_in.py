"""Signing in, the same for the page and for the API."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from dispatch.foundation import clock
from dispatch.foundation.access import ANONYMOUS
from dispatch.foundation.database import Database
from dispatch.foundation.errors import Refusal
from dispatch.foundation.ids import Keyring
from dispatch.pages.shared.limiting import SIGNING_IN, slow_down
from dispatch.people import accounts
from dispatch.people.accounts import SignedIn
from dispatch.people.models import Account
from dispatch.people.refusals import WrongPassword

PROOF = "sign-in"
PROOF_LASTS = timedelta(minutes=5)


def sign_in(
    database: Database, keys: Keyring, username: str, password: str, otp: str | None = None
) -> SignedIn:
    """A new session; raises what `people.refusals` knows. A wrong password or code is remembered."""
    return admit(database, keys, username, prove(database, username, password), otp)


def prove(database: Database, username: str, password: str) -> str | None:
    """The stored password that this one matches, or None. Raises TooManyFailures, TooMany."""
    with database.work() as session:
        slow_down(session, ANONYMOUS, "sign-in", SIGNING_IN)
    with database.reading() as session:  # the slow hash is computed outside any writing transaction
        accounts.refuse_guessing(session, username, real_now=clock.real_now())
        try:
            return accounts.verify(session, username, password).password
        except WrongPassword:
            return None


def admit(database: Database, keys: Keyring, username: str, proven: str | None, otp: str | None) -> SignedIn:
    """The second half: judge the password's proof and the code, and begin a session."""
    with database.work() as session:
        verdict = accounts.admit(session, keys, username, proven, otp, real_now=clock.real_now())
    if isinstance(verdict, Refusal):
        raise verdict
    return verdict


def note(keys: Keyring, username: str, proven: str, browser: str) -> str:
    """What a page carries from the password to the code, so that nobody types a password twice."""
    until = round((clock.real_now() + PROOF_LASTS).timestamp())
    return f"{until}.{keys.secret_of(PROOF, _bound(username, proven, browser, until))}"


def proven_by(database: Database, keys: Keyring, username: str, note: str, browser: str) -> str | None:
    """The stored password that such a note stands for; None for one that is old or not ours."""
    until, _, secret = note.partition(".")
    if not until.isdecimal() or len(until) > 12 or datetime.fromtimestamp(int(until), UTC) < clock.real_now():
        return None
    with database.reading() as session:
        stored = session.scalar(select(Account.password).where(Account.username == username))
    known = stored is not None and keys.holds(PROOF, _bound(username, stored, browser, int(until)), secret)
    return stored if known else None


def _bound(username: str, proven: str, browser: str, until: int) -> str:
    return "\n".join((username, proven, browser, str(until)))
