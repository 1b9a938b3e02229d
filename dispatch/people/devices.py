"""Machines of a hall: paired by a token, known again by it."""

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.errors import NotSignedIn
from dispatch.foundation.ids import digest, new_id
from dispatch.halls.models import Hall
from dispatch.people.models import Device

TOKEN_MARK = "device-"
"""Device tokens begin so, which tells them from a staff session without asking the database twice."""


def pair(session: Session, hall: Hall, kind: str, *, now: datetime) -> str:
    """Pair a machine with a hall; the token is shown this once."""
    token = TOKEN_MARK + secrets.token_urlsafe(32)
    session.add(
        Device(
            id=new_id(), digest=digest(token), kind=kind, hall=hall.code, scope=hall.path, active=True, at=now
        )
    )
    return token


def actor_of(session: Session, token: str) -> Actor:
    """The machine this token was given to; NotSignedIn."""
    device = session.scalar(select(Device).where(Device.digest == digest(token), Device.active))
    if device is None:
        raise NotSignedIn
    return Actor("device", device.id, device.kind, device.scope)
