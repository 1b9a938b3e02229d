"""The command `tongban replay`."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

import click
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from dispatch.foundation.settings import Settings
from dispatch.wiring.replaying import fresh, naming, planning, ticket_log
from dispatch.wiring.replaying.accounting import account
from dispatch.wiring.replaying.judging import Line
from dispatch.wiring.replaying.replay import replay as play
from dispatch.wiring.replaying.telling import Outcome, table


@click.command("replay")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--hall", help="only the lines of this hall")
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    help="city seconds per real second; default as fast as it goes",
)
@click.option("--database", "url", help="a fresh database; default a new SQLite file under var/replay")
@click.option("--tz", "zone_name", help="the halls' time zone; default the offset of the first line")
@click.option("--json", "as_json", is_flag=True, help="the outcome as JSON")
@click.pass_context
def replay(
    ctx: click.Context,
    path: Path,
    hall: str | None,
    speed: float | None,
    url: str | None,
    zone_name: str | None,
    as_json: bool,
) -> None:
    """Play the tickets of FILE (a ticket log, or a directory of them) through a city built for them.

    Prints what became of every line. Exit code 0 when each was taken and is accounted for, 1 when one was refused
    or does not add up, 2 for bad input.

    The database is the replay's own. It does not wait for the disk at each commit (SQLite synchronous=OFF,
    PostgreSQL synchronous_commit=off): after a power cut, replay again.
    """
    log = _read(path, hall)
    zone = _zone(zone_name, log.lines)
    lines, elsewhen = planning.split_days(log.lines, zone) if zone else ([], [])
    refused = sorted([*log.refused, *elsewhen], key=lambda each: (each.file, each.number))
    for note in [*log.passed_over, *refused]:
        click.echo(str(note), err=True)
    if not lines:
        _fail(f"{path}: every line was refused")
    try:
        outcome = _run(url or fresh.new_file(_var(ctx)), planning.plans(lines, _given(zone)), refused, speed)
    except (fresh.NotFresh, SQLAlchemyError, ImportError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        _fail(f"the database cannot be used: {reason}")
    click.echo(json.dumps(outcome.plain(), ensure_ascii=False, indent=1) if as_json else table(outcome))
    sys.exit(0 if outcome.sound else 1)


def _run(
    url: str, plans: Sequence[planning.Plan], refused: Sequence[ticket_log.Refused], speed: float | None
) -> Outcome:
    with fresh.opened(url) as database:
        began = time.monotonic()
        tallies = play(database, plans, speed=speed)
        replayed = time.monotonic()
        with database.reading() as session:
            accounts = [account(session, plan, tally) for plan, tally in zip(plans, tallies, strict=True)]
        checked = time.monotonic()
    shown = make_url(url).render_as_string(hide_password=True)
    return Outcome(shown, replayed - began, checked - replayed, accounts, refused)


def _read(path: Path, hall: str | None) -> ticket_log.TicketLog:
    try:
        return ticket_log.read(path, hall=hall)
    except ticket_log.LogUnreadable as error:
        _fail(str(error))


def _zone(name: str | None, lines: Sequence[Line]) -> ZoneInfo | None:
    """The zone asked for, else the first line's offset; None when there is no line."""
    if name:
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            _fail(f"--tz: no such time zone: {name}")
    if not lines:
        return None
    offset = lines[0].issued_at.utcoffset()
    zone = naming.zone_of(offset) if offset is not None else None
    if zone is None:
        _fail(f"{lines[0].file} line {lines[0].number}: no zone has its offset always; say one by --tz")
    return zone


def _given(zone: ZoneInfo | None) -> ZoneInfo:
    assert zone is not None  # lines have a zone
    return zone


def _var(ctx: click.Context) -> Path:
    return (ctx.obj if isinstance(ctx.obj, Settings) else Settings()).var


def _fail(message: str) -> NoReturn:
    click.echo(f"tongban: {message}", err=True)
    raise SystemExit(2)
