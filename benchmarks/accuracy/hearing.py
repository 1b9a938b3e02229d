"""What is kept of a race besides its scores: long lines, offices and days by themselves."""

from collections import defaultdict
from datetime import date
from zoneinfo import ZoneInfo

from dispatch.waits.forecast import Forecast
from dispatch.wiring.backtesting.racers import OURS
from dispatch.wiring.backtesting.scoring import Score
from dispatch.wiring.backtesting.walking import Answered
from dispatch.wiring.ticket_logs.service_days import day_of

MANY = 10
"""People ahead that make a line long."""


class Heard:
    """Is told each answer about joining now."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self.many_ahead: defaultdict[str, Score] = defaultdict(Score)
        """By predictor, where many were ahead."""
        self.held: defaultdict[str, defaultdict[date, list[bool]]] = defaultdict(lambda: defaultdict(list))
        """By office and day, whether the truth lay in our range."""
        self.by_day: defaultdict[date, list[Answered]] = defaultdict(list)
        """Ours."""

    def __call__(self, told: Answered) -> None:
        """One answer."""
        if told.ahead_min:
            return
        if told.people_ahead >= MANY:
            self.many_ahead[told.predictor].add(told.answer, told.truth_s)
        if told.predictor == OURS:
            day = day_of(told.line.issued_at, self._zone)
            self.by_day[day].append(told)
            if isinstance(told.answer, Forecast):
                within = told.answer.low_s <= told.truth_s <= told.answer.high_s
                self.held[told.line.hall][day].append(within)
