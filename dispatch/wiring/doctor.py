"""`tongban doctor`: is the city's machinery sound, and what to do where it is not; with a hall, a test card too."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import click
from sqlalchemy.orm import Session

from dispatch.foundation import clock, identity
from dispatch.foundation.database import Database
from dispatch.foundation.log import head_of
from dispatch.foundation.settings import Settings
from dispatch.halls import receipts
from dispatch.wiring.device_cards import Card, cards, table
from dispatch.wiring.soundness import database as databases
from dispatch.wiring.soundness import jobs, keys, log, machine, redis
from dispatch.wiring.soundness.trouble import Trouble

WITHIN_S = 4.0


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, and what to do where it is wrong."""

    what: str
    ok: bool
    said: str
    do: str = ""


@click.command()
@click.option("--hall", help="print a test card of all devices of this hall")
@click.option("--no-print", is_flag=True, help="don't let printers print a test")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def doctor(ctx: click.Context, hall: str | None, no_print: bool, as_json: bool) -> None:
    """Say what is wrong with the city's machinery, and what to do. Exit code 1 when something is."""
    settings: Settings = ctx.obj
    checks, found = list(_of_the_machine(settings)), []
    database = Database(settings.database)
    try:
        usable = list(_of_the_database(settings))
        checks += usable
        if all(check.ok for check in usable if check.what in ("database", "migrations")):
            checks += _of_the_city(settings, database)
            if hall is not None:
                found = cards(database, hall, prints=not no_print)
                checks += _of_the_hall(database, hall, found)
    finally:
        database.dispose()
    sound = all(check.ok for check in checks) and all(card.ok for card in found)
    if as_json:
        told = {
            "ok": sound,
            "checks": [asdict(check) for check in checks],
            "devices": [asdict(card) for card in found],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=1, default=str))
    else:
        _tell(checks, found)
    ctx.exit(0 if sound else 1)


def _of_the_machine(settings: Settings) -> Iterator[Check]:
    for folder in machine.folders(settings):
        yield _tried("disk", partial(machine.room_on, folder))
    yield _tried("open files", machine.files)
    yield _tried("time zones", machine.time_zones)
    yield _tried("secrets", partial(machine.secrets_kept, settings.var / "keys"))


def _of_the_database(settings: Settings) -> Iterator[Check]:
    try:
        seen = databases.look(settings.database, seconds=WITHIN_S)
    except Trouble as trouble:
        yield Check("database", False, trouble.said, trouble.do)
        return
    yield Check("database", True, f"{seen.kind} answers in {seen.took_s * 1000:.0f} ms")
    yield _tried("migrations", partial(databases.migrated, seen))
    yield _tried("clock", partial(databases.in_time, seen))


def _of_the_city(settings: Settings, database: Database) -> Iterator[Check]:
    yield _tried("keys", partial(keys.ours, database, settings.var / "keys"))
    if settings.redis_url:
        city = identity.city_of(database)
        yield _tried("bus", partial(redis.owned, settings.redis_url, city, seconds=WITHIN_S))
    else:
        yield Check("bus", True, "none set: processes look each second")
    with database.reading() as session:
        yield from _of_the_jobs(session)
        yield _tried("log", partial(log.newest_entries, session))
    unsigned = list(log.heads(settings, clock.real_now()))
    yield from (Check("heads", False, each.said, each.do) for each in unsigned)
    if not unsigned:
        yield Check("heads", True, "signed and handed on, as far as this machine keeps them")


def _of_the_jobs(session: Session) -> Iterator[Check]:
    late = list(jobs.troubles(session, clock.real_now()))
    yield from (Check("jobs", False, each.said, each.do) for each in late)
    if not late:
        yield Check("jobs", True, "all of them run")


def _of_the_hall(database: Database, hall: str, found: Sequence[Card]) -> Iterator[Check]:
    """Whether anybody shows this hall's calls."""
    with database.reading() as session:
        head = head_of(session, hall)
        last = receipts.latest(session, {hall: head.epoch if head else 1}).get(hall)
    said = "no board has shown a call yet"
    if last is not None:
        said = f"call {last.seq}: {'spoken' if last.spoken else 'shown' if last.shown else 'neither shown nor spoken'}"
    yield Check("last call on a board", True, said)
    if not found:
        yield Check(
            "devices", False, "this hall has none", f"pair one: tongban pair-device {hall} --kind board"
        )


def _tried(what: str, look: Callable[[], str]) -> Check:
    """A check that fails is told, whatever it fails by."""
    try:
        return Check(what, True, look())
    except Trouble as trouble:
        return Check(what, False, trouble.said, trouble.do)
    except Exception as error:
        return Check(what, False, f"could not be looked at ({type(error).__name__})", "look into the logs")


def _tell(checks: Sequence[Check], found: Sequence[Card]) -> None:
    for check in checks:
        click.echo(f"{'ok ' if check.ok else 'BAD'}  {check.what:22} {check.said}")
        if check.do:
            click.echo(f"{'':27}-> {check.do}")
    if found:
        click.echo()
        for line in table(found):
            click.echo(line)
