"""The command `tongban keys`: the state of the city's keys, changing them, and practising their loss."""

import shutil
import tempfile
from pathlib import Path

import click

from dispatch.foundation import clock, identity
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.ids import Keyring
from dispatch.foundation.settings import Settings
from dispatch.people import accounts, drill, rotating
from dispatch.people.sealing import INDEX, PERSONS
from dispatch.wiring.heads.keys import pem, public_keys, signing_key


@click.group("keys")
def keys_command() -> None:
    """The keys under var/keys: those that persons' data are sealed and found with, and the one that signs heads."""


@keys_command.command("status")
@click.pass_obj
def status(settings: Settings) -> None:
    """Every version of every key, and how many rows still need it."""
    with Database(settings.database) as database, database.reading() as session:
        for state in rotating.states(session, _keys(settings)):
            use = "current" if state.current else "old"
            click.echo(f"{state.name} {state.version}: {use}, {state.needed_by} rows")


@keys_command.command("rotate")
@click.option(
    "--key",
    "names",
    type=click.Choice(rotating.ROTATING),
    multiple=True,
    help=f"which; default {PERSONS} and {INDEX}",
)
@click.pass_obj
def rotate(settings: Settings, names: tuple[str, ...]) -> None:
    """Make a new version, and seal and index everything with it, while the city works.

    Broken off, it may simply be started again with `tongban keys resume`.
    """
    keys, actor = _keys(settings), system("keys")
    with Database(settings.database) as database:
        for name in names or (PERSONS, INDEX):
            with database.work() as session:
                version = rotating.renew(session, keys, name, now=clock.now(session), actor=actor)
            click.echo(f"{name} {version} is the key from now on")
        _renew_all(database, keys)


@keys_command.command("resume")
@click.pass_obj
def resume(settings: Settings) -> None:
    """Go on with a rotation that was broken off."""
    with Database(settings.database) as database:
        _renew_all(database, _keys(settings))


@keys_command.command("retire")
@click.pass_obj
def retire(settings: Settings) -> None:
    """Destroy old versions that nothing needs, an hour after the newer one was made at the earliest."""
    with Database(settings.database) as database, database.work() as session:
        gone = rotating.retire(
            session,
            _keys(settings),
            now=clock.now(session),
            real_now=clock.real_now(),
            actor=system("keys"),
        )
    for state in gone:
        click.echo(f"{state.name} {state.version} is destroyed")
    click.echo(f"{len(gone)} old versions destroyed")


@keys_command.command("drill")
@click.option(
    "--keys",
    "copy",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="the copy to try, such as that of the backup; default var/keys",
)
@click.pass_obj
def practise(settings: Settings, copy: Path | None) -> None:
    """Practise the loss of var/keys, and say what would be lost and what goes on. Changes nothing."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(copy or settings.var / "keys", Path(folder) / "keys")
        with Database(settings.database) as database, database.reading() as session:
            ring, none = Keyring(Path(folder) / "keys"), Keyring(Path(folder) / "none")
            for line in drill.practise(session, ring, none):
                click.echo(line)


@keys_command.command("adopt")
@click.pass_obj
def adopt(settings: Settings) -> None:
    """Take the keys under var/keys for this city's, after the old ones were lost or the database was made anew.

    Every secret that the old ones made is then void: tickets' codes, machines, sign-ins.
    """
    with Database(settings.database) as database:
        identity.take_keys(database, settings.var / "keys")
    click.echo(f"{settings.var / 'keys'} is this city's from now on")


@keys_command.command("heads")
@click.pass_obj
def heads(settings: Settings) -> None:
    """Print the public keys that signed heads are checked with, the current one too: for whoever checks outside."""
    folder = settings.var / "keys"
    signing_key(folder)
    click.echo(pem(public_keys(folder)), nl=False)


@keys_command.command("give-up")
@click.option("--yes", is_flag=True, help="without it, only say how many there are")
@click.pass_obj
def give_up(settings: Settings, yes: bool) -> None:
    """Delete the persons that no key opens any more, after the keys were lost for good."""
    keys = _keys(settings)
    with Database(settings.database) as database, database.work() as session:
        lost = drill.unreadable(session, keys)
        if yes:
            drill.give_up(session, lost, now=clock.now(session), actor=system("keys"))
    click.echo(f"{len(lost)} persons no key opens{', deleted' if yes else '; delete them with --yes'}")


@keys_command.command("reset-otp")
@click.argument("username")
@click.pass_obj
def reset_otp(settings: Settings, username: str) -> None:
    """Forget an account's second factor: it is set up anew at the next sign-in."""
    with Database(settings.database) as database, database.work() as session:
        account = accounts.named(session, username)
        now, real_now = clock.now(session), clock.real_now()
        accounts.reset_otp(session, account, now=now, real_now=real_now, actor=system("keys"))
    click.echo(f"{username} sets up a new second factor at the next sign-in")


def _keys(settings: Settings) -> Keyring:
    return Keyring(settings.var / "keys")


def _renew_all(database: Database, keys: Keyring) -> None:
    total, rows = 0, 1
    while rows:
        with database.work() as session:
            rows = rotating.renew_rows(session, keys)
        total += rows
    click.echo(f"{total} rows sealed anew")
