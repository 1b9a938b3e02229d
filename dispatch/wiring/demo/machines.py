"""The demo's machines: a kiosk of every hall for whoever tries the API, and such as live in states of their own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from dispatch.halls import finding as halls
from dispatch.halls.devices import pairing
from dispatch.halls.devices.models import Device
from dispatch.halls.devices.pairing import About

TOWN_HALL = "H-331082112"
SIDES = ("left", "ahead", "right")


@dataclass(frozen=True)
class Machine:
    """One of the town hall's machines, and what it says of itself."""

    kind: str
    about: About
    paper: str = "ok"
    faults: tuple[str, ...] = ()
    speaks: bool = True


FULL = ("print", "id_reader", "card", "pay", "certificates")
TOWN_MACHINES = (
    Machine("board", About("东墙大屏")),
    Machine("board", About("门口大屏"), speaks=False),
    Machine("kiosk", About("自助机 东门", abilities=FULL), paper="low"),
    Machine("kiosk", About("自助机 西门", abilities=("print", "id_reader")), faults=("jam",)),
    Machine("printer", About("导办台打印机", abilities=("print",), address="pretend://duqiao")),
    Machine("caller", About("叫号器 1", window=f"{TOWN_HALL}-1")),
    Machine("pad", About("评价器 1", window=f"{TOWN_HALL}-1")),
)


def pair_all(session: Session, *, real_now: datetime) -> dict[str, Any]:
    """Pair them anew. `device_tokens` are kiosks by their halls that nobody else uses; `machines` are to be played."""
    session.execute(delete(Device))
    places = halls.all_halls(session)
    tokens = {place.code: pairing.pair(session, place, "kiosk", now=real_now) for place in places}
    session.flush()
    played = []
    for place in places:
        mine = TOWN_MACHINES if place.code == TOWN_HALL else _ordinary(place.kiosks)
        for machine in mine:
            token = pairing.pair(session, place, machine.kind, now=real_now, about=machine.about)
            session.flush()
            if machine.speaks and machine.about.address is None:
                played.append({"token": token, "paper": machine.paper, "faults": list(machine.faults)})
    return {"device_tokens": tokens, "machines": played}


def place_windows(session: Session) -> None:
    """Say on which side of its board each window of the town hall lies."""
    windows = halls.windows_of(session, TOWN_HALL)
    third = -(-len(windows) // len(SIDES))
    for number, window in enumerate(windows):
        window.arrow = SIDES[number // third]


def _ordinary(kiosks: int) -> tuple[Machine, ...]:
    """A hall that has kiosks has one that lives."""
    return (Machine("kiosk", About("自助机 大堂", abilities=FULL)),) if kiosks else ()
