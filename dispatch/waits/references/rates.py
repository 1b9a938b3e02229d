"""How fast a queue is called while somebody waits in it: in all, by the half hour, and now as against then.

A call's rate is taken over the time in which somebody stood in line: a queue that nobody stands in calls nobody,
however many windows are open. Rates that little is known of are drawn towards the wider one (a gamma prior).
"""

from collections import defaultdict
from collections.abc import Iterator

from dispatch.waits.queue_days import Day, Key, QueueDay
from dispatch.waits.references.half_hours import SLOT_S, SLOTS, slot_of

WEIGHT = 30.0
"""So many calls of the wider rate a half hour's is drawn with."""
LIVE_WEIGHT = 60.0
"""So many calls at the usual rate the last hour is drawn with."""
LIVE_S = 3600.0
"""How far back is now."""


class CallRates:
    """Calls per second."""

    def __init__(self) -> None:
        self._calls: dict[Key, list[float]] = defaultdict(lambda: [0.0] * SLOTS)
        self._busy: dict[Key, list[float]] = defaultdict(lambda: [0.0] * SLOTS)
        self._rates: dict[Key, list[float]] = {}
        self._overall: dict[Key, float] = {}

    def learn(self, day: Day, midnight: float) -> None:
        """Take a day to the others."""
        for key, queue in day.queues.items():
            for slot, calls, busy in _by_slot(queue, midnight):
                self._calls[key][slot] += calls
                self._busy[key][slot] += busy
            self._refresh(key)

    def overall(self, key: Key) -> float | None:
        """Of all earlier days; None where nobody was ever called after waiting."""
        return self._overall.get(key)

    def live(self, key: Key, queue: QueueDay, at: float, midnight: float) -> float:
        """How much faster than on earlier days it has gone of late; drawn towards 1."""
        rates = self._rates.get(key)
        if rates is None:
            return 1.0
        since = at - LIVE_S
        expected = sum(
            rates[slot] * (queue.busy_until(min(end, at)) - queue.busy_until(max(begin, since)))
            for slot, begin, end in _slots_between(since, at, midnight)
        )
        return (queue.calls_since(since) + LIVE_WEIGHT) / (expected + LIVE_WEIGHT)

    def until_called(
        self, people: float, key: Key, queue: QueueDay, at: float, midnight: float
    ) -> float | None:
        """Seconds until so many are called, from half hour to half hour, as fast as of late.

        None where nobody was ever called after waiting.
        """
        rates = self._rates.get(key)
        if rates is None:
            return None
        live, moment = self.live(key, queue, at, midnight), at
        for slot, _, end in _slots_between(at, midnight + SLOTS * SLOT_S, midnight):
            rate = rates[slot] * live
            if people <= rate * (end - moment):
                return moment + people / rate - at
            people -= rate * (end - moment)
            moment = end
        return moment - at

    def _refresh(self, key: Key) -> None:
        calls, busy = self._calls[key], self._busy[key]
        if not sum(calls) or not sum(busy):
            return
        overall = sum(calls) / sum(busy)
        self._overall[key] = overall
        self._rates[key] = [(calls[slot] + WEIGHT) / (busy[slot] + WEIGHT / overall) for slot in range(SLOTS)]


def _by_slot(queue: QueueDay, midnight: float) -> Iterator[tuple[int, float, float]]:
    """How many were called, and for how long somebody waited, in each half hour up to the day's last call.

    After it nobody is served: whoever is left over says nothing of how fast a queue is called.
    """
    if not queue.calls:
        return
    last = queue.calls[-1]
    for slot, begin, end in _slots_between(queue.joined[0], last, midnight):
        calls = queue.calls_since(begin) - queue.calls_since(end)
        yield slot, calls, queue.busy_until(min(end, last)) - queue.busy_until(begin)


def _slots_between(since: float, until: float, midnight: float) -> Iterator[tuple[int, float, float]]:
    first = slot_of(since, midnight)
    for slot in range(first, min(SLOTS, int((until - midnight) // SLOT_S) + 1)):
        yield slot, midnight + slot * SLOT_S, midnight + (slot + 1) * SLOT_S
