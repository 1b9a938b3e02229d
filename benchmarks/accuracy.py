"""How far off our forecasts are, as ratios to the best reference predictor: `tongban backtest` on real days.

Not a matter of speed, so one round is enough. `TONGBAN_BENCH_TICKETS` and `TONGBAN_BENCH_WINDOWS` name other files.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dispatch.wiring.backtesting import running, windows
from dispatch.wiring.backtesting.racers import OURS
from dispatch.wiring.backtesting.scoring import Score
from dispatch.wiring.ticket_logs.opening import open_log

DATA = Path(__file__).parent / "data" / "warsaw"
TRAIN_DAYS = 4
AHEAD_MIN = (0, 30, 60, 120)
FIELDS = {
    "mae_s": "mean absolute error",
    "rmse_s": "root mean square error",
    "width_90_s": "width of the range",
}
GOALS = {"mae_s": 0.95, "rmse_s": 0.95, "width_90_s": 0.90}
WIDTH_OF = "boosting_median"
"""Whose range is the one to be narrower than: others hold less often, or are wide."""

Figures = Mapping[str, int | float | None]


def measure() -> Sequence[Mapping[str, object]]:
    """Ours and the best reference at each horizon, in minutes."""
    log = open_log(
        Path(os.environ.get("TONGBAN_BENCH_TICKETS", DATA / "tickets.csv.gz")), hall=None, zone=None
    )
    counts, _ = windows.read(Path(os.environ.get("TONGBAN_BENCH_WINDOWS", DATA / "windows.csv.gz")))
    scores = running.run(log, counts, running.Asked(AHEAD_MIN, TRAIN_DAYS, seed=0))
    return [row for ahead in AHEAD_MIN for row in _rows(ahead, scores)]


def _rows(ahead: int, scores: Mapping[tuple[str, int], Score]) -> Iterator[Mapping[str, object]]:
    figures = {name: score.figures() for (name, horizon), score in scores.items() if horizon == ahead}
    ours = figures.pop(OURS)
    when = f"in {ahead} min" if ahead else "now"
    for field, title in FIELDS.items():
        rivals = {name: each for name, each in figures.items() if field != "width_90_s" or name == WIDTH_OF}
        best = min(rivals, key=lambda name: _value(rivals[name], field))
        mine, other = _value(ours, field), _value(rivals[best], field)
        yield {
            "name": f"{when}: {title}",
            "ours_min": round(mine / 60, 2),
            "reference_min": round(other / 60, 2),
            "reference": best,
            "ratio": round(mine / other, 3),
            "goal": f"≤ {GOALS[field]}",
        }
    yield {
        "name": f"{when}: within the range",
        "ours_min": "",
        "ratio": ours["coverage_90"],
        "goal": "0.89–0.92" if not ahead else "0.88–0.92",
    }


def _value(figures: Figures, field: str) -> float:
    found = figures[field]
    return float("inf") if found is None else float(found)
