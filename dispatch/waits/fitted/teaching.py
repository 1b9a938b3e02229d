"""Teaching the forecaster from the halls' logs, a day at a time, and keeping what it learned.

What was learned is kept, not the models: whoever goes on with it fits them anew. A day is learned once it is settled.
"""

import logging
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.halls import finding as halls
from dispatch.learning.happenings import Happening, Kind
from dispatch.tickets.models import Ticket
from dispatch.waits.announcing import AHEAD_MIN
from dispatch.waits.fitted.forecaster import Forecaster
from dispatch.waits.models import TaughtForecaster
from dispatch.waits.racing import Question
from dispatch.waits.scoring import happenings_of_day, last_settled

FORMAT = 1
"""Counted up whenever what is kept becomes another; then all is learned anew from the logs."""
DAYS = 28
"""So many of the newest days are learned by one that knows nothing yet."""
ASKED_A_DAY = 3_000
"""Of more people than this not everybody of a day is asked for: of two months that is enough, and fits into memory."""
LATER_MIN = tuple(ahead for ahead in AHEAD_MIN if ahead)

logger = logging.getLogger(__name__)


def restored(session: Session, zone: ZoneInfo) -> tuple[Forecaster, date | None]:
    """The forecaster as it was kept, and the last day it has learned; one that knows nothing where none can be read."""
    row = session.get(TaughtForecaster, FORMAT)
    forecaster = Forecaster(zone)
    if row is None:
        return forecaster, None
    try:
        forecaster.restore(row.state)
    except Exception:
        logger.exception("what the forecaster learned cannot be read; it learns anew")
        return Forecaster(zone), None
    return forecaster, row.day


def taught_until(session: Session) -> date | None:
    """The last day that is learned and kept."""
    return session.scalar(select(TaughtForecaster.day).where(TaughtForecaster.format == FORMAT))


def unlearned(zone: ZoneInfo, now: datetime, after: date | None) -> list[date]:
    """The settled days after this one, the newest of them."""
    last = last_settled(now, zone)
    first = last - timedelta(days=DAYS - 1)
    if after is not None:
        first = max(first, after + timedelta(days=1))
    return [first + timedelta(days=place) for place in range((last - first).days + 1)]


def learn(session: Session, forecaster: Forecaster, day: date, zone: ZoneInfo) -> None:
    """Live through one day of all halls, ask for whoever joined as people were told, and learn from it."""
    people = session.scalar(select(func.count()).where(Ticket.service_day == day)) or 0
    every = max(1, ceil(people / ASKED_A_DAY))
    until = datetime.combine(day + timedelta(days=1), time(0), zone).timestamp()
    forecaster.begin_day(day)
    asked = 0
    for place in halls.all_halls(session):
        known: set[str] = set()
        for happening in happenings_of_day(session, place, day):
            forecaster.see(happening)
            if happening.at < until and _is_newcomer(happening, known):
                asked += 1
                if asked % every == 0:
                    for question in _questions(happening, asked // every):
                        forecaster.ask(question)
    forecaster.end_day()


def keep(session: Session, forecaster: Forecaster, day: date, now: datetime) -> None:
    """Keep what it has learned until and with this day."""
    row = TaughtForecaster(format=FORMAT, day=day, fitted_at=now, state=forecaster.state())
    session.merge(row)


def _is_newcomer(happening: Happening, known: set[str]) -> bool:
    """Whether somebody joins who is told a wait: for the first time, and not before others by law or appointment."""
    if happening.kind is not Kind.ISSUED or happening.ticket in known:
        return False
    known.add(happening.ticket)
    return happening.priority == "none" and happening.due is None


def _questions(happening: Happening, turn: int) -> Iterator[Question]:
    """About herself, and by turns about who comes later."""
    for ahead in (0, LATER_MIN[turn % len(LATER_MIN)]):
        yield Question(happening.at, happening.hall, happening.queue, happening.item, 60.0 * ahead)
