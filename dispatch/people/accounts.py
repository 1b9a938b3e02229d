"""Staff accounts: made, signed in, signed out, known again by their token."""

import secrets
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor, Role
from dispatch.foundation.errors import NotSignedIn
from dispatch.foundation.ids import digest, new_id
from dispatch.halls.models import Hall
from dispatch.people.models import Account, FailedSignIn, SignIn
from dispatch.people.refusals import NameTaken, TooManyFailures, WrongPassword

SESSION_LASTS = timedelta(hours=12)
FAILURES_ALLOWED = 5
FAILURES_COUNT_FOR = timedelta(minutes=15)

_hasher = PasswordHasher()


def create(session: Session, username: str, password: str, role: Role, hall: Hall) -> Account:
    """A new account whose scope is this hall and all below it; NameTaken."""
    if session.scalar(select(Account.id).where(Account.username == username)):
        raise NameTaken(username=username, field="username")
    account = Account(
        id=new_id(),
        username=username,
        password=_hasher.hash(password),
        role=role,
        hall=hall.code,
        scope=hall.path,
        active=True,
    )
    session.add(account)
    return account


def refuse_guessing(session: Session, username: str, *, real_now: datetime) -> None:
    """TooManyFailures after repeated wrong passwords for this name."""
    counted = select(func.count(), func.min(FailedSignIn.at)).where(
        FailedSignIn.username == username, FailedSignIn.at > real_now - FAILURES_COUNT_FOR
    )
    failures, first = session.execute(counted).one()
    if failures >= FAILURES_ALLOWED:
        wait = first + FAILURES_COUNT_FOR - real_now
        raise TooManyFailures(minutes=max(1, round(wait.total_seconds() / 60)))


def verify(session: Session, username: str, password: str) -> Account:
    """The account of this name and password; WrongPassword. Takes as long whether the name exists or not."""
    account = session.scalar(select(Account).where(Account.username == username, Account.active))
    try:
        _hasher.verify(account.password if account else _nobodys_password(), password)
    except (VerifyMismatchError, InvalidHashError) as error:
        raise WrongPassword from error
    if account is None:
        raise WrongPassword
    return account


def note_failure(session: Session, username: str, *, real_now: datetime) -> None:
    """Remember a wrong password, and forget those that count no longer."""
    session.execute(delete(FailedSignIn).where(FailedSignIn.at < real_now - FAILURES_COUNT_FOR))
    session.execute(insert(FailedSignIn).values(id=new_id(), username=username, at=real_now))


def sign_in(session: Session, account: Account, *, real_now: datetime) -> str:
    """Begin a session; the token is shown this once."""
    token = secrets.token_urlsafe(32)
    session.execute(delete(FailedSignIn).where(FailedSignIn.username == account.username))
    session.execute(delete(SignIn).where(SignIn.expires < real_now))
    session.execute(
        insert(SignIn).values(
            digest=digest(token), account=account.id, at=real_now, expires=real_now + SESSION_LASTS
        )
    )
    return token


def sign_out(session: Session, token: str) -> None:
    """End a session; ending it twice changes nothing."""
    session.execute(delete(SignIn).where(SignIn.digest == digest(token)))


def actor_of(session: Session, token: str, *, real_now: datetime) -> Actor:
    """Who this token belongs to, with the role and scope of this very moment; NotSignedIn."""
    found = session.execute(
        select(Account.id, Account.role, Account.scope)
        .join(SignIn, SignIn.account == Account.id)
        .where(SignIn.digest == digest(token), SignIn.expires > real_now, Account.active)
    ).one_or_none()
    if found is None:
        raise NotSignedIn
    return Actor("staff", found.id, found.role, found.scope)


@cache
def _nobodys_password() -> str:
    return _hasher.hash(secrets.token_hex(16))
