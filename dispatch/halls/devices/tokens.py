"""A machine's token: known again, turned over once a day, worth nothing once it is revoked."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.foundation.errors import NotSignedIn
from dispatch.foundation.ids import digest
from dispatch.halls.devices.models import Device, SpentToken
from dispatch.halls.devices.news import DeviceRevoked
from dispatch.halls.devices.refusals import Cloned

COOKIE = "tongban_device"
TOKEN_MARK = "device-"
"""Device tokens begin so, which tells them from a staff session without asking the database twice."""
TURNED_EVERY = timedelta(days=1)
OLD_LASTS = timedelta(seconds=60)
SPENT_KNOWN_FOR = timedelta(days=400)
REASONS = ("revoked", "replaced", "lost")


def fresh() -> str:
    """A new token."""
    return TOKEN_MARK + secrets.token_urlsafe(32)


def nonce() -> str:
    """A new nonce."""
    return secrets.token_hex(16)


def actor_of(session: Session, token: str, *, real_now: datetime) -> Actor:
    """The machine this token belongs to, as somebody who acts; NotSignedIn, Cloned."""
    device = device_of(session, token, real_now=real_now)
    return Actor("device", device.id, device.kind, device.scope)


def device_of(session: Session, token: str, *, real_now: datetime) -> Device:
    """The machine this token belongs to; NotSignedIn, Cloned."""
    device = known(session, token)
    if device is None or not device.active or not good(device, token, real_now=real_now):
        raise NotSignedIn
    if device.cloned_at is not None:
        raise Cloned
    return device


def speaker(session: Session, token: str) -> tuple[Device, bool]:
    """The machine that speaks, held for writing, and whether its token is good; NotSignedIn, Cloned."""
    device = known(session, token, for_update=True) or _once(session, token)
    if device is None or not device.active:
        raise NotSignedIn
    if device.cloned_at is not None:
        raise Cloned
    return device, digest(token) in (device.digest, device.old_digest)


def known(session: Session, token: str, *, for_update: bool = False) -> Device | None:
    """The machine that this token belongs to or once belonged to, in use or not."""
    mark = digest(token)
    wanted = select(Device).where(or_(Device.digest == mark, Device.old_digest == mark))
    return session.scalar(wanted.with_for_update() if for_update else wanted)


def good(device: Device, token: str, *, real_now: datetime) -> bool:
    """Whether the token still opens: the newest does, the one before it for a while."""
    if device.digest == digest(token):
        return True
    return device.old_until is None or real_now < device.old_until


def turn(session: Session, device: Device, token: str, *, real_now: datetime) -> str:
    """Give the machine another token. What it holds now stays good until the new one has been heard."""
    if device.old_digest is not None:
        session.add(SpentToken(digest=device.old_digest, device=device.id, at=real_now))
        session.execute(delete(SpentToken).where(SpentToken.at < real_now - SPENT_KNOWN_FOR))
    device.salt = secrets.token_hex(32)
    following = after(device, token)
    device.old_digest, device.old_until = digest(token), None
    device.digest, device.turned_at = digest(following), real_now
    device.generation += 1
    return following


def after(device: Device, token: str) -> str:
    """The token that follows this one: told again to a machine that missed the answer, unknown to a stolen table."""
    made = hmac.new(bytes.fromhex(device.salt or ""), token.encode(), hashlib.sha256).digest()
    return TOKEN_MARK + base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def revoke(
    session: Session, device: Device, *, reason: str, now: datetime, real_now: datetime, actor: Actor
) -> None:
    """Put a machine out of use at once, on open lines too; twice changes nothing."""
    session.refresh(device, with_for_update=True)
    if not device.active:
        return
    device.active, device.revoked_at = False, real_now
    session.flush()
    log.announce(session, device.hall, DeviceRevoked(device.id, device.kind, reason), at=now, actor=actor)


def _once(session: Session, token: str) -> Device | None:
    """The machine that held this token long ago."""
    wanted = select(Device).join(SpentToken, SpentToken.device == Device.id)
    return session.scalar(wanted.where(SpentToken.digest == digest(token)).with_for_update(of=Device))
