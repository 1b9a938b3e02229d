"""A machine says how it is. Each time it brings the nonce it was given last, and is given the next one.

A machine that missed the answer says the very same again, under the same key, and is answered the same. Whoever brings
a nonce that was spent under another key, or a token that was left behind, is a second machine: both are refused from
then on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.foundation.ids import digest
from dispatch.halls.devices import tokens
from dispatch.halls.devices.models import Device
from dispatch.halls.devices.news import DeviceCloned, DeviceFault, HelpWanted
from dispatch.ports.printing import Condition

OF_A_PRINTER = ("printer", "jam", "cutter")
HELP_AGAIN = timedelta(seconds=60)


@dataclass(frozen=True)
class Said:
    """What a machine says of itself; what it does not speak of stays.

    `key` is the call's own: drawn, and kept, before the call is made.
    """

    nonce: str | None = None
    key: str | None = None
    state: str | None = None
    paper: str | None = None
    faults: Sequence[str] | None = None
    at: datetime | None = None
    receipt: int | None = None


@dataclass(frozen=True)
class Heard:
    """The answer. `nonce` is to be brought next time; `token`, if there is one, holds from now on."""

    device: Device
    nonce: str = field(repr=False)
    token: str | None = field(repr=False)
    cloned: bool = False


def hear(session: Session, token: str, said: Said, *, now: datetime, real_now: datetime) -> Heard:
    """Take a sign of life. NotSignedIn, Cloned; a clone found just now is told in the answer, so that it is kept."""
    device, is_known = tokens.speaker(session, token)
    actor = Actor("device", device.id, device.kind, device.scope)
    key = digest(said.key) if said.key else None
    if is_known and _is_next(device, said):
        device.spent, device.spent_key, device.nonce = device.nonce, key, tokens.nonce()
        following = _turned(session, device, token, real_now)
        _note(session, device, said, actor, now=now, real_now=real_now)
    elif is_known and _is_again(device, said, key):
        following = None if device.digest == digest(token) else tokens.after(device, token)
        device.heard_at = real_now
    else:
        device.cloned_at = real_now
        session.flush()
        log.announce(session, device.hall, DeviceCloned(device.id, device.kind), at=now, actor=actor)
        return Heard(device, "", None, cloned=True)
    session.flush()
    return Heard(device, device.nonce or "", following)


def probed(
    session: Session,
    device: Device,
    found: Condition | None,
    *,
    now: datetime,
    real_now: datetime,
    actor: Actor,
) -> None:
    """What a printer on the network said when it was asked how it is; None when it did not answer.

    A printer is heard by this. A kiosk speaks for itself, of all but the printer within it.
    """
    session.refresh(device, with_for_update=True)
    others = [fault for fault in device.faults if fault not in OF_A_PRINTER]
    if found is None:
        if device.kind == "printer":
            return  # its silence tells
        found = Condition(faults=("printer",))
    if device.kind == "printer":
        device.heard_at = real_now
    _become(session, device, found.paper, [*others, *found.faults], now=now, actor=actor)


def want_help(session: Session, device: Device, *, now: datetime, real_now: datetime, actor: Actor) -> None:
    """Somebody there asks for a person to come; asking again within a minute changes nothing."""
    session.refresh(device, with_for_update=True)
    if device.help_at is not None and real_now - device.help_at < HELP_AGAIN:
        return
    device.help_at = real_now
    session.flush()
    log.announce(session, device.hall, HelpWanted(device.id), at=now, actor=actor)


def _is_next(device: Device, said: Said) -> bool:
    """The nonce that is due. The very first call may come without one: a token alone is all a machine may have."""
    return said.nonce == device.nonce or (said.nonce is None and device.spent is None)


def _is_again(device: Device, said: Said, key: str | None) -> bool:
    """The call before this one, made once more because its answer was lost."""
    return key is not None and key == device.spent_key and said.nonce in (None, device.spent)


def _turned(session: Session, device: Device, token: str, real_now: datetime) -> str | None:
    """The token that holds from now on, if it is another than the one that came."""
    if device.digest != digest(token):
        return tokens.after(device, token)  # the answer with the new one was lost
    if device.old_digest is not None and device.old_until is None:
        device.old_until = real_now + tokens.OLD_LASTS  # the new one has arrived
    if real_now - device.turned_at < tokens.TURNED_EVERY:
        return None
    return tokens.turn(session, device, token, real_now=real_now)


def _note(
    session: Session, device: Device, said: Said, actor: Actor, *, now: datetime, real_now: datetime
) -> None:
    device.heard_at, device.state = real_now, said.state
    if said.receipt is not None and said.receipt != device.receipt:
        device.receipt, device.receipt_at = said.receipt, real_now
    device.skew_s = (said.at - real_now).total_seconds() if said.at else None
    faults = device.faults if said.faults is None else said.faults
    _become(session, device, said.paper or device.paper, faults, now=now, actor=actor)


def _become(
    session: Session, device: Device, paper: str, faults: Iterable[str], *, now: datetime, actor: Actor
) -> None:
    """Let a machine be so; a change is news."""
    before = device.paper, sorted(device.faults)
    device.paper, device.faults = paper, sorted(set(faults))
    session.flush()
    if (device.paper, device.faults) != before:
        news = DeviceFault(device.id, device.kind, device.paper, device.faults)
        log.announce(session, device.hall, news, at=now, actor=actor)
