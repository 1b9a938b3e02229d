"""How many are done by a channel, and between which bounds that can be believed. Pure.

The bounds are E. B. Wilson's for a share (Probable inference, the law of succession, and statistical inference.
JASA 22 (1927) 209–212). Days differ by more than chance alone (an outage, a holiday's eve), so that each person
counts for less than one: by Pearson's X² over the days, divided by its degrees of freedom (P. McCullagh, J. A.
Nelder: Generalized Linear Models. 2nd ed. 1989, §4.5). Where it is not known whether those who finished are among
those who came back, the lower bound takes it that they are not, and the upper one that they are: see `summing.Day`.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dispatch.catalogue.volumes.summing import Day

Z = 2.576
"""99 %, both sides: hundreds of shares are looked at every night."""


@dataclass(frozen=True)
class Figure:
    """What was counted, and the bounds of the share of those who were done and needed no counter."""

    used: int
    finished: int
    came_back: int | None
    least: int
    most: int
    low: float
    high: float

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)


def figure(days: Sequence[Day]) -> Figure:
    """All days together."""
    used = sum(day.used for day in days)
    back = [day.came_back for day in days if day.came_back is not None]
    least, most = [day.least for day in days], [day.most for day in days]
    trials = [day.used for day in days]
    return Figure(
        used=used,
        finished=sum(day.finished for day in days),
        came_back=sum(back) if len(back) == len(days) else None,
        least=sum(least),
        most=sum(most),
        low=wilson(sum(least), used, inflation(least, trials))[0],
        high=wilson(sum(most), used, inflation(most, trials))[1],
    )


def wilson(yes: int, trials: int, inflation: float = 1.0, z: float = Z) -> tuple[float, float]:
    """Bounds of a share; `inflation` is by how much it varies more than chance alone would have it."""
    if not trials:
        return 0.0, 1.0
    n, share = trials / inflation, yes / trials
    middle = share + z * z / (2 * n)
    apart = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    whole = 1 + z * z / n
    return max(0.0, (middle - apart) / whole), min(1.0, (middle + apart) / whole)


def inflation(yes: Sequence[int], trials: Sequence[int]) -> float:
    """Pearson's X² of days over its degrees of freedom; never below 1, since nothing varies less than by chance."""
    share = sum(yes) / sum(trials) if sum(trials) else 0.0
    apart = [(y - n * share) ** 2 / n for y, n in zip(yes, trials, strict=True) if n]
    own = share * (1 - share)
    if len(apart) < 2 or own <= 0:
        return 1.0
    return max(1.0, sum(apart) / own / (len(apart) - 1))
