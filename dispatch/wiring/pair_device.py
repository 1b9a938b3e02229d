"""`tongban pair-device`: approve the code that a machine shows, or make a token for one that shows none."""

import json
from collections.abc import Sequence
from typing import NoReturn

import click

from dispatch.foundation import clock, log
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.halls import finding as halls
from dispatch.halls.devices import pairing, tokens
from dispatch.halls.devices.models import ABILITIES, AT_A_WINDOW, KINDS
from dispatch.halls.devices.news import DevicePaired
from dispatch.halls.devices.pairing import About

ACTOR = system("pair_device")


@click.command("pair-device")
@click.argument("hall")
@click.option("--code", help="the code on the machine's screen; without one a token is made and shown")
@click.option("--kind", type=click.Choice(KINDS), help="what it is, where there is no code")
@click.option("--name", help="what people call it")
@click.option(
    "--window",
    help="the window it stands at, for a caller or a rating pad: its id, or its number in the hall",
)
@click.option("--can", "abilities", type=click.Choice(ABILITIES), multiple=True, help="what a kiosk can do")
@click.option("--address", help="where a printer on the network listens: tcp://host:9100")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def pair_device(
    settings: Settings,
    hall: str,
    code: str | None,
    kind: str | None,
    name: str | None,
    window: str | None,
    abilities: tuple[str, ...],
    address: str | None,
    as_json: bool,
) -> None:
    """Pair a machine with HALL."""
    if (code is None) == (kind is None):
        _fail("say either --code or --kind")
    if kind in AT_A_WINDOW and window is None:
        _fail(f"a {kind} needs --window")
    database = Database(settings.database)
    try:
        told = _pair(database, hall, code, kind, name, window, abilities, address)
    finally:
        database.dispose()
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo(
            f"{told['name']} is a {told['kind']} of {told['hall']}"
            + (f"; its token: {told['token']}" if told["token"] else "")
        )


def _pair(
    database: Database,
    hall: str,
    code: str | None,
    kind: str | None,
    name: str | None,
    window: str | None,
    abilities: Sequence[str],
    address: str | None,
) -> dict[str, str | None]:
    with database.work() as session:
        place = halls.hall(session, hall)
        at = f"{place.code}-{window}" if window and not window.startswith(place.code) else window
        about = About(name, at, abilities, None, address)
        now, real_now = clock.now(session), clock.real_now()
        token = None
        if code is not None:
            waiting = pairing.waiting(session, code, real_now=real_now)
            device = pairing.approve(session, waiting, place, about, now=now, real_now=real_now, actor=ACTOR)
        else:
            token = pairing.pair(session, place, str(kind), now=real_now, about=about)
            session.flush()
            device = tokens.device_of(session, token, real_now=real_now)
            news = DevicePaired(device.id, device.kind, device.window)
            log.announce(session, place.code, news, at=now, actor=ACTOR)
        return {
            "device": device.id,
            "kind": device.kind,
            "name": device.name,
            "hall": place.code,
            "token": token,
        }


def _fail(message: str) -> NoReturn:
    click.echo(f"tongban: {message}", err=True)
    raise SystemExit(2)
