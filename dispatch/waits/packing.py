"""A wait as a forecast's row keeps it: `[point, low, high, method]` in whole seconds, or the reason for not knowing."""

from collections.abc import Sequence
from math import ceil, floor

from dispatch.waits.forecast import Forecast, Unknown

Packed = Sequence[int | str] | str


def pack(told: Forecast | Unknown) -> list[int | str] | str:
    """To the row; the range is rounded outwards."""
    if isinstance(told, Unknown):
        return told.because
    return [round(told.point_s), floor(told.low_s), ceil(told.high_s), told.method]


def unpack(kept: Packed) -> Forecast | Unknown:
    """From the row."""
    if isinstance(kept, str):
        return Unknown(kept)
    point, low, high, method = kept
    return Forecast(float(point), float(low), float(high), str(method))
