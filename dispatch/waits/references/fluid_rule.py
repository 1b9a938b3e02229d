"""The fluid rule: the line is called at the half hours' usual rates, scaled by how fast it went in the last hour.

A deterministic fluid with time-varying capacity: Ibrahim and Whitt, "Wait-time predictors for customer service systems
with time-varying demand and capacity", Operations Research 59(5), 2011.
"""

from dispatch.waits.racing import Question
from dispatch.waits.references.rate_rule import RateRule


class FluidRule(RateRule):
    """A rule by hand that sees lunch and the afternoon come."""

    name = "fluid"

    def point(self, question: Question) -> float | None:
        """Until the line before her is called, and she."""
        key = question.hall, question.queue
        queue = self.day.queue(*key)
        return self._rates.until_called(queue.ahead() + 1, key, queue, question.at, self._midnight)


class CarriedForward(FluidRule):
    """Whoever comes later waits as long as who joins now."""

    name = "carried_forward"
