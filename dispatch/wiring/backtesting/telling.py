"""A backtest's figures, for people as a table in minutes and for machines as JSON in seconds."""

from typing import Any

from dispatch.wiring.backtesting.scoring import MEASURES, Scores

COLUMNS = {"n": "n", "unknown": "unknown"} | {name: measure.title for name, measure in MEASURES.items()}


def plain(scores: Scores) -> list[dict[str, Any]]:
    """One object for each predictor and horizon."""
    return [
        {"predictor": predictor, "ahead_min": ahead, **score.figures()}
        for (predictor, ahead), score in scores.items()
    ]


def table(scores: Scores) -> str:
    """A table for each horizon; minutes, and shares in per cent."""
    return "\n\n".join(_table(ahead, scores) for ahead in dict.fromkeys(ahead for _, ahead in scores))


def rows(ahead: int, scores: Scores) -> tuple[str, list[list[str]]]:
    """The title and the cells of one horizon's table, its head first."""
    cells = [["predictor", *COLUMNS.values()]]
    for (predictor, horizon), score in scores.items():
        if horizon == ahead:
            figures = score.figures()
            cells.append([predictor, *(_cell(name, figures[name]) for name in COLUMNS)])
    return f"{f'arrival in {ahead} min' if ahead else 'joining now'} (minutes; shares in %)", cells


def _table(ahead: int, scores: Scores) -> str:
    title, cells = rows(ahead, scores)
    first, *others = [max(map(len, column)) for column in zip(*cells, strict=True)]
    drawn = ("  ".join([row[0].ljust(first), *map(str.rjust, row[1:], others)]) for row in cells)
    return "\n".join([title, *drawn])


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    if name not in MEASURES:
        return str(value)
    return f"{value * 100:.1f}" if MEASURES[name].is_share else f"{value / 60:.2f}"
