"""A backtest from the lines to the figures, and what is written on the way."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from dispatch.wiring.backtesting import pictures, predictions
from dispatch.wiring.backtesting.days import days
from dispatch.wiring.backtesting.racers import OURS, Racer, racers
from dispatch.wiring.backtesting.scoring import Scores
from dispatch.wiring.backtesting.walking import Answered, Heard, Walk
from dispatch.wiring.backtesting.windows import WindowCount
from dispatch.wiring.ticket_logs.opening import Opened


class NothingToScore(Exception):
    """No line is left to score; the text says why."""


@dataclass(frozen=True)
class Asked:
    """How the race is run."""

    ahead_min: Sequence[int]
    train_days: int
    seed: int
    least_ahead: int = 0
    """Only tickets with so many people ahead are scored."""


def run(
    log: Opened,
    counts: Sequence[WindowCount],
    asked: Asked,
    predictions_path: Path | None = None,
    pictures_path: Path | None = None,
) -> Scores:
    """The race, and what is written of ours on the way. Raises NothingToScore, OSError."""
    with ExitStack() as stack:
        hears: list[Heard] = []
        if predictions_path:
            hears.append(stack.enter_context(predictions.written(predictions_path, log)))
        if pictures_path:
            hears.append(stack.enter_context(pictures.drawn(pictures_path, log.zone)))

        def hear(answered: Answered) -> None:
            if answered.predictor == OURS:
                for each in hears:
                    each(answered)

        return race(log, counts, asked, racers(log.zone, asked.seed), hear)


def race(
    log: Opened, counts: Sequence[WindowCount], asked: Asked, field: Sequence[Racer], heard: Heard
) -> Scores:
    """The score of each predictor at each horizon; `heard` is told each answer. Raises NothingToScore."""
    walk = Walk(field, asked.ahead_min, asked.train_days, heard, asked.least_ahead)
    walk.through(days(log.lines, counts, log.zone))
    if not any(score.truths or score.unknown for score in walk.scores.values()):
        few = f" and has {asked.least_ahead} people ahead" if asked.least_ahead else ""
        raise NothingToScore(
            f"the first {asked.train_days} days taken off, no line is left that was called and has not score 0{few}"
        )
    return walk.scores
