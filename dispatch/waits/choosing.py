"""Which of two is shown, the simulation or the fitted model: whichever was surely nearer the truth of late.

Both answer the same questions and are scored by night, whichever is shown. The people of one day share its fortunes, so
that a single day, however many came, says little: days are what is counted. A hall with few people goes with the city.
Without scores it is the simulation, which needs no past.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, stdev

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from dispatch.waits.forecast import BOOSTED, SIMULATED
from dispatch.waits.models import WaitScore

DAYS = 14
"""So many of the newest days count."""
LEAST_DAYS = 5
"""On so many days at least the two must have been compared."""
CITY_WORTH = 300.0
"""What the city's day is worth, in people, against a hall's own."""


@dataclass(frozen=True)
class Gain:
    """By how many seconds in all the model was nearer, over so many people."""

    nearer_s: float = 0.0
    people: int = 0

    def __add__(self, other: "Gain") -> "Gain":
        return Gain(self.nearer_s + other.nearer_s, self.people + other.people)


Days = Mapping[date, Gain]


def better_of_all(session: Session) -> dict[str, frozenset[int]]:
    """By hall, so many minutes ahead the model is the better one; halls where both never answered are not in it."""
    gains = _gains(session)
    city: defaultdict[int, defaultdict[date, Gain]] = defaultdict(lambda: defaultdict(Gain))
    for halls in gains.values():
        for ahead, days in halls.items():
            for day, gain in days.items():
                city[ahead][day] += gain
    return {
        hall: frozenset(ahead for ahead, whole in city.items() if is_better(mine.get(ahead, {}), whole))
        for hall, mine in gains.items()
    }


def is_better(own: Days, city: Days) -> bool:
    """Whether the model was nearer by more than the standard error of its days, each drawn towards the city's."""
    if len(city) < LEAST_DAYS:
        return False
    daily = [_drawn(own.get(day, Gain()), whole) for day, whole in city.items()]
    return fmean(daily) > stdev(daily) / math.sqrt(len(daily))


def _drawn(own: Gain, city: Gain) -> float:
    """By how many seconds the model was nearer to each of a hall's people, drawn towards the city's."""
    usual = city.nearer_s / city.people if city.people else 0.0
    return (own.nearer_s + CITY_WORTH * usual) / (own.people + CITY_WORTH)


def _gains(session: Session) -> Mapping[str, Mapping[int, Days]]:
    """By hall, minutes ahead and day, from the hours in which both were asked about the same people."""
    newest = session.scalar(select(func.max(WaitScore.day)))
    if newest is None:
        return {}
    model, plain = aliased(WaitScore), aliased(WaitScore)
    same = [
        getattr(model, name) == getattr(plain, name) for name in ("hall", "day", "hour", "ahead_min", "n")
    ]
    rows = session.execute(
        select(
            model.hall,
            model.ahead_min,
            model.day,
            func.sum(plain.off_s - model.off_s).label("nearer_s"),
            func.sum(model.n).label("people"),
        )
        .join(plain, and_(*same, plain.predictor == SIMULATED))
        .where(model.predictor == BOOSTED, model.day > newest - timedelta(days=DAYS))
        .group_by(model.hall, model.ahead_min, model.day)
    )
    found: defaultdict[str, defaultdict[int, dict[date, Gain]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows:
        found[row.hall][row.ahead_min][row.day] = Gain(float(row.nearer_s), int(row.people))
    return found
