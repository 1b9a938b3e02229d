"""The second factor: time-based one-time codes (RFC 6238), each good once, and recovery codes for lost phones."""

import base64
import hmac
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import CursorResult, delete, insert
from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.ids import Keyring, digest
from dispatch.people.models import Account, RecoveryCode
from dispatch.people.refusals import OtpUsed, WrongOtp
from dispatch.people.sealing import ACCOUNTS, seal, unseal

STEP_S, DIGITS, SECRET_BYTES = 30, 6, 20
STEPS_OFF = (0, -1, 1)
"""A phone's clock may be off by a step."""
NEEDED_BY = ("administrator", "auditor")
RECOVERY_CODES = 10
ISSUER = "Tongban"


def needed(account: Account) -> bool:
    """Whether this account signs in with a code; administrators must, others may."""
    return account.role in NEEDED_BY or account.enrolled_at is not None


def begin(session: Session, keys: Keyring, account: Account) -> str:
    """The secret to set a phone up with, in base32; the same until it is in force."""
    if account.totp is None or account.enrolled_at is not None:
        fresh = secrets.token_bytes(SECRET_BYTES)
        account.totp, _ = seal(keys, ACCOUNTS, fresh)
        account.totp_step, account.enrolled_at = 0, None
        session.flush()
    return base64.b32encode(unseal(keys, ACCOUNTS, account.totp)).decode()


def uri(account: Account, secret: str) -> str:
    """What the QR code says to an authenticator."""
    return _totp(base64.b32decode(secret)).get_provisioning_uri(account.username, ISSUER)


def use(session: Session, keys: Keyring, account: Account, said: str, *, real_now: datetime) -> None:
    """Accept a one-time code or a recovery code, and never again; WrongOtp, OtpUsed."""
    said = said.replace(" ", "").replace("-", "").strip()
    if len(said) != DIGITS and account.enrolled_at is not None and _spend(session, account, said):
        return
    step = _step_of(keys, account, said, real_now)
    if step is None:
        raise WrongOtp(field="otp")
    if step <= account.totp_step and not clock.in_demo(session):
        raise OtpUsed(field="otp")
    account.totp_step = step


def recovery_codes(session: Session, account: Account) -> list[str]:
    """New recovery codes instead of any before; shown this once, kept as digests."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account == account.id))
    codes = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    rows = [{"account": account.id, "digest": _recovery_digest(code)} for code in codes]
    session.execute(insert(RecoveryCode), rows)
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def reset(session: Session, account: Account) -> None:
    """Forget the second factor: it is set up anew at the next sign-in, where one is needed."""
    account.totp, account.enrolled_at, account.totp_step = None, None, 0
    session.execute(delete(RecoveryCode).where(RecoveryCode.account == account.id))


def code_at(secret: str, at: datetime) -> str:
    """The code that a phone set up with this secret shows at a moment."""
    return _totp(base64.b32decode(secret)).generate(int(at.timestamp())).decode()


def _step_of(keys: Keyring, account: Account, said: str, real_now: datetime) -> int | None:
    """The step this code belongs to, among those that may count now; the latest that was not used yet first."""
    if account.totp is None or len(said) != DIGITS or not said.isascii():
        return None
    totp = _totp(unseal(keys, ACCOUNTS, account.totp))
    now = int(real_now.timestamp()) // STEP_S
    right = [
        now + off
        for off in STEPS_OFF
        if hmac.compare_digest(totp.generate((now + off) * STEP_S), said.encode())
    ]
    return max(right, default=None)


def _spend(session: Session, account: Account, said: str) -> bool:
    gone = session.execute(
        delete(RecoveryCode).where(
            RecoveryCode.account == account.id, RecoveryCode.digest == _recovery_digest(said.lower())
        )
    )
    assert isinstance(gone, CursorResult)
    return gone.rowcount == 1


def _recovery_digest(code: str) -> str:
    return digest(f"recovery:{code}")


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_S)  # noqa: S303 - what every authenticator speaks
