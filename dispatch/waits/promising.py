"""What is shown to somebody while she waits: it follows the estimates, but does not jump with each of them. Pure.

A promise moves later only when the new estimate leaves the range that was promised, or when its moment has passed.
It moves earlier as soon as that is worth telling. Its range is narrowed only by halves: to cut it a little with every
estimate would leave, of many ranges that hold nine times out of ten, one that holds far less often.
"""

from dataclasses import dataclass, replace

STEP_S = 60.0
STEP_SHARE = 0.1
"""Earlier by less than a minute, or than a tenth of what is left to wait, is not worth telling."""
NARROWER = 0.5


@dataclass(frozen=True, slots=True)
class Promise:
    """When somebody will be called, in Unix seconds: low ≤ point ≤ high."""

    point: float
    low: float
    high: float
    method: str

    @property
    def width(self) -> float:
        """How much it leaves open, in seconds."""
        return self.high - self.low


def renewed(shown: Promise | None, new: Promise, now: float) -> Promise:
    """What to show from now on, after this was shown and that is estimated."""
    if shown is None or new.point > shown.high or shown.point < now:
        return new
    if shown.point - new.point >= worth_telling(shown.point - now):
        return new
    if new.low <= shown.point <= new.high and new.width <= NARROWER * shown.width:
        return replace(shown, low=new.low, high=new.high, method=new.method)
    return shown


def worth_telling(left_s: float) -> float:
    """By how many seconds an estimate must be earlier to be told, with so many left to wait."""
    return max(STEP_S, STEP_SHARE * left_s)
