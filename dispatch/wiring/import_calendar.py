"""`tongban import-calendar`: the working days of whole years from a file."""

from itertools import groupby
from pathlib import Path

import click

from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.halls import calendar


@click.command("import-calendar")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def import_calendar(settings: Settings, file: Path) -> None:
    """Replace every year named in FILE, a CSV of date,kind,name,name_en; other years stay as they are."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{file.name} is not UTF-8 (byte {error.start})") from error
    days = sorted(calendar.read_csv(text), key=lambda each: each.day)
    database = Database(settings.database)
    try:
        with database.work() as session:
            now, actor = clock.now(session), system("import_calendar")
            for year, of_year in groupby(days, key=lambda each: each.day.year):
                changed = calendar.replace_year(session, year, list(of_year), now=now, actor=actor)
                click.echo(f"{year}: {'changed' if changed else 'as before'}")
            known = calendar.known_until(calendar.all_days(session))
    finally:
        database.dispose()
    click.echo(f"the calendar is known until {known}" if known else "the calendar knows no year")
