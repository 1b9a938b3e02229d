"""The demo as one command: the city prepared, its first hour played, its processes started and ended together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import click
import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.demo.visitors.first_hour import play_first_hour
from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.halls import windows
from dispatch.halls.models import Window
from dispatch.wiring.app import create_web
from dispatch.wiring.demo.preparing import Morning, prepare

HOST = "127.0.0.1"
LOOK_EVERY_S = 0.2
END_WITHIN_S = 6


def run_demo(settings: Settings, port: int) -> int:
    """Run the demo until a signal ends it, or one of its processes dies. The exit code."""
    settings.var.mkdir(parents=True, exist_ok=True)
    url = f"http://{HOST}:{port}"
    database = Database(settings.database)
    morning = prepare(settings, database, url)
    _play(settings, morning)
    with database.work() as session:
        late = clock.now(session) >= morning.open_at
        clock.set_demo(session, to=None if late else morning.open_at, speed=1.0)
        _sit_at_windows(session)
    database.dispose()
    children = [_start(settings, arguments) for arguments in _commands(settings, port, morning.seed)]
    _say(url, morning)
    return _watch(children)


def _sit_at_windows(session: Session) -> None:
    """Terminals beat while the first hour is played, which is too fast for them: nobody was away."""
    for window in session.scalars(select(Window).where(Window.state == "open")):
        windows.heard(session, window, now=clock.now(session))


def _play(settings: Settings, morning: Morning) -> None:
    """The first hour, by the visitors' own program over the public interface, without a socket."""
    web = create_web(settings)
    click.echo("Tongban: playing the city's first hour ...")
    with httpx.Client(transport=httpx.WSGITransport(app=web.app), base_url="http://demo") as client:
        summary = play_first_hour(
            client, morning.demo, morning.play_from, morning.open_at, morning.seed, click.echo
        )
    web.stop()
    click.echo(f"Tongban: {summary}")


def _commands(settings: Settings, port: int, seed: int) -> list[list[str]]:
    serve = [sys.executable, "-m", "dispatch.wiring.cli", "serve"]
    demo_file = str(settings.var / "demo.json")
    return [
        [*serve, "--role", "web", "--port", str(port)],
        [*serve, "--role", "clock"],
        [*serve, "--role", "forecast"],
        [sys.executable, "-m", "dispatch.demo.visitors", "--demo-file", demo_file, "--seed", str(seed)],
    ]


def _start(settings: Settings, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "TONGBAN_DEMO": "1",
        "TONGBAN_VAR": str(settings.var),
        "TONGBAN_DATABASE_URL": settings.database,
        "TONGBAN_REDIS_URL": settings.redis_url,
    }
    return subprocess.Popen(arguments, env=environment)  # noqa: S603 - our own programs


def _watch(children: Sequence[subprocess.Popen[bytes]]) -> int:
    """Wait for a signal or a death, then end them all."""
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _: asked.append(received))
    while not asked and all(child.poll() is None for child in children):
        time.sleep(LOOK_EVERY_S)
    died = [child for child in children if child.poll() is not None]
    for child in children:
        child.terminate()
    deadline = time.monotonic() + END_WITHIN_S
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    if asked or not died:
        return 0
    click.echo(f"Tongban: {' '.join(map(str, died[0].args))} ended with {died[0].returncode}", err=True)  # type: ignore[arg-type]
    return 1


def _say(url: str, morning: Morning) -> None:
    quiet = morning.demo["quiet_halls"][0]
    click.echo(
        f"\nTongban is starting on {url}   (it is {morning.open_at:%Y-%m-%d %H:%M} in the demo city)\n"
        f"  citizen   {url}/\n"
        f"  board     {url}/board/H-331082112\n"
        f"  kiosk     {url}/kiosk/H-331082112\n"
        f"  window    {url}/window/{quiet}-1   (accounts: var/demo.json)\n"
        f"  API       {url}/api/v1/docs\n"
        "Ctrl+C ends it.",
    )
