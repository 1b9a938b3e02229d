"""Pairing: a machine shows a short code, somebody who may approves it, the machine fetches its token once.

It goes as in RFC 8628. A token can also be made directly, for machines that nobody can read a code from.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.foundation.errors import BadInput
from dispatch.foundation.ids import digest, new_id
from dispatch.halls.devices import tokens
from dispatch.halls.devices.models import AT_A_WINDOW, Device, Pairing, WrongCode
from dispatch.halls.devices.news import DevicePaired
from dispatch.halls.devices.refusals import (
    AccessDenied,
    AuthorizationPending,
    ExpiredToken,
    SlowDown,
    TooManyWrongCodes,
    UnknownCode,
    WindowNeeded,
)
from dispatch.halls.models import Hall, Window

LETTERS = "BCDFGHJKMNPRSTVWXZ"
"""Neither vowels, so that no word comes of it, nor letters taken for others: eight of them are 33 bits."""
CODE_LASTS = timedelta(minutes=10)
INTERVAL_S, SLOWER_BY_S = 5, 5
CODES_ALLOWED = 5
COUNTED_FOR = timedelta(minutes=15)
NAMES = {"board": "大屏", "kiosk": "自助机", "caller": "叫号器", "printer": "打印机", "pad": "评价器"}


@dataclass(frozen=True)
class Asked:
    """What a machine is told when it asks to be paired."""

    device_code: str
    user_code: str
    expires: datetime
    interval_s: int


@dataclass(frozen=True)
class About:
    """What is said of a machine when it is paired."""

    name: str | None = None
    window: str | None = None
    abilities: Sequence[str] = ()
    items: Sequence[str] | None = None
    address: str | None = None


@dataclass(frozen=True)
class Taken:
    """The token, shown this once, and the machine it belongs to."""

    device: Device
    token: str = field(repr=False)


def pair(session: Session, hall: Hall, kind: str, *, now: datetime, about: About | None = None) -> str:
    """Pair a machine with a hall at once, without news; the token is shown this once."""
    token = tokens.fresh()
    session.add(_device(session, hall, kind, about or About(), token, now))
    return token


def ask(session: Session, kind: str, *, real_now: datetime) -> Asked:
    """A machine asks to be paired."""
    session.execute(delete(Pairing).where(Pairing.expires < real_now - COUNTED_FOR))
    device_code = secrets.token_urlsafe(32)
    letters = "".join(secrets.choice(LETTERS) for _ in range(8))
    expires = real_now + CODE_LASTS
    session.execute(
        insert(Pairing).values(
            id=new_id(),
            device_digest=digest(device_code),
            user_digest=digest(letters),
            kind=kind,
            state="pending",
            asked_at=real_now,
            expires=expires,
            interval_s=INTERVAL_S,
        )
    )
    return Asked(device_code, f"{letters[:4]}-{letters[4:]}", expires, INTERVAL_S)


def refuse_guessing(session: Session, who: str, *, real_now: datetime) -> None:
    """TooManyWrongCodes once somebody has tried too many."""
    counted = select(func.count(), func.min(WrongCode.at)).where(
        WrongCode.who == who, WrongCode.at > real_now - COUNTED_FOR
    )
    tried, first = session.execute(counted).one()
    if tried >= CODES_ALLOWED:
        raise TooManyWrongCodes(minutes=_minutes(first + COUNTED_FOR - real_now))


def note_wrong_code(session: Session, who: str, *, real_now: datetime) -> None:
    """Remember a code that was none, and forget those that count no longer."""
    session.execute(delete(WrongCode).where(WrongCode.at < real_now - COUNTED_FOR))
    session.execute(insert(WrongCode).values(id=new_id(), who=who, at=real_now))


def waiting(session: Session, user_code: str, *, real_now: datetime, for_update: bool = True) -> Pairing:
    """The machine that shows this code now, however it was typed; UnknownCode."""
    letters = "".join(sign for sign in user_code.upper() if sign.isalnum())
    wanted = select(Pairing).where(
        Pairing.user_digest == digest(letters), Pairing.state == "pending", Pairing.expires > real_now
    )
    found = session.scalar(wanted.with_for_update() if for_update else wanted)
    if found is None:
        raise UnknownCode(field="user_code")
    return found


def approve(
    session: Session,
    pairing: Pairing,
    hall: Hall,
    about: About,
    *,
    now: datetime,
    real_now: datetime,
    actor: Actor,
) -> Device:
    """Give the machine to a hall. Its token is made when it comes for it; until then it has none."""
    device = _device(session, hall, pairing.kind, about, tokens.fresh(), real_now)
    session.add(device)
    session.flush()
    pairing.state, pairing.device = "approved", device.id
    news = DevicePaired(device.id, device.kind, device.window)
    log.announce(session, hall.code, news, at=now, actor=actor)
    return device


def deny(session: Session, pairing: Pairing) -> None:
    """Send the machine away."""
    pairing.state = "denied"
    session.flush()


def too_soon(session: Session, device_code: str, *, real_now: datetime) -> int | None:
    """The longer interval, when the machine asks before its own is over; None when it may ask."""
    pairing = _of(session, device_code)
    if pairing is None:
        return None
    polled, interval = pairing.polled_at, pairing.interval_s
    early = polled is not None and real_now - polled < timedelta(seconds=interval - 1)
    if early and pairing.state == "pending":
        interval += SLOWER_BY_S
    session.execute(
        update(Pairing).where(Pairing.id == pairing.id).values(polled_at=real_now, interval_s=interval)
    )
    return interval if early and pairing.state == "pending" else None


def collect(session: Session, device_code: str, *, real_now: datetime) -> Taken:
    """The machine comes for its token, which it gets once.

    AuthorizationPending while nobody has decided; ExpiredToken, AccessDenied when it is of no use to ask again.
    """
    pairing = _of(session, device_code)
    if pairing is None or pairing.state == "taken":
        raise ExpiredToken(field="device_code")
    if pairing.state == "denied":
        raise AccessDenied(field="device_code")
    if pairing.expires <= real_now:
        raise ExpiredToken(field="device_code")
    if pairing.state == "pending":
        raise AuthorizationPending(field="device_code", interval_s=pairing.interval_s)
    device = session.get_one(Device, pairing.device, with_for_update=True)
    token = tokens.fresh()
    device.digest, device.turned_at, device.heard_at = digest(token), real_now, real_now
    pairing.state = "taken"
    session.flush()
    return Taken(device, token)


def slow_down(interval_s: int) -> SlowDown:
    """What a machine that asks too often is told."""
    return SlowDown(field="device_code", interval_s=interval_s)


def _device(session: Session, hall: Hall, kind: str, about: About, token: str, now: datetime) -> Device:
    window = _window(session, hall, kind, about.window)
    return Device(
        id=new_id(),
        kind=kind,
        hall=hall.code,
        scope=hall.path,
        window=window,
        name=about.name or _name(session, hall, kind),
        abilities=list(dict.fromkeys(about.abilities)),
        items=list(about.items) if about.items is not None else None,
        address=about.address,
        paper="ok",
        faults=[],
        session=new_id(),
        generation=1,
        digest=digest(token),
        turned_at=now,
        nonce=tokens.nonce(),
        active=True,
        at=now,
    )


def _window(session: Session, hall: Hall, kind: str, ident: str | None) -> str | None:
    if kind not in AT_A_WINDOW:
        return None
    if ident is None:
        raise WindowNeeded(field="window")
    window = session.get(Window, ident)
    if window is None or not window.active or window.hall != hall.code:
        raise BadInput(reason=ident, field="window")
    return window.id


def _name(session: Session, hall: Hall, kind: str) -> str:
    """自助机 2: the next of its kind in this hall."""
    counted = select(func.count()).select_from(Device).where(Device.hall == hall.code, Device.kind == kind)
    return f"{NAMES.get(kind, kind)} {(session.scalar(counted) or 0) + 1}"


def _of(session: Session, device_code: str) -> Pairing | None:
    wanted = select(Pairing).where(Pairing.device_digest == digest(device_code))
    return session.scalar(wanted.with_for_update())


def _minutes(left: timedelta) -> int:
    return max(1, round(left.total_seconds() / 60))
