"""Staff accounts: made, changed, signed in, signed out, known again by their token."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import (
    BindParameter,
    Boolean,
    String,
    bindparam,
    func,
    insert,
    null,
    or_,
    select,
    text,
    true,
    union_all,
    update,
)
from sqlalchemy.orm import Session, aliased

from dispatch.foundation import clock
from dispatch.foundation.access import Actor, Duty, Grant, Role
from dispatch.foundation.clock import DemoClock
from dispatch.foundation.errors import NotFound, NotSignedIn, Refusal
from dispatch.foundation.ids import Keyring, digest, new_id
from dispatch.foundation.log import CITY, announce
from dispatch.foundation.prepared import Prepared
from dispatch.foundation.tables import UtcTime
from dispatch.halls.models import Hall
from dispatch.people import otp
from dispatch.people.models import Account, FailedSignIn, PermissionGrant, Post, SignIn
from dispatch.people.news import AccountChanged, AccountCreated, SecondFactorReset
from dispatch.people.refusals import (
    DutyNeeded,
    NameTaken,
    NotYourself,
    OtpNeeded,
    OtpToEnrol,
    OtpUsed,
    TooManyFailures,
    WrongOtp,
    WrongPassword,
)

COOKIE = "tongban_session"
SESSION_LASTS = timedelta(hours=12)
FAILURES_ALLOWED = 5
FAILURES_COUNT_FOR = timedelta(minutes=15)

_hasher = PasswordHasher()


@dataclass(frozen=True)
class SignedIn:
    """A session begun. `scope` is where its account works, `recovery_codes` are told when they were just made."""

    account: Account
    scope: str
    token: str
    recovery_codes: list[str]


# --- accounts -----------------------------------------------------------------------------------------


def create(
    session: Session, username: str, password: str, role: Role, hall: Hall, *, duty: Duty | None = None
) -> Account:
    """A new account whose scope is this hall and all below it; NameTaken, DutyNeeded."""
    _refuse_wrong_duty(role, duty)
    if session.scalar(select(Account.id).where(Account.username == username)):
        raise NameTaken(username=username, field="username")
    account = Account(
        id=new_id(),
        username=username,
        password=_hasher.hash(password),
        role=role,
        duty=duty,
        hall=hall.code,
        active=True,
        totp_step=0,
    )
    session.add(account)
    session.flush()
    return account


def appoint(
    session: Session, username: str, password: str, role: Role, hall: Hall, *, duty: Duty | None = None
) -> Account:
    """The account of this name, made or brought back to what is said here; the demo's, every morning."""
    account = session.scalar(select(Account).where(Account.username == username))
    if account is None:
        return create(session, username, password, role, hall, duty=duty)
    account.password, account.role, account.duty = _hasher.hash(password), role, duty
    account.hall, account.active = hall.code, True
    session.flush()
    return account


def hire(
    session: Session,
    username: str,
    password: str,
    role: Role,
    hall: Hall,
    *,
    duty: Duty | None,
    now: datetime,
    actor: Actor,
) -> Account:
    """The same by a security administrator, and said on the city's log."""
    account = create(session, username, password, role, hall, duty=duty)
    news = AccountCreated(account.id, account.role, account.duty, account.hall)
    announce(session, CITY, news, at=now, actor=actor)
    return account


def change(
    session: Session,
    account: Account,
    *,
    role: Role,
    duty: Duty | None,
    hall: Hall,
    active: bool,
    now: datetime,
    real_now: datetime,
    actor: Actor,
) -> None:
    """Another role, duty, hall or use, at once; without use its sessions end. NotYourself, DutyNeeded."""
    refuse_oneself(actor, account)
    _refuse_wrong_duty(role, duty)
    before = (account.role, account.duty, account.hall, account.active)
    if before == (role, duty, hall.code, active):
        return
    account.role, account.duty, account.hall, account.active = role, duty, hall.code, active
    if not active:
        _end_sessions(session, account, real_now)
    _say_changed(session, account, now, actor, signed_out=not active)


def end_sessions(
    session: Session, account: Account, *, now: datetime, real_now: datetime, actor: Actor
) -> None:
    """Sign an account out everywhere, at once."""
    _end_sessions(session, account, real_now)
    _say_changed(session, account, now, actor, signed_out=True)


def set_password(
    session: Session, account: Account, password: str, *, now: datetime, real_now: datetime, actor: Actor
) -> None:
    """Give an account another password; whoever was signed in with the old one no longer is."""
    account.password = _hasher.hash(password)
    end_sessions(session, account, now=now, real_now=real_now, actor=actor)


def reset_otp(session: Session, account: Account, *, now: datetime, real_now: datetime, actor: Actor) -> None:
    """Forget an account's second factor and end its sessions. NotYourself."""
    refuse_oneself(actor, account)
    otp.reset(session, account)
    _end_sessions(session, account, real_now)
    announce(session, CITY, SecondFactorReset(account.id), at=now, actor=actor)


def account(session: Session, ident: str) -> Account:
    """The account of this id; NotFound."""
    found = session.get(Account, ident)
    if found is None:
        raise NotFound(what=ident, field="account")
    return found


def named(session: Session, username: str) -> Account:
    """The account of this user name; NotFound."""
    found = session.scalar(select(Account).where(Account.username == username))
    if found is None:
        raise NotFound(what=username, field="username")
    return found


def refuse_oneself(actor: Actor, account: Account) -> None:
    """NotYourself when somebody decides about his own account."""
    if actor.kind == "staff" and actor.id == account.id:
        raise NotYourself(field="account")


def _refuse_wrong_duty(role: Role, duty: Duty | None) -> None:
    if (role == "administrator") is (duty is None):
        raise DutyNeeded(field="duty")


def _end_sessions(session: Session, account: Account, real_now: datetime) -> None:
    live = (SignIn.account == account.id) & SignIn.ended.is_(None)
    session.execute(update(SignIn).where(live).values(ended=real_now))


def _say_changed(
    session: Session, account: Account, now: datetime, actor: Actor, *, signed_out: bool
) -> None:
    news = AccountChanged(account.id, account.role, account.duty, account.hall, account.active, signed_out)
    announce(session, CITY, news, at=now, actor=actor)


# --- signing in ---------------------------------------------------------------------------------------


def refuse_guessing(session: Session, username: str, *, real_now: datetime) -> None:
    """TooManyFailures after repeated wrong passwords or codes for this name."""
    counted = select(func.count(), func.min(FailedSignIn.at)).where(
        FailedSignIn.username == username,
        FailedSignIn.at > real_now - FAILURES_COUNT_FOR,
        FailedSignIn.forgiven.is_(False),
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


def admit(
    session: Session,
    keys: Keyring,
    username: str,
    proven: str | None,
    said: str | None,
    *,
    real_now: datetime,
) -> SignedIn | Refusal:
    """The verdict on one try, whatever else is tried for this name at the same time.

    `proven` is the stored password that the one given was found to match, None for a wrong one. Tries for a name are
    judged one after the other under a lock, right and wrong alike: nobody learns of more than five wrong ones.
    A refusal is returned, not raised, since the failure it counts must be committed.
    """
    _one_at_a_time(session, username)
    try:
        refuse_guessing(session, username, real_now=real_now)
        account = _proven_account(session, username, proven)
        codes = _second_factor(session, keys, account, said, real_now)
    except (WrongPassword, WrongOtp) as refusal:
        note_failure(session, username, real_now=real_now)
        return refusal
    except (TooManyFailures, OtpNeeded, OtpToEnrol, OtpUsed) as refusal:
        return refusal
    token = sign_in(session, account, real_now=real_now)
    return SignedIn(account, session.get_one(Hall, account.hall).path, token, codes)


def note_failure(session: Session, username: str, *, real_now: datetime) -> None:
    """Remember a wrong password or code."""
    row = {"id": new_id(), "username": username, "at": real_now, "forgiven": False}
    session.execute(insert(FailedSignIn).values(row))


def sign_in(session: Session, account: Account, *, real_now: datetime) -> str:
    """Begin a session; the token is shown this once. Failures before it count no longer."""
    token = secrets.token_urlsafe(32)
    counting = (FailedSignIn.username == account.username) & FailedSignIn.forgiven.is_(False)
    session.execute(update(FailedSignIn).where(counting).values(forgiven=True))
    session.execute(
        insert(SignIn).values(
            digest=digest(token), account=account.id, at=real_now, expires=real_now + SESSION_LASTS
        )
    )
    return token


def sign_out(session: Session, token: str, *, real_now: datetime) -> None:
    """End a session; ending it twice changes nothing."""
    live = (SignIn.digest == digest(token)) & SignIn.ended.is_(None)
    session.execute(update(SignIn).where(live).values(ended=real_now))


def _one_at_a_time(session: Session, username: str) -> None:
    """Hold this name until the transaction ends. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        number = int(digest(f"sign-in:{username}")[:15], 16)
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _proven_account(session: Session, username: str, proven: str | None) -> Account:
    account = session.scalar(select(Account).where(Account.username == username, Account.active))
    if account is None or proven is None or account.password != proven:
        raise WrongPassword
    return account


def _second_factor(
    session: Session, keys: Keyring, account: Account, said: str | None, real_now: datetime
) -> list[str]:
    """Judge the code where one is needed; new recovery codes when it was set up with this one."""
    if not otp.needed(account):
        return []
    enrolled = account.enrolled_at is not None
    if not said and enrolled:
        raise OtpNeeded(field="otp")
    if not said:
        secret = otp.begin(session, keys, account)
        raise OtpToEnrol(field="otp", otp_secret=secret, otp_uri=otp.uri(account, secret))
    otp.use(session, keys, account, said, real_now=real_now)
    if enrolled:
        return []
    account.enrolled_at = real_now
    return otp.recovery_codes(session, account)


@cache
def _nobodys_password() -> str:
    return _hasher.hash(secrets.token_hex(16))


# --- who is it ----------------------------------------------------------------------------------------

_home, _place = aliased(Hall), aliased(Hall)
_digest: BindParameter[str] = bindparam("digest")
_real = bindparam("real", type_=UtcTime)
_whose = select(SignIn.account).where(SignIn.digest == _digest).scalar_subquery()
_demo = select(DemoClock.id).exists()
_beside = union_all(
    select(
        PermissionGrant.account.label("account"),
        PermissionGrant.permission.label("permission"),
        PermissionGrant.allow.label("allow"),
        PermissionGrant.hall.label("hall"),
        null().cast(UtcTime).label("since"),
        PermissionGrant.until.label("until"),
    ).where(PermissionGrant.account == _whose),
    select(
        Post.account, null().cast(String(30)), null().cast(Boolean), Post.hall, Post.starts, Post.ends
    ).where(Post.account == _whose, or_(Post.ends > _real, _demo)),
).subquery("beside")
# Whoever asks who it is asks what time it is: both come at once.
_ACTOR = Prepared(
    select(
        Account.id,
        Account.role,
        Account.duty,
        _home.path.label("scope"),
        _beside.c.permission,
        _beside.c.allow,
        _beside.c.since,
        _beside.c.until,
        _place.path.label("path"),
        DemoClock.city,
        DemoClock.real,
        DemoClock.speed,
    )
    .join(SignIn, SignIn.account == Account.id)
    .join(_home, _home.code == Account.hall)
    .outerjoin(_beside, _beside.c.account == Account.id)
    .outerjoin(_place, _place.code == _beside.c.hall)
    .outerjoin(DemoClock, true())
    .where(SignIn.digest == _digest, SignIn.expires > _real, SignIn.ended.is_(None), Account.active)
    .order_by(_place.path)
)


def actor_of(session: Session, token: str, *, real_now: datetime, now: datetime | None = None) -> Actor:
    """Who this token belongs to, with role, scope, posts and grants of this very moment; NotSignedIn.

    Posts and grants run on city time (`now`, without one what the city's clock says), sessions on real time.
    """
    found = _ACTOR.all(session, digest=digest(token), real=real_now)
    if not found:
        raise NotSignedIn
    first = found[0]
    hands = clock.Hands(first.city, first.real, first.speed) if first.city else None
    at = clock.by(session, hands, real_now) if now is None else now
    rows = [row for row in found if (not row.since or row.since <= at) and (not row.until or row.until > at)]
    also = tuple(row.path for row in rows if row.path is not None and row.permission is None)
    grants = tuple(
        Grant(row.permission, path, row.allow)
        for row in rows
        if row.permission is not None
        for path in _reach(row.path, row.allow, (first.scope, *also))
    )
    return Actor("staff", first.id, first.role, first.scope, also=also, duty=first.duty, grants=grants)


def _reach(path: str | None, allow: bool, works_at: tuple[str, ...]) -> tuple[str, ...]:
    """Where a grant counts: at its hall; one without a hall gives wherever he works, and takes everywhere."""
    if path is not None:
        return (path,)
    return works_at if allow else ("/",)
