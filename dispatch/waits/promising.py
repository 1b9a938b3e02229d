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
READ_S = 600.0
"""That it slipped is told until the promise moves earlier again, and for so long at least."""


@dataclass(frozen=True, slots=True)
class Promise:
    """When somebody will be called, in Unix seconds: low ≤ point ≤ high."""

    point: float
    low: float
    high: float
    method: str
    slipped_at: float | None = None
    """When it was last moved later, out of the range that had been promised."""

    @property
    def width(self) -> float:
        """How much it leaves open, in seconds."""
        return self.high - self.low

    def has_just_slipped(self, now: float) -> bool:
        """Whether that is so short ago that she may not have read it."""
        return self.slipped_at is not None and now - self.slipped_at < READ_S


def renewed(shown: Promise | None, new: Promise, now: float) -> Promise:
    """What to show from now on, after this was shown and that is estimated."""
    if shown is None:
        return new
    if new.point > shown.high:
        return replace(new, slipped_at=now)
    if shown.point < now:
        return replace(new, slipped_at=shown.slipped_at)
    if shown.point - new.point >= worth_telling(shown.point - now):
        return replace(new, slipped_at=shown.slipped_at if shown.has_just_slipped(now) else None)
    if new.low <= shown.point <= new.high and new.width <= NARROWER * shown.width:
        return replace(shown, low=new.low, high=new.high, method=new.method)
    return shown


def worth_telling(left_s: float) -> float:
    """By how many seconds an estimate must be earlier to be told, with so many left to wait."""
    return max(STEP_S, STEP_SHARE * left_s)
