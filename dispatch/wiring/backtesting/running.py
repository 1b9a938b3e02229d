"""A backtest from the lines to the figures, and what is written on the way."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from dispatch.wiring.backtesting import pictures, predictions
from dispatch.wiring.backtesting.days import days
from dispatch.wiring.backtesting.racers import OURS, racers
from dispatch.wiring.backtesting.scoring import Score
from dispatch.wiring.backtesting.walking import Answered, Walk
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


def run(
    log: Opened,
    counts: Sequence[WindowCount],
    asked: Asked,
    predictions_path: Path | None = None,
    pictures_path: Path | None = None,
) -> Mapping[tuple[str, int], Score]:
    """The score of each predictor at each horizon. Raises NothingToScore, OSError."""
    with ExitStack() as stack:
        hears: list[Callable[[Answered], None]] = []
        if predictions_path:
            hears.append(stack.enter_context(predictions.written(predictions_path, log)))
        if pictures_path:
            hears.append(stack.enter_context(pictures.drawn(pictures_path, log.zone)))
        walk = Walk(racers(log.zone, asked.seed), asked.ahead_min, asked.train_days, _ours_to(hears))
        walk.through(days(log.lines, counts, log.zone))
        if not any(score.truths or score.unknown for score in walk.scores.values()):
            raise NothingToScore(
                f"the first {asked.train_days} days taken off, no line is left that was called and has not score 0"
            )
    return walk.scores


def _ours_to(hears: Sequence[Callable[[Answered], None]]) -> Callable[[Answered], None]:
    def hear(answered: Answered) -> None:
        if answered.predictor == OURS:
            for each in hears:
                each(answered)

    return hear
