"""A backtest's figures, for people as a table in minutes and for machines as JSON in seconds."""

from collections.abc import Mapping
from typing import Any

from dispatch.wiring.backtesting.scoring import Score

COLUMNS = {
    "n": "n",
    "unknown": "unknown",
    "mae_s": "MAE",
    "rmse_s": "RMSE",
    "median_ae_s": "median",
    "bias_s": "bias",
    "within_5_min": "≤ 5 min",
    "coverage_90": "in range",
    "width_90_s": "width",
    "late_90": "later",
}
SHARES = ("within_5_min", "coverage_90", "late_90")

Scores = Mapping[tuple[str, int], Score]


def plain(scores: Scores) -> list[dict[str, Any]]:
    """One object for each predictor and horizon."""
    return [
        {"predictor": predictor, "ahead_min": ahead, **score.figures()}
        for (predictor, ahead), score in scores.items()
    ]


def table(scores: Scores) -> str:
    """A table for each horizon; minutes, and shares in per cent."""
    return "\n\n".join(_table(ahead, scores) for ahead in dict.fromkeys(ahead for _, ahead in scores))


def _table(ahead: int, scores: Scores) -> str:
    rows = [["predictor", *COLUMNS.values()]]
    for (predictor, horizon), score in scores.items():
        if horizon == ahead:
            figures = score.figures()
            rows.append([predictor, *(_cell(name, figures[name]) for name in COLUMNS)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    drawn = [
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in rows
    ]
    title = f"arrival in {ahead} min" if ahead else "joining now"
    return "\n".join([f"{title} (minutes; shares in %)", *drawn])


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    if name in SHARES:
        return f"{value * 100:.1f}"
    return f"{value / 60:.2f}" if name.endswith("_s") else str(value)
