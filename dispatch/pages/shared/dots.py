"""Where the twenty dots of somebody's own wait lie: stacked over a line of minutes that fits them."""

from collections import Counter
from dataclasses import dataclass
from math import ceil

from dispatch.foundation.words import Language
from dispatch.waits.outcomes import twenty
from dispatch.waits.wording import Wait, nine_of_ten

WIDTH = 318
LEFT, RIGHT = 20, 292
COLUMNS = 22
RADIUS = 6.2
STEPS_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 240)
MOST_TICKS = 5
ABOVE, LIFTED = 8, 4
"""Room over the highest dot; how far the lowest hang over the line."""
BELOW = 28
"""The line's own half, and the minutes written under it."""


@dataclass(frozen=True)
class Tick:
    """A tick of the line, and the minutes it stands for."""

    x: float
    minutes: int


@dataclass(frozen=True)
class DotPlot:
    """A drawing in its own units; `base` is how far down the line lies, `band` where nine of ten outcomes are,
    and what it `says` in a sentence."""

    height: float
    base: float
    ticks: list[Tick]
    band: tuple[float, float]
    dots: list[tuple[float, float]]
    says: str
    width: int = WIDTH
    left: int = LEFT
    right: int = RIGHT
    radius: float = RADIUS


def plot(wait: Wait, lang: Language) -> DotPlot:
    """The dots of this wait."""
    outcomes = twenty(wait)
    longest_min = max(float(wait["high_s"]), outcomes[-1]) / 60
    step = next((step for step in STEPS_MIN if longest_min <= step * MOST_TICKS), STEPS_MIN[-1])
    whole_s = 60.0 * step * max(1, ceil(longest_min / step))
    pitch = (RIGHT - LEFT) / COLUMNS
    stacks: Counter[int] = Counter()
    placed = []
    for seconds in outcomes:
        column = min(COLUMNS - 1, int(seconds / whole_s * COLUMNS))
        placed.append((column, stacks[column]))
        stacks[column] += 1
    base = max(stacks.values()) * pitch + ABOVE

    def along(seconds: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * min(1.0, seconds / whole_s), 1)

    return DotPlot(
        height=round(base + BELOW, 1),
        base=round(base, 1),
        ticks=[Tick(along(at * 60), at) for at in range(0, int(whole_s / 60) + 1, step)],
        band=(along(wait["low_s"]), along(wait["high_s"])),
        dots=[
            (round(LEFT + (column + 0.5) * pitch, 1), round(base - LIFTED - (row + 0.5) * pitch, 1))
            for column, row in placed
        ],
        says=nine_of_ten(wait, lang),
    )
