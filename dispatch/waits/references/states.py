"""A queue's state as numbers: all that the rules look at, side by side, for a model that weighs them itself.

Ang, Kwasnick, Bayati, Plambeck and Aratow, "Accurate emergency department wait time prediction", M&SOM 18(1), 2016,
add fluid terms to the plain counts; so does this.
"""

from collections.abc import Sequence
from datetime import date
from math import inf, nan
from statistics import fmean

from dispatch.waits.queue_days import Day, Key, QueueDay
from dispatch.waits.racing import Question
from dispatch.waits.references.half_hour_mean import HalfHourMeans
from dispatch.waits.references.half_hours import SLOT_S, slot_of
from dispatch.waits.references.rates import LIVE_S, CallRates

BACK_S = (900.0, 1800.0, 3600.0)
LONG_AGO_S = 4 * 3600.0


class States:
    """What is known of the queues from earlier days, to see today by. A nan is what is not known."""

    def __init__(self) -> None:
        self._rates = CallRates()
        self._means = HalfHourMeans()
        self._weekday = 0.0
        self._midnight = 0.0
        self._kept: tuple[object, list[float]] = (None, [])

    def begin_day(self, day: date, midnight: float) -> None:
        """A service day begins."""
        self._weekday, self._midnight = float(day.weekday()), midnight
        self._kept = (None, [])

    def learn(self, day: Day) -> None:
        """Take a day to the others."""
        self._rates.learn(day, self._midnight)
        self._means.learn(day, self._midnight)

    def row(self, day: Day, question: Question) -> list[float]:
        """The state at the question; always the same numbers in the same order."""
        key, at = (question.hall, question.queue), question.at
        queue = day.queue(*key)
        told = (key, at, len(queue.joined), len(queue.calls))
        if self._kept[0] != told:  # the horizons of one moment share it
            self._kept = (told, self._present(key, day, queue, at))
        then = at + question.ahead_s
        slot = slot_of(then, self._midnight)
        profile = self._means.last_in_line(key, slot) if question.ahead_s else self._means.joined(key, slot)
        return [*self._kept[1], then - self._midnight, _or_nan(profile)]

    def _present(self, key: Key, day: Day, queue: QueueDay, at: float) -> list[float]:
        ahead = queue.ahead()
        overall = self._rates.overall(key)
        since = at - LIVE_S
        calls, busy = queue.calls_since(since), queue.busy_until(at) - queue.busy_until(since)
        slot = slot_of(at, self._midnight)
        return [
            float(ahead),
            _or_nan(self._rates.until_called(ahead + 1, key, queue, at, self._midnight)),
            (ahead + 1) / overall if overall else nan,
            (ahead + 1) * busy / calls if calls else nan,
            self._rates.live(key, queue, at, self._midnight),
            overall or nan,
            queue.elapsed(at),
            queue.waited[-1] if queue.waited else nan,
            fmean(queue.waited[-4:]) if queue.waited else nan,
            fmean(queue.waited[-12:]) if queue.waited else nan,
            at - queue.calls[-1] if queue.calls else LONG_AGO_S,
            at - queue.since(at),
            *(float(queue.calls_since(at - back)) for back in BACK_S),
            *(float(queue.joined_since(at - back)) for back in BACK_S),
            float(len(queue.joined)),
            busy,
            nan if queue.windows is None else float(queue.windows),
            _or_nan(self._means.joined(key, slot)),
            _or_nan(self._means.overall(key)),
            self._weekday,
            at - self._midnight,
            *_hall(key[0], day, at),
        ]


def _hall(hall: str, day: Day, at: float) -> Sequence[float]:
    """How many wait in the whole hall, were called and joined in the last half hour, and its most windows."""
    waiting = called = joined = 0
    windows = -inf
    for queue in day.of_hall(hall):
        waiting += len(queue.line)
        called += queue.calls_since(at - SLOT_S)
        joined += queue.joined_since(at - SLOT_S)
        windows = max(windows, -inf if queue.windows is None else queue.windows)
    return float(waiting), float(called), float(joined), nan if windows == -inf else windows


def _or_nan(value: float | None) -> float:
    return nan if value is None else value
