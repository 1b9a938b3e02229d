"""What queues were like on earlier days: how fast they are called while somebody waits, who joins, how many windows.

Sums of each day are kept apart, so that an example of one day can be seen as any other day is seen: by all days but
its own. Rates are shrunk (empirical Bayes): a queue's towards its hall's, a quarter hour's towards its queue's.

A day is read twice, since no log tells whether whoever is left over when the calls end still waits for one: until the
queue's last call, and until its last happening. By the one, an office hurries before it closes; by the other it does
not. Both are wrong somewhere, so who foretells hears both.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dispatch.waits.fitted.watching import Watcher
from dispatch.waits.queue_days import QueueDay

Numbers = NDArray[np.float64]
Places = NDArray[np.intp]
Key = tuple[str, str]

SLOT_S = 900.0
SLOTS = 96
KEPT_DAYS = 60
FEW_S = 900.0
"""So long must somebody have waited in a queue for its own rate to weigh as much as its hall's …"""
FEW_IN_SLOT_S = 3600.0
"""… and so long in a quarter hour and its neighbours for theirs to weigh as much as the queue's."""
FEW_COUNTED_S = 1800.0
FEW_WAITS = 4.0
NEIGHBOURS = (0.25, 0.5, 1.0, 0.5, 0.25)
"""How much the quarter hours around one tell of it."""

CALLS, BUSY_S, JOINED, SERVING_S, COUNTED_S, LAST_WAITS_S, LAST_WAITS = range(7)
SUMS = 7
"""Calls; seconds in which somebody waited; who joined; window-seconds, and seconds in which windows were counted, both
while somebody waited; the waits of the last in line at the slots' ends, and how many these are."""
READINGS = 2
"""Until the last call, and until the last happening."""


@dataclass(frozen=True)
class Rates:
    """What days tell of queues, per second: (queues,) or (queues, SLOTS)."""

    calls: Numbers
    calls_then: Numbers
    joins_then: Numbers
    windows: Numbers
    windows_then: Numbers
    last_wait_then_s: Numbers
    volume: Numbers
    """Calls a day."""


class Habits:
    """The sums of the last days, (READINGS, SUMS, queues, SLOTS)."""

    def __init__(self) -> None:
        self.places: dict[Key, int] = {}
        self.days: dict[date, Numbers] = {}

    def place(self, key: Key) -> int:
        """Where a queue stands in all arrays."""
        return self.places.setdefault(key, len(self.places))

    def learn(self, day: date, midnight: float, watcher: Watcher) -> None:
        """Add a day; one without calls teaches nothing."""
        queues = {self.place(key): (key, queue) for key, queue in watcher.day.queues.items() if queue.calls}
        if not queues:
            return
        sums = np.zeros((READINGS, SUMS, len(self.places), SLOTS))
        for place, (key, queue) in queues.items():
            counts = watcher.counts(*key)
            for reading, end in enumerate(_ends(queue, counts)):
                sums[reading, :, place] = _sums(queue, counts, midnight, end)
        self.days[day] = sums
        for old in sorted(self.days)[:-KEPT_DAYS]:
            del self.days[old]

    def rates(self, but: date | None = None) -> Sequence[Rates]:
        """What the days tell, leaving one out, by reading; nothing when there is none."""
        days = [sums for day, sums in self.days.items() if day != but]
        if not days:
            return ()
        total = np.zeros((READINGS, SUMS, len(self.places), SLOTS))
        for sums in days:
            total[:, :, : sums.shape[2]] += sums
        halls = self._halls()
        return [_rates(read, len(days), halls) for read in total]

    def _halls(self) -> Places:
        """The place of each queue's hall among halls."""
        halls: dict[str, int] = {}
        return np.array([halls.setdefault(hall, len(halls)) for hall, _ in self.places], dtype=np.intp)


def slot_of(since_midnight_s: Numbers) -> Places:
    """The quarter hour of the day."""
    return np.clip(since_midnight_s // SLOT_S, 0, SLOTS - 1).astype(np.intp)


def until_called(rate_then: Numbers, queue: Places, since_midnight_s: Numbers, calls: Numbers) -> Numbers:
    """Seconds until so many calls come, at the rates of the quarter hours to come; the day's mean rate after midnight.

    `rate_then` is (queues, SLOTS); the others are (n,).
    """
    edges = np.arange(SLOTS + 1) * SLOT_S
    found = np.empty(len(queue))
    for place in np.unique(queue):
        mine = np.flatnonzero(queue == place)
        reached = np.concatenate([[0.0], np.cumsum(rate_then[place] * SLOT_S)])
        target = np.interp(since_midnight_s[mine], edges, reached) + calls[mine]
        beyond = np.maximum(target - reached[-1], 0.0) / rate_then[place].mean()
        found[mine] = np.interp(target, reached, edges) + beyond - since_midnight_s[mine]
    return np.maximum(found, 0.0)


def _ends(queue: QueueDay, counts: Sequence[tuple[float, int]]) -> tuple[float, float]:
    """Until when somebody is taken to be waiting for a call, by reading."""
    last_call = queue.calls[-1]
    return last_call, max([last_call, queue.joined[-1], *(at for at, _ in counts[-1:])])


def _sums(queue: QueueDay, counts: Sequence[tuple[float, int]], midnight: float, end: float) -> Numbers:
    """(SUMS, SLOTS) of one queue and day; nobody is taken to be waiting for a call after the end."""
    edges = midnight + np.arange(SLOTS + 1) * SLOT_S
    sums = np.zeros((SUMS, SLOTS))
    sums[CALLS] = np.histogram(queue.calls, edges)[0]
    sums[JOINED] = np.histogram(queue.joined, edges)[0]
    until = np.array([queue.busy_until(min(edge, end)) for edge in edges])
    sums[BUSY_S] = np.diff(until)
    moments = [at for at, _ in counts]
    for slot in np.flatnonzero(sums[BUSY_S] + sums[JOINED]):
        since = bisect_right(moments, edges[slot + 1]) - 1
        if since >= 0:
            sums[COUNTED_S, slot] = sums[BUSY_S, slot]
            sums[SERVING_S, slot] = sums[BUSY_S, slot] * counts[since][1]
        wait = queue.last_wait_at(edges[slot + 1])
        if wait is not None:
            sums[LAST_WAITS_S, slot], sums[LAST_WAITS, slot] = wait, 1.0
    return sums


def _rates(total: Numbers, days: int, halls: Places) -> Rates:
    calls, busy_s = total[CALLS].sum(1), total[BUSY_S].sum(1)
    everywhere = (calls.sum() + 1.0) / (busy_s.sum() + FEW_S)
    of_hall = (np.bincount(halls, calls) + FEW_S * everywhere) / (np.bincount(halls, busy_s) + FEW_S)
    rate = (calls + FEW_S * of_hall[halls]) / (busy_s + FEW_S)
    windows = _ratio(total[SERVING_S].sum(1), total[COUNTED_S].sum(1), 3.0, FEW_S)
    waits = _ratio(total[LAST_WAITS_S].sum(1), total[LAST_WAITS].sum(1), 300.0, 1.0)
    return Rates(
        calls=rate,
        calls_then=_ratio(_smooth(total[CALLS]), _smooth(total[BUSY_S]), rate[:, None], FEW_IN_SLOT_S),
        joins_then=_smooth(total[JOINED]) / (sum(NEIGHBOURS) * SLOT_S * days),
        windows=windows,
        windows_then=_ratio(
            _smooth(total[SERVING_S]), _smooth(total[COUNTED_S]), windows[:, None], FEW_COUNTED_S
        ),
        last_wait_then_s=_ratio(
            _smooth(total[LAST_WAITS_S]), _smooth(total[LAST_WAITS]), waits[:, None], FEW_WAITS
        ),
        volume=calls / days,
    )


def _ratio(above: Numbers, below: Numbers, towards: Numbers | float, weight: float) -> Numbers:
    """A ratio, shrunk."""
    shrunk: Numbers = (above + weight * towards) / (below + weight)
    return shrunk


def _smooth(by_slot: Numbers) -> Numbers:
    """Each quarter hour with its neighbours."""
    padded = np.pad(by_slot, ((0, 0), (2, 2)))
    found: Numbers = sum(
        (weight * padded[:, place : place + SLOTS] for place, weight in enumerate(NEIGHBOURS)),
        np.zeros(by_slot.shape),
    )
    return found


def by_place(places: Mapping[Key, int]) -> list[list[str]]:
    """The queues in the order of their places."""
    return [list(key) for key in sorted(places, key=lambda key: places[key])]
