"""Following windows as they open and close over one day, in seconds of each quarter-hour."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

import numpy as np

from dispatch.learning.happenings import Happening, Kind
from dispatch.learning.local_time import QUARTERS, spread_over
from dispatch.learning.openings import COUNTED
from dispatch.learning.shrinking import Floats


class ShiftsSeen:
    """The windows that are open, and how long each was so far today; `serves` has the queues of each that has opened.

    A queue of which only the number of windows is known stands there as one window, open so many times.
    """

    def __init__(self, zone: tzinfo, told: Mapping[str, Any] | None = None) -> None:
        told = told or {}
        self._zone = zone
        self._open: dict[str, tuple[float, int]] = {
            name: (s, n) for name, (s, n) in told.get("open", {}).items()
        }
        self.seconds: dict[str, Floats] = {
            name: np.array(each) for name, each in told.get("seconds", {}).items()
        }
        self.serves: dict[str, list[str]] = dict(told.get("serves", {}))

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        seconds = {name: each.tolist() for name, each in self.seconds.items()}
        return {"open": self._open, "seconds": seconds, "serves": self.serves}

    def see(self, happening: Happening) -> None:
        """A window opened or closed, or is counted anew."""
        counted = happening.kind is Kind.COUNTED
        name = COUNTED + happening.queue if counted else happening.window
        number = happening.windows if counted else int(happening.kind is Kind.OPENED)
        if number and not counted:
            self.serves[name] = list(happening.queues)
        self._account(name, happening.at)
        if number > 0:
            self._open[name] = (happening.at, number)
        else:
            self._open.pop(name, None)

    def end_day(self, last: float, now: float) -> dict[str, Floats]:
        """Each window's (96,) seconds of the day that ended with this last sign of life; what is open goes on now."""
        for name in list(self._open):
            self._account(name, last)
        seconds, self.seconds = self.seconds, {}
        self._open = {name: (now, number) for name, (_, number) in self._open.items()}
        return seconds

    def _account(self, name: str, until: float) -> None:
        if name not in self._open:
            return
        since, number = self._open[name]
        start, end = (datetime.fromtimestamp(moment, self._zone) for moment in (since, max(since, until)))
        self.seconds[name] = self.seconds.get(name, np.zeros(QUARTERS)) + number * spread_over(start, end)
        self._open[name] = (until, number)
