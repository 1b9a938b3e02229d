"""A wait as a forecast's row keeps it: `[point, low, high, method]` in whole seconds, or the reason for not knowing.

That of somebody who waits goes on with when her promise slipped, in Unix seconds, if it did.
"""

from collections.abc import Sequence
from math import ceil, floor

from dispatch.waits.forecast import Forecast, Unknown

Packed = Sequence[int | str] | str


def pack(told: Forecast | Unknown, slipped_at: float | None = None) -> list[int | str] | str:
    """To the row; the range is rounded outwards."""
    if isinstance(told, Unknown):
        return told.because
    slipped = [] if slipped_at is None else [round(slipped_at)]
    return [round(told.point_s), floor(told.low_s), ceil(told.high_s), told.method, *slipped]


def unpack(kept: Packed) -> Forecast | Unknown:
    """From the row."""
    if isinstance(kept, str):
        return Unknown(kept)
    point, low, high, method = kept[:4]
    return Forecast(float(point), float(low), float(high), str(method))


def slipped_at(kept: Packed) -> float | None:
    """When the promise slipped, if it did."""
    return float(kept[4]) if not isinstance(kept, str) and len(kept) > 4 else None
