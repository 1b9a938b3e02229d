"""Reading a hall's machines: which there are, how they are, and what their kiosks can do now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor, require
from dispatch.foundation.errors import NotAllowed, NotFound, NotSignedIn
from dispatch.halls import finding as halls
from dispatch.halls.devices.models import Device

SILENT_AFTER = timedelta(seconds=60)
Status = Literal["working", "paper_low", "paper_out", "fault", "offline", "never_heard", "cloned", "revoked"]
STATUSES: tuple[Status, ...] = (
    "working",
    "paper_low",
    "paper_out",
    "fault",
    "offline",
    "never_heard",
    "cloned",
    "revoked",
)
STOPS_ALL = frozenset({"touch", "screen", "network", "other"})
"""Faults with which nobody can use a kiosk at all."""
TAKES_AWAY = {
    "printer": ("print", "certificates"),
    "jam": ("print", "certificates"),
    "cutter": ("print", "certificates"),
    "id_reader": ("id_reader",),
    "card_reader": ("card", "pay"),
}


@dataclass(frozen=True)
class Kiosks:
    """A hall's kiosks: how many, how many can be used, and what those can do."""

    count: int
    working: int
    abilities: list[str]


def device(session: Session, ident: str) -> Device:
    """One machine; NotFound."""
    found = session.get(Device, ident)
    if found is None:
        raise NotFound(what=ident, field="device")
    return found


def device_for(session: Session, actor: Actor, ident: str, permission: str) -> Device:
    """A machine of a hall where this actor holds the permission; NotFound, NotAllowed."""
    found = device(session, ident)
    require(actor, permission, halls.hall(session, found.hall).path, field="device")
    return found


def itself(session: Session, actor: Actor, *kinds: str) -> Device:
    """The machine that this actor is, one of these kinds; NotSignedIn, NotAllowed."""
    if actor.kind != "device":
        raise NotSignedIn if actor.kind == "citizen" else NotAllowed
    found = device(session, actor.id)
    if kinds and found.kind not in kinds:
        raise NotAllowed
    return found


def in_halls(session: Session, among: Iterable[str], *, since: datetime | None = None) -> list[Device]:
    """The machines of these halls in use, and those revoked since a moment, in their order."""
    gone = or_(Device.active, Device.revoked_at >= since) if since else Device.active
    wanted = select(Device).where(Device.hall.in_(list(among)), gone)
    return list(session.scalars(wanted.order_by(Device.hall, Device.kind, Device.at, Device.id)))


def status(found: Device, *, real_now: datetime) -> Status:
    """How a machine is, in one word: the worst of it."""
    if not found.active:
        return "revoked"
    if found.cloned_at is not None:
        return "cloned"
    if found.heard_at is None:
        return "never_heard"
    if real_now - found.heard_at >= SILENT_AFTER:
        return "offline"
    if found.faults:
        return "fault"
    return {"low": "paper_low", "out": "paper_out"}.get(found.paper, "working")  # type: ignore[return-value]


def able(found: Device) -> list[str]:
    """What a machine can do as it is, of all it could do."""
    lost = {ability for fault in found.faults for ability in TAKES_AWAY.get(fault, ())}
    if found.paper == "out":
        lost |= {"print", "certificates"}
    return [ability for ability in found.abilities if ability not in lost]


def usable(found: Device, *, real_now: datetime) -> bool:
    """Whether people may be sent to this kiosk: it lives, and can do what it is there for."""
    if status(found, real_now=real_now) in ("revoked", "cloned", "never_heard", "offline"):
        return False
    return STOPS_ALL.isdisjoint(found.faults) and ("print" not in found.abilities or "print" in able(found))


def kiosk_can(
    session: Session, hall: str, item: str | None, now: datetime, *, needs: Iterable[str] = ()
) -> bool:
    """Whether some kiosk of this hall can do the item at this moment of real time, having the abilities it needs."""
    wanted = set(needs)
    return any(
        usable(kiosk, real_now=now)
        and (item is None or kiosk.items is None or item in kiosk.items)
        and wanted <= set(able(kiosk))
        for kiosk in _kiosks(session, hall)
    )


def kiosks(session: Session, hall: str, *, real_now: datetime) -> Kiosks:
    """The hall's kiosks as everybody may know them."""
    found = _kiosks(session, hall)
    working = [kiosk for kiosk in found if usable(kiosk, real_now=real_now)]
    return Kiosks(len(found), len(working), sorted({each for kiosk in working for each in able(kiosk)}))


def _kiosks(session: Session, hall: str) -> list[Device]:
    wanted = select(Device).where(Device.hall == hall, Device.kind == "kiosk", Device.active)
    return list(session.scalars(wanted))
