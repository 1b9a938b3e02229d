"""`tongban import-channels`: how often items were done by which channel, from a file."""

from pathlib import Path

import click

from dispatch.catalogue.volumes import taking
from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.halls import finding as halls


@click.command("import-channels")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", default="file", show_default=True, help="who counted this; the same each time")
@click.pass_obj
def import_channels(settings: Settings, file: Path, source: str) -> None:
    """Take the counts of FILE, a CSV of day,item,channel,used,finished and perhaps came_back,situation,hall.

    Bad lines are refused by number and the rest is taken, so that a file that was mended can be brought again whole.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file.name} is not UTF-8 (byte {error.start})") from error
    with Database(settings.database) as database, database.work() as session:
        now = clock.now(session)
        today = halls.city_day(session, now)
        taken = taking.take_file(session, text, source, today=today, now=now, actor=system("import_channels"))
    for refused in taken.refused:
        click.echo(f"line {refused.line}: {refused.said('en')}", err=True)
    click.echo(f"{taken.changed} counts taken, {taken.same} as before, {len(taken.refused)} lines refused")
    if taken.refused:
        raise SystemExit(2)
