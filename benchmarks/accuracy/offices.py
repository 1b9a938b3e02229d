"""Whether each office's range holds as often as it says, by a bootstrap of whole days.

For each office the statistic is its coverage c over all its scored tickets. Ten thousand times, as many days as it has
are drawn from them with replacement, each with all its tickets, and give a coverage c*. The hypothesis is that the
office's coverage is 0.9; how far c* strays from c tells how far c strays from what it estimates. The office is rejected
when fewer than 1 % of the draws stray as far: p = (1 + #{√(n/(n−1))·|c* − c| ≥ |c − 0.9|}) / (1 + draws), the root
because draws from n days vary less than days do. Hours of one day are not exchangeable, days nearly so. With few days
the test is strict: where they happen to be alike, it takes them for more alike than they are.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from benchmarks.accuracy.goals import Goal, Row
from dispatch.waits.forecast import LEVEL

DRAWS = 10_000
REJECTED_BELOW = 0.01

Held = Mapping[date, Sequence[bool]]


def rows(held: Mapping[str, Held]) -> list[Row]:
    """Each office by its name."""
    return [_row(hall, held[hall]) for hall in sorted(held)]


def together(offices: Sequence[Row]) -> Row:
    """How many offices are rejected."""
    rejected = sum(row["met"] == "no" for row in offices)
    reached = f"{rejected} of {len(offices)}"
    return Goal(0).told(rejected, name="now: offices whose coverage is rejected at 1 %", reached=reached)


def p_value(held: Held, seed: int = 0) -> float:
    """How likely draws of days stray as far from the office's coverage as that does from what is promised."""
    within = np.array([sum(day) for day in held.values()])
    told = np.array([len(day) for day in held.values()])
    drawn = np.random.default_rng(seed).integers(len(told), size=(DRAWS, len(told)))
    coverage = within.sum() / told.sum()
    widened = np.sqrt(len(told) / max(1, len(told) - 1))
    strays = widened * np.abs(within[drawn].sum(axis=1) / told[drawn].sum(axis=1) - coverage)
    return float((1 + (strays >= abs(coverage - LEVEL)).sum()) / (1 + DRAWS))


def _row(hall: str, held: Held) -> Row:
    within = [each for day in held.values() for each in day]
    p = p_value(held)
    return {
        "name": f"now: within the range, {hall}",
        "n": len(within),
        "reached": f"{100 * sum(within) / len(within):.1f} %",
        "by": f"{len(held)} days",
        "ratio": f"p {p:.4f}",
        "goal": f"p ≥ {REJECTED_BELOW:g}",
        "met": "yes" if p >= REJECTED_BELOW else "no",
    }
