"""How many come to which queue at which quarter-hour of which kind of weekday, and how today compares with that.

Counts are Poisson, rates gamma, drawn towards the next wider profile: a queue's kind of weekday towards its own of all
days, that towards the whole hall's shape of the day, that towards the city's. Whoever comes by a journey is in no
count: she is expected by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from dispatch.learning import shrinking
from dispatch.learning.day_sums import DAYS, DaySums
from dispatch.learning.local_time import CLASSES, QUARTER_S, QUARTERS, day_class, spread_over
from dispatch.learning.shrinking import Floats

_SHAPE_WORTH, _LEVEL_DAYS, _CELL_DAYS = 100.0, 0.25, 2.0
_TODAY_WORTH = 25.0
_MOST = 3.0
"""Today counts as at most so many times a usual day, or as this part of one."""


@dataclass(frozen=True)
class ArrivalRates:
    """People per quarter-hour: `of` each queue (4, 96), day classes × quarter-hours.

    `shape` (4, 96) sums up to 1 over the mean day, to more on busier kinds of weekdays; `usual` is how many come in a
    day to a queue of which nothing else is known, None while nobody knows. `ratios` are the people of the day `today`
    (its ordinal) by queue, and under "" of all, as a multiple of what is usual by that time.
    """

    of: Mapping[str, Floats] = field(default_factory=dict)
    shape: Floats = field(default_factory=lambda: np.full((CLASSES, QUARTERS), 1 / QUARTERS))
    usual: float | None = None
    ratios: Mapping[str, float] = field(default_factory=dict)
    today: int = 0

    def at(self, queue: str) -> Floats | None:
        """(4, 96) people per quarter-hour of a queue; None while neither hall nor city knows."""
        known = self.of.get(queue)
        if known is None and self.usual is not None:
            return self.usual * self.shape
        return known

    def ratio(self, queue: str) -> float:
        """How today compares with what is usual."""
        return self.ratios.get(queue, self.ratios.get("", 1.0))


def learned(sums: DaySums, before: ArrivalRates) -> ArrivalRates:
    """What these sums say, drawn towards what was known before."""
    days = sums.at(DAYS)
    seen = float(days.max(axis=1).sum())
    queues = [name for name in sums.of if name != DAYS]
    if not seen or not queues:
        return ArrivalRates(shape=before.shape, usual=before.usual)
    counts = np.stack([sums.at(queue) for queue in queues])
    shape = _shape(counts.sum(axis=0), days, before.shape)
    level = (counts.sum(axis=(1, 2)) + _LEVEL_DAYS * (before.usual or 0.0)) / (seen + _LEVEL_DAYS)
    over_days = shrinking.rates(
        counts.sum(axis=1),
        np.broadcast_to(days.sum(axis=0), (len(queues), QUARTERS)),
        level[:, None] * _typical(shape, days)[None, :],
        _CELL_DAYS,
    )
    busy = shape.sum(axis=1) / max(float(np.average(shape.sum(axis=1), weights=days.max(axis=1))), 1e-9)
    expected = over_days[:, None, :] * busy[None, :, None]
    rates = shrinking.rates(counts, np.broadcast_to(days, counts.shape), expected, _CELL_DAYS)
    nobody = None if before.usual is None else before.usual * _LEVEL_DAYS / (seen + _LEVEL_DAYS)
    return ArrivalRates(dict(zip(queues, rates, strict=True)), shape, nobody)


def with_today(known: ArrivalRates, counts: Mapping[str, Floats], now: datetime) -> ArrivalRates:
    """The same with today's ratios: (96,) people that have come to each queue until this moment by the hall's clock.

    The ratio of a queue is drawn towards the hall's, the hall's towards 1, and that the more the fewer have come.
    """
    passed = spread_over(now.replace(hour=0, minute=0, second=0, microsecond=0), now) / QUARTER_S
    usual = {queue: rates[day_class(now)] for queue, rates in known.of.items()}
    expected = {queue: float((rates * passed).sum()) for queue, rates in usual.items()}
    came = {queue: float(counts[queue].sum()) if queue in counts else 0.0 for queue in expected}
    whole = _ratio(sum(came.values()), sum(expected.values()), 1.0)
    ratios = {queue: _ratio(came[queue], expected[queue], whole) for queue in expected}
    return replace(known, ratios={**ratios, "": whole}, today=now.toordinal())


def _ratio(came: float, expected: float, towards: float) -> float:
    ratio = (came + _TODAY_WORTH * towards) / (expected + _TODAY_WORTH)
    return min(max(ratio, 1 / _MOST), _MOST)


def _shape(counts: Floats, days: Floats, before: Floats) -> Floats:
    """(4, 96) the hall's shape: what is expected in each cell of one queue's day, by the mean day."""
    over_days = counts.sum(axis=0) + _SHAPE_WORTH * before.mean(axis=0)
    typical = over_days / over_days.sum()
    per_class = days.max(axis=1)
    mean_day = max(float(counts.sum() / per_class.sum()), 1e-9)
    busy = (counts.sum(axis=1) / mean_day + _LEVEL_DAYS * before.sum(axis=1)) / (per_class + _LEVEL_DAYS)
    shape: Floats = np.maximum(busy, 1e-3)[:, None] * typical[None, :]
    return shape


def _typical(shape: Floats, days: Floats) -> Floats:
    """(96,) the shape of the mean day, each kind of weekday weighing as often as it was seen."""
    typical: Floats = np.average(shape, axis=0, weights=days.max(axis=1))
    return typical
