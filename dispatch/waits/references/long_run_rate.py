"""QL, the queue-length rule, by the rate of all earlier days."""

from dispatch.waits.racing import Question
from dispatch.waits.references.rate_rule import RateRule


class LongRunRate(RateRule):
    """People ahead, and herself, divided by calls per second."""

    name = "ql_long_run"

    def point(self, question: Question) -> float | None:
        """As many calls as people ahead, and her own."""
        key = question.hall, question.queue
        rate = self._rates.overall(key)
        return None if rate is None else (self.day.queue(*key).ahead() + 1) / rate
