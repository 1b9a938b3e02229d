"""Windows as they really open and break: the share of each quarter-hour in which a window calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from dispatch.learning.day_sums import DAYS, DaySums
from dispatch.learning.local_time import QUARTER_S
from dispatch.learning.shrinking import Floats

COUNTED = "#"
"""Before the code of a queue of which only the number of windows is known."""
_CELL_DAYS = 1.0
"""What a window does on all days is worth so many days of one kind."""


@dataclass(frozen=True)
class OpenShares:
    """`of` each window (4, 96), day classes × quarter-hours, the share of time in which it is open.

    Under COUNTED and a queue's code stands the mean number of nameless windows. `serves` has the queues of each window,
    as it called from last; `usual` is any window of the city, None while nobody knows.
    """

    of: Mapping[str, Floats] = field(default_factory=dict)
    serves: Mapping[str, Sequence[str]] = field(default_factory=dict)
    usual: Floats | None = None

    def window(self, window: str) -> Floats | None:
        """(4, 96) how much a window is open; None while neither hall nor city knows."""
        return self.of.get(window, self.usual)

    def queue(self, queue: str) -> Floats | None:
        """(4, 96) how many windows serve a queue in the mean; None while none was ever seen."""
        named = [shares for name, shares in self.of.items() if queue in self.serves.get(name, ())]
        counted = self.of.get(COUNTED + queue)
        every = named if counted is None else [*named, counted]
        return sum(every[1:], every[0]) if every else None


def learned(sums: DaySums, serves: Mapping[str, Sequence[str]], before: OpenShares) -> OpenShares:
    """What these sums say, a kind of weekday drawn towards all days; windows never seen are as before."""
    windows = [name for name in sums.of if name != DAYS]
    if not windows:
        return OpenShares(serves=serves, usual=before.usual)
    days, opened = sums.at(DAYS), np.stack([sums.at(window) for window in windows]) / QUARTER_S
    seen = days.sum(axis=0)
    all_days = np.divide(opened.sum(axis=1), seen, out=np.zeros_like(opened[:, 0]), where=seen > 0)
    shares = (opened + _CELL_DAYS * all_days[:, None, :]) / (days + _CELL_DAYS)
    named = np.array([not name.startswith(COUNTED) for name in windows])
    shares[named] = np.minimum(shares[named], 1.0)
    return OpenShares(dict(zip(windows, shares, strict=True)), serves, before.usual)
