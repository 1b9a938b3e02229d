"""How ours fared, drawn: predicted against actual, coverage by hour, error by horizon. Plain SVG."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.waits.forecast import LEVEL
from dispatch.wiring.backtesting.plotting import Axis, Plot
from dispatch.wiring.backtesting.scoring import Score
from dispatch.wiring.backtesting.walking import Answered

ENOUGH = 30
"""Answers below which an hour or a size is not drawn."""
MINUTE_S = 60.0
SIZES_MIN = (0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 60, 80, 100, 120, 180)
MOST_MIN = 120


class Seen:
    """What the pictures are drawn from."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.now = Score()
        self.by_hour: dict[int, Score] = defaultdict(Score)
        self.by_horizon: dict[int, Score] = defaultdict(Score)

    def hear(self, told: Answered) -> None:
        """One forecast."""
        self.by_horizon[told.ahead_min].add(told.answer, told.truth_s)
        if not told.ahead_min:
            self.now.add(told.answer, told.truth_s)
            hour = told.line.issued_at.astimezone(self._zone).hour
            self.by_hour[hour].add(told.answer, told.truth_s)


@contextmanager
def drawn(folder: Path, zone: ZoneInfo) -> Iterator[Callable[[Answered], None]]:
    """Whom to tell each forecast; the pictures are drawn at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    seen = Seen(zone)
    yield seen.hear
    for name, picture in {
        "predicted-against-actual": predicted_against_actual(seen.now),
        "coverage-by-hour": coverage_by_hour(seen.by_hour),
        "error-by-horizon": error_by_horizon(seen.by_horizon),
    }.items():
        (folder / f"{name}.svg").write_text(picture, encoding="utf-8")


def predicted_against_actual(score: Score) -> str:
    """For each size of forecast, what came: the median as a dot, nine of ten as a band, the diagonal as the goal."""
    points, truths = np.array(score.points) / MINUTE_S, np.array(score.truths) / MINUTE_S
    plot = Plot(
        "Foretold and waited",
        f"{len(points)} tickets; dot: median wait, band: 9 of 10, line: just as foretold",
        Axis("foretold, minutes", 0, MOST_MIN, 15),
        Axis("waited, minutes", 0, 180, 30),
    )
    plot.line([(0, 0), (MOST_MIN, MOST_MIN)])
    for low, high in pairwise(SIZES_MIN):
        inside = (low <= points) & (points < high)
        if inside.sum() >= ENOUGH:
            at = float(points[inside].mean())
            few, middle, many = np.quantile(truths[inside], [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
            plot.band(at, float(few), float(many))
            plot.dot(at, float(middle))
    return plot.svg()


def coverage_by_hour(by_hour: dict[int, Score]) -> str:
    """The share that waited as long as the range said, and the share that waited longer, by the hour of joining."""
    hours = [hour for hour in sorted(by_hour) if len(by_hour[hour].truths) >= ENOUGH]
    first, last = (hours[0], hours[-1] + 1) if hours else (8, 18)
    plot = Plot(
        "Within the range, by hour",
        f"dot: within the range, bar: waited longer; line: the promise, {LEVEL:.0%}",
        Axis("joined at, hour", first, last, 1),
        Axis("%", 0, 100, 10),
    )
    plot.line([(first, LEVEL * 100), (last, LEVEL * 100)])
    for hour in hours:
        figures = by_hour[hour].figures()
        plot.band(hour + 0.5, 0.0, 100 * (figures["late_90"] or 0.0))
        plot.dot(hour + 0.5, 100 * (figures["coverage_90"] or 0.0))
    return plot.svg()


def error_by_horizon(by_horizon: dict[int, Score]) -> str:
    """The mean absolute error by how far ahead the arrival lies."""
    known = {ahead: score.figures()["mae_s"] for ahead, score in by_horizon.items()}
    means = {ahead: mean / MINUTE_S for ahead, mean in sorted(known.items()) if mean is not None}
    furthest = max([*means, 30])
    plot = Plot(
        "Error by horizon",
        "mean absolute error of the wait of whoever arrives later",
        Axis("arrival in, minutes", 0, furthest, 30),
        Axis("minutes off", 0, 5 * (int(max([*means.values(), 4]) // 5) + 1), 5),
    )
    plot.line(list(means.items()))
    for ahead, mean in means.items():
        plot.dot(ahead, mean, f"{mean:.1f}")
    return plot.svg()
