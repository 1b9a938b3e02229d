"""QL, the queue-length rule, by the rate of all earlier days."""

from zoneinfo import ZoneInfo

from dispatch.waits.forecast import Unknown
from dispatch.waits.racing import Question
from dispatch.waits.references.rates import CallRates
from dispatch.waits.references.reference import NOT_LEARNED, Rule


class LongRunRate(Rule):
    """People ahead, and herself, divided by calls per second."""

    name = "ql_long_run"

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__(zone)
        self._rates = CallRates()

    def point(self, question: Question) -> float | Unknown:
        """As many calls as people ahead, and her own."""
        key = question.hall, question.queue
        rate = self._rates.overall(key)
        return NOT_LEARNED if rate is None else (self.day.queue(*key).ahead() + 1) / rate

    def learn(self) -> None:
        """Take the day to the others."""
        self._rates.learn(self.day, self._midnight)
