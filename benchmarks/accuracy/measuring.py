"""One race on real days, and all that is read off it."""

import os
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accuracy import goals, offices, sparse_start
from benchmarks.accuracy.goals import Row
from benchmarks.accuracy.hearing import Heard
from dispatch.wiring.backtesting import pictures, running, windows
from dispatch.wiring.backtesting.racers import OURS, racers
from dispatch.wiring.backtesting.scoring import Scores
from dispatch.wiring.backtesting.walking import Answered
from dispatch.wiring.ticket_logs.opening import open_log

DATA = Path(__file__).parent.parent / "data" / "warsaw"
TRAIN_DAYS = 4
AHEAD_MIN = (0, 30, 60, 120)
SEED = 0


@dataclass(frozen=True)
class Measured:
    """The scores of all, each goal with what was reached, and each office's coverage."""

    scores: Scores
    goals: Sequence[Row]
    offices: Sequence[Row]


def measured(environ: Mapping[str, str] = os.environ, pictures_path: Path | None = None) -> Measured:
    """Run the race; draw how ours fared where a folder is given."""
    tickets = Path(environ.get("TONGBAN_BENCH_TICKETS", DATA / "tickets.csv.gz"))
    log = open_log(tickets, hall=None, zone=None)
    counts, _ = windows.read(Path(environ.get("TONGBAN_BENCH_WINDOWS", DATA / "windows.csv.gz")))
    heard, field = Heard(log.zone), racers(log.zone, SEED)
    drawn = pictures.drawn(pictures_path, log.zone) if pictures_path else nullcontext(_nobody)
    with drawn as draw:

        def hear(told: Answered) -> None:
            heard(told)
            if told.predictor == OURS:
                draw(told)

        asked = running.Asked(AHEAD_MIN, TRAIN_DAYS, SEED)
        scores = running.race(log, counts, asked, field, hear)
    of_offices = offices.rows(heard.held)
    reached = [
        *goals.joining_now(scores, field),
        *goals.many_ahead(heard.many_ahead),
        offices.together(of_offices),
        *goals.arriving_later(scores),
        *sparse_start.rows(log, counts, heard.by_day),
    ]
    return Measured(scores, reached, of_offices)


def _nobody(_: Answered) -> None:
    """Nobody draws."""
