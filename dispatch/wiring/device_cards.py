"""The test card of a hall: every machine in one line, after each printer that works has printed a test."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.halls import finding as halls
from dispatch.halls.devices import finding
from dispatch.halls.devices.models import Device
from dispatch.notices import paper, printing
from dispatch.ports.printing import PrinterTrouble
from dispatch.wiring.printing import printer_at

WAIT_FOR_PAPER_S = 15.0
LOOK_EVERY_S = 0.5
SOUND = ("working", "paper_low")
NOT_YET = "never_heard"


@dataclass(frozen=True)
class Card:
    """One device on the test card. `receipt` is the last call a board showed, `printed` how the test print went.

    One that was paired but never switched on is no fault: it may still lie in its box.
    """

    kind: str
    name: str
    status: str
    last_heard: datetime | None
    silent_s: int | None
    paper: str
    faults: list[str]
    session: str
    generation: int
    clock_skew_s: float | None
    receipt: int | None
    printed: str | None
    ok: bool


def cards(database: Database, hall: str, *, prints: bool) -> list[Card]:
    """The machines of this hall, printing a test unless told not to."""
    with database.reading() as session:
        place = halls.hall(session, hall)
        found = finding.in_halls(session, [place.code])
        session.expunge_all()
    printed = _test_prints(database, [each for each in found if _is_printer(each)] if prints else [])
    return [_card(each, printed.get(each.id)) for each in found]


def _card(device: Device, printed: str | None) -> Card:
    now = clock.real_now()
    status = finding.status(device, real_now=now)
    drives_itself = device.address is not None and device.kind == "printer"
    reached = status in (*SOUND, NOT_YET) or (drives_itself and printed == "printed")
    return Card(
        kind=device.kind,
        name=device.name,
        status=status,
        last_heard=device.heard_at,
        silent_s=round((now - device.heard_at).total_seconds()) if device.heard_at else None,
        paper=device.paper,
        faults=device.faults,
        session=device.session[:8],
        generation=device.generation,
        clock_skew_s=round(device.skew_s, 1) if device.skew_s is not None else None,
        receipt=device.receipt,
        printed=printed,
        ok=reached and printed in (None, "printed") and abs(device.skew_s or 0) <= 60,
    )


def _is_printer(device: Device) -> bool:
    """Network printers, and machines that fetch their prints and live."""
    if device.kind == "printer":
        return True
    alive = finding.status(device, real_now=clock.real_now()) not in (
        "offline",
        "never_heard",
        "cloned",
        "revoked",
    )
    return "print" in device.abilities and device.address is not None and alive


def _test_prints(database: Database, devices: Sequence[Device]) -> dict[str, str]:
    """Let every printer print a test: those on the network at once, the others when they fetch it."""
    went = {device.id: _by_network(device) for device in devices if device.address}
    asked: dict[str, str] = {}
    for device in devices:
        if not device.address:
            with database.work() as session:
                job = printing.ask_for_test(
                    session, session.get_one(Device, device.id), real_now=clock.real_now()
                )
                asked[device.id] = job.id
    deadline = time.monotonic() + WAIT_FOR_PAPER_S
    while asked.keys() - went.keys() and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)
        with database.reading() as session:
            for device_id, ident in asked.items():
                job = printing.job(session, ident)
                if job.state in ("printed", "failed"):
                    went[device_id] = job.trouble or job.state
    return {**dict.fromkeys(asked, "not fetched"), **went}


def _by_network(device: Device) -> str:
    try:
        printer_at(str(device.address)).put_out(paper.trial_sheet(device, "zh"))
    except PrinterTrouble as error:
        return error.trouble
    return "printed"


COLUMNS = (
    "",
    "kind",
    "name",
    "status",
    "heard",
    "paper",
    "faults",
    "session",
    "key",
    "skew",
    "receipt",
    "print",
)


def table(found: Sequence[Card]) -> Iterator[str]:
    """The card as people read it, line by line."""
    rows = [COLUMNS, *(_cells(card) for card in found)]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(COLUMNS))]
    for row in rows:
        padded = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _cells(card: Card) -> tuple[str, ...]:
    return (
        _mark(card),
        card.kind,
        card.name,
        card.status,
        f"{card.silent_s} s ago" if card.silent_s is not None else "never",
        card.paper,
        ",".join(card.faults) or "-",
        card.session,
        str(card.generation),
        f"{card.clock_skew_s:+} s" if card.clock_skew_s is not None else "-",
        str(card.receipt) if card.receipt is not None else "-",
        card.printed or "-",
    )


def _mark(card: Card) -> str:
    if not card.ok:
        return "BAD"
    return "new" if card.status == NOT_YET else "ok "


def _width(text: str) -> int:
    """Chinese characters are two columns wide."""
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)
