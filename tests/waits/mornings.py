"""Days of two halls, made up: people join at random and are called one by one, on some days faster than on others."""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatch.learning.happenings import Happening, Kind
from dispatch.waits.fitted.forecaster import Forecaster
from dispatch.waits.racing import Question

ZONE = ZoneInfo("Europe/Warsaw")
FIRST = date(2020, 1, 7)
QUEUES = (("city_hall", "A"), ("city_hall", "B"), ("town_hall", "A"))
PEOPLE = 60


def days(count: int, seed: int = 0) -> Iterator[tuple[date, list[Happening]]]:
    """So many days, in the order of time."""
    for place in range(count):
        day = FIRST + timedelta(days=place)
        yield day, morning(day, random.Random(f"{seed}:{place}"))


def morning(day: date, chance: random.Random) -> list[Happening]:
    """All that happens on one."""
    opens = datetime.combine(day, time(8), ZONE).timestamp()
    told = []
    for place, (hall, queue) in enumerate(QUEUES):
        told.append(Happening(opens, Kind.COUNTED, hall, queue, windows=place + 1))
        free, pace = opens, chance.uniform(0.7, 1.4) * (120.0 + 60.0 * place)
        joined = sorted(opens + chance.uniform(0, 2.5 * 3600) for _ in range(PEOPLE))
        for number, at in enumerate(joined):
            ticket = f"{day}:{hall}:{queue}:{number}"
            called = max(free, at + 1.0)
            free = called + chance.expovariate(1 / pace)
            told.append(Happening(at, Kind.ISSUED, hall, queue, ticket))
            told.append(Happening(called, Kind.CALLED, hall, queue, ticket))
    return sorted(told, key=lambda happening: happening.at)


def asked_of(forecaster: Forecaster, happening: Happening) -> None:
    """Tell what happened, and ask for whoever joined, and for one who joins in an hour."""
    forecaster.see(happening)
    if happening.kind is Kind.ISSUED:
        for ahead_s in (0.0, 3600.0):
            forecaster.ask(Question(happening.at, happening.hall, happening.queue, ahead_s=ahead_s))


def taught(count: int) -> Forecaster:
    """A forecaster that has lived through so many days."""
    forecaster = Forecaster(ZONE)
    for day, happenings in days(count):
        forecaster.begin_day(day)
        for happening in happenings:
            asked_of(forecaster, happening)
        forecaster.end_day()
    return forecaster
