"""`tongban doctor`: is the city's machinery sound, and with a hall, a test card of all its devices."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import click
import redis
from sqlalchemy import text

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.log import head_of
from dispatch.foundation.settings import Settings
from dispatch.halls import finding as halls
from dispatch.halls import receipts
from dispatch.halls.devices import finding
from dispatch.halls.devices.models import Device
from dispatch.notices import paper, printing
from dispatch.ports.printing import PrinterTrouble
from dispatch.wiring import migrating
from dispatch.wiring.printing import printer_at

CLOCK_OFF_S = 2.0
WAIT_FOR_PAPER_S = 15.0
LOOK_EVERY_S = 0.5
SOUND = ("working", "paper_low")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    what: str
    ok: bool
    said: str


@dataclass(frozen=True)
class Card:
    """One device on the test card. `receipt` is the last call a board showed, `printed` how the test print went."""

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


@click.command()
@click.option("--hall", help="print a test card of all devices of this hall")
@click.option("--no-print", is_flag=True, help="don't let printers print a test")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def doctor(ctx: click.Context, hall: str | None, no_print: bool, as_json: bool) -> None:
    """Say what is wrong with the city's machinery. Exit code 1 when something is."""
    settings: Settings = ctx.obj
    database = Database(settings.database)
    try:
        checks, cards = _look(settings, database, hall, prints=not no_print)
    finally:
        database.dispose()
    sound = all(check.ok for check in checks) and all(card.ok for card in cards)
    if as_json:
        told = {
            "ok": sound,
            "checks": [asdict(check) for check in checks],
            "devices": [asdict(card) for card in cards],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=1, default=str))
    else:
        _tell(checks, cards)
    ctx.exit(0 if sound else 1)


def _look(
    settings: Settings, database: Database, hall: str | None, *, prints: bool
) -> tuple[list[Check], list[Card]]:
    checks = list(_checks(settings, database))
    if hall is None or not all(check.ok for check in checks if check.what in ("database", "migrations")):
        return checks, []
    cards = _cards(database, hall, prints=prints)
    return [*checks, *_hall_checks(database, hall, cards)], cards


def _checks(settings: Settings, database: Database) -> Iterator[Check]:
    yield _tried("database", lambda: _answers(database))
    yield _tried("migrations", lambda: _migrated(database))
    yield _tried("clock", lambda: _clock(database))
    yield _tried("bus", lambda: _bus(settings))


def _tried(what: str, look: Callable[[], str]) -> Check:
    """A check that fails is told, whatever it fails by."""
    try:
        return Check(what, True, look())
    except Exception as error:
        return Check(
            what, False, str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        )


def _answers(database: Database) -> str:
    began = time.perf_counter()
    with database.reading() as session:
        session.execute(text("SELECT 1"))
    kind = "SQLite" if database.sqlite else "PostgreSQL"
    return f"{kind} answers in {(time.perf_counter() - began) * 1000:.0f} ms"


def _migrated(database: Database) -> str:
    if migrating.pending(database.engine):
        raise RuntimeError("the database lacks migrations; run: tongban migrate")
    return "at the newest"


def _clock(database: Database) -> str:
    if database.sqlite:
        return "this machine's own"
    with database.reading() as session:
        theirs: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    off = (clock.real_now() - theirs).total_seconds()
    if abs(off) > CLOCK_OFF_S:
        raise RuntimeError(f"{off:+.1f} s beside the database's")
    return f"{off:+.2f} s beside the database's"


def _bus(settings: Settings) -> str:
    if not settings.redis_url:
        return "none set: processes look each second"
    with redis.Redis.from_url(settings.redis_url, socket_timeout=2) as client:
        client.ping()
    return "Redis answers"


def _hall_checks(database: Database, hall: str, cards: Sequence[Card]) -> Iterator[Check]:
    """Whether anybody shows this hall's calls."""
    with database.reading() as session:
        head = head_of(session, hall)
        last = receipts.latest(session, hall, head.epoch if head else 1)
    said = "no board has shown a call yet"
    if last is not None:
        said = f"call {last.seq}: {'spoken' if last.spoken else 'shown' if last.shown else 'neither shown nor spoken'}"
    yield Check("last call on a board", True, said)
    if not cards:
        yield Check("devices", False, "this hall has none; pair them: tongban pair-device")


def _cards(database: Database, hall: str, *, prints: bool) -> list[Card]:
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
    reached = status in SOUND or (drives_itself and printed == "printed")
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


def _tell(checks: Sequence[Check], cards: Sequence[Card]) -> None:
    for check in checks:
        click.echo(f"{'ok ' if check.ok else 'BAD'}  {check.what:22} {check.said}")
    if not cards:
        return
    rows = [COLUMNS, *(_cells(card) for card in cards)]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(COLUMNS))]
    click.echo()
    for row in rows:
        padded = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def _cells(card: Card) -> tuple[str, ...]:
    return (
        "ok " if card.ok else "BAD",
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


def _width(text: str) -> int:
    """Chinese characters are two columns wide."""
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)
