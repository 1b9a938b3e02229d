"""Small days told by hand: minutes after nine, one hall."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from dispatch.learning.happenings import Happening, Kind
from dispatch.waits.forecast import Forecast, Unknown
from dispatch.waits.racing import Predictor, Question

ZONE = ZoneInfo("UTC")
FIRST = date(2024, 3, 4)
HALL, QUEUE = "town", "A"


def at(minute: float, day: int = 0) -> float:
    """Unix seconds of a minute after nine."""
    return datetime(2024, 3, 4 + day, 9, tzinfo=UTC).timestamp() + 60 * minute


def joins(ticket: str, minute: float, *, day: int = 0, queue: str = QUEUE) -> Happening:
    """She stands in line."""
    return Happening(at(minute, day), Kind.ISSUED, HALL, queue, ticket=ticket)


def called(ticket: str, minute: float, *, day: int = 0, queue: str = QUEUE) -> Happening:
    """She is called."""
    return Happening(at(minute, day), Kind.CALLED, HALL, queue, ticket=ticket)


def leaves(ticket: str, minute: float, *, day: int = 0, queue: str = QUEUE) -> Happening:
    """She was never called."""
    return Happening(at(minute, day), Kind.LEFT, HALL, queue, ticket=ticket)


def live(predictor: Predictor, happenings: Sequence[Happening], *, day: int = 0) -> None:
    """A whole day in which every one who joins is asked about."""
    predictor.begin_day(FIRST.replace(day=FIRST.day + day))
    for happening in happenings:
        predictor.see(happening)
        if happening.kind is Kind.ISSUED:
            predictor.ask(Question(happening.at, HALL, happening.queue))
    predictor.answers()
    predictor.end_day()


def asked(
    predictor: Predictor, happenings: Sequence[Happening], *, day: int = 1, ahead_min: float = 0
) -> Forecast | Unknown:
    """The answer about the last of these happenings, or about who arrives so much later."""
    predictor.begin_day(FIRST.replace(day=FIRST.day + day))
    for happening in happenings:
        predictor.see(happening)
    last = happenings[-1]
    predictor.ask(Question(last.at, HALL, last.queue, ahead_s=60 * ahead_min))
    (answer,) = predictor.answers()
    return answer


def minutes(answer: Forecast | Unknown) -> float:
    """The point of an answer that is known."""
    assert isinstance(answer, Forecast), answer
    assert 0 <= answer.low_s <= answer.point_s <= answer.high_s
    return answer.point_s / 60
