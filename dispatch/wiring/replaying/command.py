"""The command `tongban replay`."""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from dispatch.foundation.settings import Settings
from dispatch.wiring.replaying import fresh, planning
from dispatch.wiring.replaying.accounting import account
from dispatch.wiring.replaying.replay import replay as play
from dispatch.wiring.replaying.telling import Outcome, table
from dispatch.wiring.ticket_logs.csv_files import LogUnreadable, Refused
from dispatch.wiring.ticket_logs.opening import open_log


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
    try:
        log = open_log(path, hall=hall, zone=zone_name)
    except LogUnreadable as error:
        _fail(str(error))
    for note in log.notes:
        click.echo(note, err=True)
    if not log.lines:
        _fail(f"{path}: every line was refused")
    try:
        outcome = _run(
            url or fresh.new_file(_var(ctx)), planning.plans(log.lines, log.zone), log.refused, speed
        )
    except (fresh.NotFresh, SQLAlchemyError, ImportError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        _fail(f"the database cannot be used: {reason}")
    click.echo(json.dumps(outcome.plain(), ensure_ascii=False, indent=1) if as_json else table(outcome))
    sys.exit(0 if outcome.sound else 1)


def _run(
    url: str, plans: Sequence[planning.Plan], refused: Sequence[Refused], speed: float | None
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


def _var(ctx: click.Context) -> Path:
    return (ctx.obj if isinstance(ctx.obj, Settings) else Settings()).var


def _fail(message: str) -> NoReturn:
    click.echo(f"tongban: {message}", err=True)
    raise SystemExit(2)
