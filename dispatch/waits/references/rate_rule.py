"""What the rules share that reckon by how fast a queue is called."""

from zoneinfo import ZoneInfo

from dispatch.waits.references.rates import CallRates
from dispatch.waits.references.reference import Rule


class RateRule(Rule):
    """It learns the rates of earlier days."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__(zone)
        self._rates = CallRates()

    def learn(self) -> None:
        """Take the day to the others."""
        self._rates.learn(self.day, self._midnight)
