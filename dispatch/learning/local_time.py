"""Days and quarter-hours as halls live them: by the clock on their wall."""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

QUARTER_S = 900.0
QUARTERS = 96
CLASSES = 4
"""Kinds of weekdays that differ in who comes: Monday, Tuesday to Thursday, Friday, the weekend."""

_CLASS_OF = (0, 1, 1, 1, 2, 3, 3)


def day_class(day: date) -> int:
    """Which kind of weekday this is."""
    return _CLASS_OF[day.weekday()]


def quarter_of(local: datetime) -> int:
    """The quarter-hour of its day that holds this moment."""
    return local.hour * 4 + local.minute // 15


@dataclass(frozen=True)
class Span:
    """A stretch of time in quarter-hours: (n,) kinds of weekdays, (n,) quarter-hours, and (n,) days' ordinals."""

    classes: NDArray[np.intp]
    quarters: NDArray[np.intp]
    days: NDArray[np.intp]


def span(start: float, end: float, zone: tzinfo) -> Span:
    """From the quarter-hour that holds `start` to the last that begins before `end`, in Unix seconds."""
    local = datetime.fromtimestamp(start, zone)
    first = start - (local.minute % 15) * 60 - local.second - local.microsecond / 1e6
    count = max(0, math.ceil((end - first) / QUARTER_S)) if end > start else 0
    return _quarters(round(first), count, zone)


@lru_cache(maxsize=512)  # for a quarter of an hour all halls that close together ask for the same
def _quarters(first: int, count: int, zone: tzinfo) -> Span:
    """So many quarter-hours from this moment on."""
    moments = [datetime.fromtimestamp(first + nth * QUARTER_S + 1, zone) for nth in range(count)]
    rows = [(day_class(moment), quarter_of(moment), moment.toordinal()) for moment in moments]
    columns = np.array(rows, dtype=np.intp).reshape(count, 3).T
    columns.setflags(write=False)
    return Span(*columns)


def spread_over(start: datetime, end: datetime) -> NDArray[np.float64]:
    """(96,) how many seconds of this stretch lie in each quarter-hour of the day on which it starts."""
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    since, until = (
        min(max((moment - midnight) / timedelta(seconds=1), 0.0), QUARTERS * QUARTER_S)
        for moment in (start, end)
    )
    edges = np.arange(QUARTERS + 1) * QUARTER_S
    reached = np.clip(edges, since, max(since, until))
    return np.diff(reached)
