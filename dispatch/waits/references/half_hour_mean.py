"""The mean wait of this queue in that half hour, on earlier days."""

from zoneinfo import ZoneInfo

from dispatch.waits.queue_days import Day, Key
from dispatch.waits.racing import Question
from dispatch.waits.references.half_hours import slot_of
from dispatch.waits.references.means import Means
from dispatch.waits.references.reference import Rule

WEIGHT = 5.0
"""So many waits of the whole queue a half hour is drawn with."""
SPACING_S = 300.0
"""How often in a half hour a later arrival is imagined."""


class HalfHourMeans:
    """Of those who joined then, and of those who would have joined behind them."""

    def __init__(self) -> None:
        self._joined: Means[tuple[Key, int]] = Means()
        self._joined_all: Means[Key] = Means()
        self._last: Means[tuple[Key, int]] = Means()
        self._last_all: Means[Key] = Means()

    def overall(self, key: Key) -> float | None:
        """Of all who joined."""
        return self._joined_all.mean(key)

    def joined(self, key: Key, slot: int) -> float | None:
        """Of those who joined in that half hour."""
        overall = self._joined_all.mean(key)
        return None if overall is None else self._joined.drawn((key, slot), overall, WEIGHT)

    def last_in_line(self, key: Key, slot: int) -> float | None:
        """Of whoever stood last in line in that half hour, 0 while nobody did."""
        overall = self._last_all.mean(key)
        return None if overall is None else self._last.drawn((key, slot), overall, WEIGHT)

    def learn(self, day: Day, midnight: float) -> None:
        """Take a day to the others."""
        for key, queue in day.queues.items():
            for place, at in enumerate(queue.joined):
                wait = queue.wait(place)
                if wait is not None:
                    self._joined.add((key, slot_of(at, midnight)), [wait])
                    self._joined_all.add(key, [wait])
            moment = queue.joined[0] if queue.joined else 0.0
            while (last := queue.last_wait_at(moment)) is not None:
                self._last.add((key, slot_of(moment, midnight)), [last])
                self._last_all.add(key, [last])
                moment += SPACING_S


class HalfHourMean(Rule):
    """A profile of the day."""

    name = "half_hour_mean"

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__(zone)
        self._means = HalfHourMeans()

    def point(self, question: Question) -> float | None:
        """The mean of the half hour in which she joins."""
        key, slot = (question.hall, question.queue), slot_of(question.at + question.ahead_s, self._midnight)
        return self._means.last_in_line(key, slot) if question.ahead_s else self._means.joined(key, slot)

    def learn(self) -> None:
        """Take the day to the others."""
        self._means.learn(self.day, self._midnight)
