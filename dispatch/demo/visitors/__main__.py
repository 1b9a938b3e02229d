"""`python -m dispatch.demo.visitors --demo-file var/demo.json`: keep the demo city alive until told to stop."""

import argparse
import json
import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

import httpx

from dispatch.demo.visitors.asking import TIMEOUT, CannotSignIn
from dispatch.demo.visitors.clocks import LiveClock
from dispatch.demo.visitors.demo_file import DemoFile
from dispatch.demo.visitors.machines import play_machines
from dispatch.demo.visitors.pace import TokenBucket
from dispatch.demo.visitors.playing import play
from dispatch.demo.visitors.world import World

TELLS_EVERY_S = 60.0
BAD_INPUT = 2
FIRST_LOOK = 80  # requests that a new process may read at once, to know the city before it plays


class MinuteLine:
    """Prints one line a minute."""

    def __init__(self) -> None:
        self._told_at, self._calls = time.monotonic(), 0

    def __call__(self, world: World, now: datetime) -> None:
        """Print it, if the minute is over."""
        seconds = time.monotonic() - self._told_at
        if seconds < TELLS_EVERY_S:
            return
        clock = now.astimezone(next(iter(world.halls.values())).zone) if world.halls else now
        line = world.figures.line(f"{clock:%H:%M}", world.waiting(), seconds, self._calls)
        print(f"visitors: {line}", flush=True)
        self._told_at, self._calls = time.monotonic(), world.figures.calls


def main() -> int:
    """Play until stopped."""
    told = _arguments()
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, _go)
    try:
        demo = DemoFile.of(json.loads(told.demo_file.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"visitors: {told.demo_file} is no demo file: {error}", file=sys.stderr)
        return BAD_INPUT
    play_machines(demo)
    pace = TokenBucket(told.most_requests_per_second, first=FIRST_LOOK)
    try:
        with httpx.Client(base_url=demo.url, timeout=TIMEOUT, trust_env=False) as client:
            play(client, LiveClock, demo, pace, seed=told.seed, beating=True, between=MinuteLine())
    except CannotSignIn as error:
        print(f"visitors: {error}", file=sys.stderr)
        return BAD_INPUT
    return 0


def _go(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m dispatch.demo.visitors", description="Play citizens and clerks in the demo city."
    )
    parser.add_argument("--demo-file", type=Path, default=Path("var/demo.json"), help="what make run wrote")
    parser.add_argument("--seed", type=int, default=1, help="the same seed draws the same people")
    parser.add_argument(
        "--most-requests-per-second",
        type=_positive,
        default=18.0,
        metavar="N",
        help="bound of the load, after a first look at the city",
    )
    return parser.parse_args()


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be above 0")
    return value


if __name__ == "__main__":
    sys.exit(main())
