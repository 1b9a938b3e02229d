"""Printers on the network, driven by the clock's process: each is asked how it is, and given what it has to print."""

from sqlalchemy import select

from adapters.printers import pretend
from adapters.printers.escpos import PORT, NetworkPrinter
from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.ids import Keyring
from dispatch.foundation.settings import Settings
from dispatch.foundation.transitions import WrongState
from dispatch.halls.devices import hearing
from dispatch.halls.devices.models import Device
from dispatch.notices import paper, printing
from dispatch.ports.printing import Condition, Printer, PrinterTrouble, Sheet


def printer_at(address: str) -> Printer:
    """The printer of an address: `tcp://host:9100`, or `pretend://name`."""
    scheme, _, rest = address.partition("://")
    if scheme == "pretend":
        return pretend.at(rest)
    host, _, port = rest.partition(":")
    return NetworkPrinter(host, int(port or PORT))


def print_tickets(database: Database) -> None:
    """Print what waits for a printer on the network; give up on what nobody stands there for any more."""
    with database.reading() as session:
        waiting = [(job.id, address) for job, address in printing.by_network(session)]
    for ident, address in waiting:
        _print_one(database, ident, printer_at(address))
    with database.work() as session:
        printing.give_up_old(session, real_now=clock.real_now())


def watch_printers(database: Database) -> None:
    """Ask every printer on the network how it is."""
    with database.reading() as session:
        known = select(Device.id, Device.address).where(Device.address.is_not(None), Device.active)
        asked = [(ident, printer_at(str(address))) for ident, address in session.execute(known)]
    for ident, printer in asked:
        found = condition_of(printer)
        with database.work() as session:
            device = session.get(Device, ident)
            if device is not None and device.active:
                hearing.probed(
                    session,
                    device,
                    found,
                    now=clock.now(session),
                    real_now=clock.real_now(),
                    actor=system("watch_printers"),
                )


def condition_of(printer: Printer) -> Condition | None:
    """How it is; None when it does not answer."""
    try:
        return printer.condition()
    except PrinterTrouble:
        return None


def _print_one(database: Database, ident: str, printer: Printer) -> None:
    """Take the job, print outside any transaction, write down what became of it."""
    sheet = _taken(database, ident)
    if sheet is None:
        return
    trouble = None
    try:
        printer.put_out(sheet)
    except PrinterTrouble as error:
        trouble = error.trouble
    with database.work() as session:
        job = printing.job(session, ident)
        if trouble is None:
            printing.printed(session, job, real_now=clock.real_now())
        else:
            printing.missed(session, job, trouble, real_now=clock.real_now())


def _taken(database: Database, ident: str) -> Sheet | None:
    try:
        with database.work() as session:
            job = printing.job(session, ident)
            printing.take(session, job, real_now=clock.real_now())
            return paper.sheet_of(session, Keyring(Settings().var / "keys"), job)
    except WrongState:  # somebody else was quicker
        return None
