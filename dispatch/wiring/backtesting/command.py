"""The command `tongban backtest`. What it runs is imported when it runs: the learned models load heavy libraries."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from dispatch.wiring.backtesting import windows
from dispatch.wiring.backtesting.windows import WindowCount
from dispatch.wiring.ticket_logs.csv_files import LogUnreadable, Refused
from dispatch.wiring.ticket_logs.opening import Opened, open_log

DAY_MIN = 24 * 60


class _Horizons(click.ParamType[tuple[int, ...]]):
    """Minutes, with commas between them."""

    name = "minutes"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """In rising order, each once."""
        if isinstance(value, tuple):
            return value
        words = [word.strip() for word in str(value).split(",")]
        if not all(word.isascii() and word.isdecimal() and int(word[:9]) < DAY_MIN for word in words):
            self.fail(f"{value} is not whole minutes of one day, like 0,30,60", param, ctx)
        return tuple(sorted({int(word) for word in words}))


@click.command("backtest")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--windows",
    "windows_path",
    type=click.Path(path_type=Path),
    help="CSV hall,queue,at,open: so many windows serve the queue from then on",
)
@click.option(
    "--train-days",
    default=0,
    show_default=True,
    type=click.IntRange(0, 10_000),
    help="score only what comes after the first N days",
)
@click.option(
    "--least-ahead",
    default=0,
    type=click.IntRange(0, 10_000),
    help="score only tickets with so many people ahead",
)
@click.option(
    "--ahead",
    default="0",
    show_default=True,
    type=_Horizons(),
    help="minutes until a hypothetical arrival: 0,30,60,120",
)
@click.option(
    "--predictions",
    type=click.Path(path_type=Path, dir_okay=False),
    help="write our forecast for each scored line: line,ahead_min,wait_s,p5_s,p50_s,p95_s",
)
@click.option(
    "--pictures",
    type=click.Path(path_type=Path, file_okay=False),
    help="draw how ours fared, as SVG, into this directory",
)
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0, 2**31 - 1))
@click.option("--hall", help="only the lines of this hall")
@click.option("--tz", "zone_name", help="the halls' time zone; default the offset of the first line")
@click.option("--json", "as_json", is_flag=True, help="the figures as JSON")
def backtest(
    path: Path,
    windows_path: Path | None,
    train_days: int,
    least_ahead: int,
    ahead: tuple[int, ...],
    predictions: Path | None,
    pictures: Path | None,
    seed: int,
    hall: str | None,
    zone_name: str | None,
    as_json: bool,
) -> None:
    """Tell the forecaster and the reference predictors the days of FILE as they happened, and score what they foretold.

    FILE is a ticket log, or a directory of them. Each answer rests on what was known when it was asked. Exit code 0, 1
    when a line was refused (the others are used), 2 for bad input.
    """
    log, counts, refused = _read(path, windows_path, hall, zone_name)
    # Many small fits: threads that wait for each other cost more than they bring, the more the busier the machine.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from dispatch.wiring.backtesting import running, telling  # loads numba and scikit-learn

    try:
        found = running.run(
            log, counts, running.Asked(ahead, train_days, seed, least_ahead), predictions, pictures
        )
    except (running.NothingToScore, OSError) as error:
        _fail(str(error))
    click.echo(json.dumps(telling.plain(found), indent=1) if as_json else telling.table(found))
    sys.exit(1 if refused else 0)


def _read(
    path: Path, windows_path: Path | None, hall: str | None, zone_name: str | None
) -> tuple[Opened, Sequence[WindowCount], Sequence[Refused]]:
    """What can be used, and what was refused, which is said at once."""
    try:
        log = open_log(path, hall=hall, zone=zone_name)
        counts, uncounted = windows.read(windows_path, hall=hall) if windows_path else ([], [])
    except LogUnreadable as error:
        _fail(str(error))
    for note in [*log.notes, *map(str, uncounted)]:
        click.echo(note, err=True)
    if not log.lines:
        _fail(f"{path}: every line was refused")
    return log, counts, [*log.refused, *uncounted]


def _fail(message: str) -> NoReturn:
    click.echo(f"tongban: {message}", err=True)
    raise SystemExit(2)
