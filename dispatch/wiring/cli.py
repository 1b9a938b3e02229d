"""The command `tongban`. Bad input ends with exit code 2 and one clear line."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, OperationalError

from dispatch.foundation.access import DUTIES, Duty, Role
from dispatch.foundation.access import ROLES as STAFF_ROLES
from dispatch.foundation.errors import Refusal
from dispatch.foundation.settings import Settings
from dispatch.foundation.words import translate
from dispatch.wiring.roles import ROLES
from dispatch.wiring.soundness.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dispatch.wiring.importing.applying import Applied
    from dispatch.wiring.importing.format import City

ELSEWHERE = {
    "backtest": "backtesting.command:backtest",
    "doctor": "doctor:doctor",
    "documents": "documents:documents",
    "import-calendar": "import_calendar:import_calendar",
    "import-channels": "import_channels:import_channels",
    "keys": "keys:keys_command",
    "pair-device": "pair_device:pair_device",
    "replay": "replaying.command:replay",
    "verify-log": "verify_log:verify_log",
}
"""Commands with a module of their own. All commands import what they need when they are asked for: no process waits
for the libraries of others."""


class _Commands(click.Group):
    """Says what rooms and databases refuse in one line instead of a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Those of this module and those elsewhere."""
        return sorted([*super().list_commands(ctx), *ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported if need be."""
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, _, name = ELSEWHERE[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"dispatch.wiring.{module}"), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            fail(translate("en", refusal.sentence, **refusal.data))
        except Trouble as trouble:
            fail(str(trouble))
        except (OperationalError, ArgumentError) as error:
            reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
            fail(f"the database cannot be used: {reason}")


def fail(message: str) -> NoReturn:
    """End with exit code 2 and one line."""
    click.echo(f"tongban: {message}", err=True)
    raise SystemExit(2)


def _wrong(error: ValidationError) -> Iterator[str]:
    """What is wrong with settings; addresses are not repeated, since there may be passwords in them."""
    for each in error.errors(include_url=False):
        name = str(each["loc"][0])
        said = each["msg"].removeprefix("Value error, ")
        given = "" if name.endswith("_url") else f", not {each['input']!r}"
        yield f"TONGBAN_{name.upper()}: {said}{given}"


@click.group(cls=_Commands)
@click.option(
    "--database", "database_url", help="the city's database; default TONGBAN_DATABASE_URL or var/city.db"
)
@click.version_option(package_name="tongban")
@click.pass_context
def main(ctx: click.Context, database_url: str | None) -> None:
    """Queues and dispatch for the government service halls of a whole city."""
    try:
        settings = Settings()
    except ValidationError as error:
        fail("; ".join(_wrong(error)))
    if database_url:
        settings = settings.model_copy(update={"database_url": database_url})
    ctx.obj = settings


@main.command(
    help=f"Run one process of the city: {'; '.join(f'`{role.name}` - {role.does}' for role in ROLES.values())}."
)
@click.option("--role", type=click.Choice(list(ROLES)), required=True, help="what this process does")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="processes of `core`"
)
@click.option(
    "--metrics-port",
    default=0,
    type=click.IntRange(0, 65535),
    help="where a role without pages tells its figures; default nowhere",
)
@click.pass_obj
def serve(settings: Settings, role: str, host: str, port: int, workers: int, metrics_port: int) -> None:
    """Run one process of the city."""
    from dispatch.wiring import greenlets

    if ROLES[role].on_greenlets and not settings.database.startswith("sqlite"):
        greenlets.become(settings, "serve", "--role", role, "--host", host, "--port", str(port))

    from dispatch.wiring import logs, starting

    logs.speak(role, settings)
    at = port if ROLES[role].listens else metrics_port
    if at:
        starting.can_listen(settings, host, at, workers)
    ROLES[role].run(starting.sound(settings), host, at, workers)


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.pass_obj
def demo(settings: Settings, port: int) -> None:
    """Run the demo city with its visitors, all processes in one command."""
    from dispatch.wiring.demo.running import run_demo  # the visitors' program is no part of a city's server

    _refuse_taken(port)
    sys.exit(run_demo(settings.model_copy(update={"demo": True, "secure_cookies": False}), port))


@main.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Bring the database to this version's schema."""
    from dispatch.wiring import migrating

    settings.var.mkdir(parents=True, exist_ok=True)
    migrating.upgrade(settings.database)
    click.echo("the database is up to date")


@main.command("import-city")
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="only say what is wrong, change nothing")
@click.option(
    "--preview", "only_preview", is_flag=True, help="only say what would change, and who is touched"
)
@click.option("--yes", is_flag=True, help="don't ask, even where tickets, bookings or windows are touched")
@click.pass_obj
def import_city(settings: Settings, directory: Path, check: bool, only_preview: bool, yes: bool) -> None:
    """Check everything in DIRECTORY, then make the city this one; with any error nothing changes."""
    from dispatch.wiring.importing.problems import CityRefused
    from dispatch.wiring.importing.reading import read_city

    try:
        city = read_city(directory)
        if check:
            click.echo(
                f"sound: {len(city.halls)} halls, {len(city.items)} items, {len(city.bundles)} bundles"
            )
            return
        _refuse_unmigrated(settings)
        applied = _apply_asked(settings, city, only_preview=only_preview, yes=yes)
    except CityRefused as refused:
        for problem in refused.problems:
            click.echo(str(problem), err=True)
        fail(f"{len(refused.problems)} problems, nothing was changed")
    if applied is None:
        return
    click.echo(
        f"{len(city.halls)} halls ({applied.halls_changed} changed), {len(city.items)} items, "
        f"{len(city.bundles)} bundles, catalogue {'changed' if applied.catalogue_changed else 'as before'}"
    )


def _apply_asked(settings: Settings, city: City, *, only_preview: bool, yes: bool) -> Applied | None:
    """Say what would change where that is asked for or anybody is touched; apply it, unless only that was asked."""
    from dispatch.foundation.database import Database
    from dispatch.wiring.importing import telling
    from dispatch.wiring.importing.applying import apply
    from dispatch.wiring.importing.previewing import preview

    database = Database(settings.database)
    try:
        with database.reading() as session:
            found = preview(session, city)
        if only_preview or (found.touched and not yes):
            for line in telling.lines(found):
                click.echo(line)
        if only_preview:
            return None
        if found.touched and not (yes or found.blocked):
            click.confirm("people are there; go on?", abort=True)
        return apply(database, city)
    finally:
        database.dispose()


@main.command("create-user")
@click.argument("username")
@click.option("--role", type=click.Choice(STAFF_ROLES), required=True)
@click.option(
    "--duty",
    type=click.Choice(DUTIES),
    help="an administrator's: system unless said otherwise; nobody has both",
)
@click.option("--hall", required=True, help="the hall that, with all below it, is the scope")
@click.password_option(help="asked for when not given")
@click.pass_obj
def create_user(
    settings: Settings, username: str, role: Role, duty: Duty | None, hall: str, password: str
) -> None:
    """Make a staff account."""
    from dispatch.foundation.database import Database
    from dispatch.halls import finding as halls
    from dispatch.people import accounts

    _refuse_unmigrated(settings)
    if len(password) < 8:
        fail("the password needs at least 8 characters")
    with Database(settings.database) as database, database.work() as session:
        duty = duty or ("system" if role == "administrator" else None)
        accounts.create(session, username, password, role, halls.hall(session, hall), duty=duty)
    click.echo(f"{username} is a {role} of {hall}")


def _refuse_unmigrated(settings: Settings) -> None:
    from dispatch.foundation.database import Database
    from dispatch.wiring import migrating

    with Database(settings.database) as database:
        if migrating.pending(database.engine):
            fail("the database lacks migrations; run: tongban migrate")


def _refuse_taken(port: int) -> None:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            fail(f"port {port} is in use; choose another: make run PORT=8001")


if __name__ == "__main__":
    main()
