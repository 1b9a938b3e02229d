"""QL, the queue-length rule, by the rate of the last hour: people ahead divided by calls per second.

Ibrahim and Whitt, M&SOM 11(3), 2009, with the rate measured instead of windows and service times, which no number
board tells.
"""

from dispatch.waits.racing import Question
from dispatch.waits.references.rate_rule import RateRule
from dispatch.waits.references.rates import LIVE_S


class LiveRate(RateRule):
    """Of the time in which somebody waited; by earlier days where nobody was called in the last hour."""

    name = "ql_live"

    def point(self, question: Question) -> float | None:
        """As many calls as people ahead, and her own."""
        key = question.hall, question.queue
        queue = self.day.queue(*key)
        since = max(question.at - LIVE_S, queue.since(question.at))
        calls, busy = queue.calls_since(since), queue.busy_until(question.at) - queue.busy_until(since)
        if calls and busy:
            return (queue.ahead() + 1) * busy / calls
        rate = self._rates.overall(key)
        return None if rate is None else (queue.ahead() + 1) / rate
