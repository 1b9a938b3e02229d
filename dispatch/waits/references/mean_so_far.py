"""The mean of all waits in this queue so far, earlier days and today alike."""

from zoneinfo import ZoneInfo

from dispatch.waits.forecast import Unknown
from dispatch.waits.racing import Question
from dispatch.waits.queue_days import Key
from dispatch.waits.references.means import Means
from dispatch.waits.references.reference import NOT_LEARNED, Rule


class MeanSoFar(Rule):
    """What a hall would say that only counts."""

    name = "mean_so_far"

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__(zone)
        self._waits: Means[Key] = Means()

    def point(self, question: Question) -> float | Unknown:
        """The mean."""
        key = question.hall, question.queue
        mean = self._waits.mean(key, self.day.queue(*key).waited)
        return NOT_LEARNED if mean is None else mean

    def learn(self) -> None:
        """Take the day's waits to the others."""
        for key, queue in self.day.queues.items():
            self._waits.add(key, queue.waited)
