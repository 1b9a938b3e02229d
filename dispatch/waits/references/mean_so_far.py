"""The mean of all waits in this queue so far, earlier days and today alike."""

from zoneinfo import ZoneInfo

from dispatch.waits.queue_days import Key
from dispatch.waits.racing import Question
from dispatch.waits.references.means import Means
from dispatch.waits.references.reference import Rule


class MeanSoFar(Rule):
    """What a hall would say that only counts."""

    name = "mean_so_far"

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__(zone)
        self._waits: Means[Key] = Means()

    def point(self, question: Question) -> float | None:
        """The mean."""
        key = question.hall, question.queue
        return self._waits.mean(key, self.day.queue(*key).waited)

    def learn(self) -> None:
        """Take the day's waits to the others."""
        for key, queue in self.day.queues.items():
            self._waits.add(key, queue.waited)
