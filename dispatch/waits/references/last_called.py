"""LES, the last to enter service: who joins waits as long as the one did who was called last.

Ibrahim and Whitt, "Real-time delay estimation based on delay history", M&SOM 11(3), 2009.
"""

from zoneinfo import ZoneInfo

from dispatch.waits.queue_days import Key
from dispatch.waits.racing import Question
from dispatch.waits.references.reference import Rule


class LastCalled(Rule):
    """In the morning, the last one of the day before."""

    name = "les"

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__(zone)
        self._last: dict[Key, float] = {}

    def point(self, question: Question) -> float | None:
        """The wait that the last call of this queue ended."""
        key = question.hall, question.queue
        waited = self.day.queue(*key).waited
        return waited[-1] if waited else self._last.get(key)

    def learn(self) -> None:
        """Keep the last of the day."""
        self._last |= {key: queue.waited[-1] for key, queue in self.day.queues.items() if queue.waited}
