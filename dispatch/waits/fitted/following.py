"""A fitted forecaster in the running city: it hears every hall's log as it grows, and is asked of all at once.

It sees what it saw when it learned: the same log, read the same way from the morning on. So whoever takes over in the
middle of a day, or comes back, knows as much as whoever was there all along.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.learning import hall_logs
from dispatch.learning.reading import Reading
from dispatch.waits.announcing import AHEAD_MIN
from dispatch.waits.fitted.forecaster import Forecaster
from dispatch.waits.forecast import BOOSTED, Forecast
from dispatch.waits.racing import Question
from dispatch.waits.standing import Standing


class Following:
    """A forecaster and how far it has read each hall's log today."""

    def __init__(self, forecaster: Forecaster, zone: ZoneInfo) -> None:
        self._forecaster, self._zone = forecaster, zone
        self._day: date | None = None
        self._readings: dict[str, tuple[int, Reading]] = {}

    def hear(self, session: Session, hall: str, epoch: int, now: datetime) -> None:
        """Hear what is new in a hall, of whose log this is the epoch."""
        day = now.astimezone(self._zone).date()
        begun = self._readings.get(hall)
        if day != self._day or (begun is not None and begun[0] != epoch):
            self._begin(day)
            begun = None
        if begun is None:
            midnight = datetime.combine(day, time(0), self._zone)
            begun = self._readings[hall] = epoch, hall_logs.begin(session, hall, midnight)
        for happening in hall_logs.happenings_of(session, begun[1]):
            self._forecaster.see(happening)

    def says(self, halls: Sequence[Standing]) -> dict[str, dict[str, dict[int, Forecast]]]:
        """By hall, queue and minutes ahead what a model that was fitted says; asked of all halls at once."""
        questions = [
            Question(hall.at, hall.place.code, queue.code, ahead_s=60.0 * ahead)
            for hall in halls
            for queue in hall.queues
            for ahead in AHEAD_MIN
        ]
        answers = self._forecaster.foretell_newcomers(questions)
        found: dict[str, dict[str, dict[int, Forecast]]] = {hall.place.code: {} for hall in halls}
        for question, answer in zip(questions, answers, strict=True):
            if isinstance(answer, Forecast) and answer.method == BOOSTED:
                waits = found[question.hall].setdefault(question.queue, {})
                waits[round(question.ahead_s / 60)] = answer
        return found

    def _begin(self, day: date) -> None:
        """A day begins, or a log was put back to what it once was: all is heard anew."""
        self._day = day
        self._readings.clear()
        self._forecaster.begin_day(day)
