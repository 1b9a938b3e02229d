"""Which of two is shown, the simulation or the fitted model: whichever was nearer the truth of late.

Both answer the same questions and are scored by night, whichever is shown. A hall with few people goes with the city.
Without scores it is the simulation, which needs no past.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from dispatch.waits.forecast import BOOSTED, SIMULATED
from dispatch.waits.models import WaitScore

DAYS = 14
"""So many of the newest days count."""
CITY_WORTH = 300.0
"""What the city is worth, in people, against a hall's own."""


@dataclass(frozen=True)
class Gain:
    """By how many seconds in all the model was nearer, over so many people."""

    nearer_s: float = 0.0
    people: int = 0

    def __add__(self, other: "Gain") -> "Gain":
        return Gain(self.nearer_s + other.nearer_s, self.people + other.people)

    def is_better(self, city: "Gain") -> bool:
        """Whether the model is to be shown, drawn towards the city."""
        usual = city.nearer_s / city.people if city.people else 0.0
        return self.nearer_s + CITY_WORTH * usual > 0


def better_of_all(session: Session) -> dict[str, frozenset[int]]:
    """By hall, so many minutes ahead the model is the better one; halls where both never answered are not in it."""
    gains = _gains(session)
    city: defaultdict[int, Gain] = defaultdict(Gain)
    for halls in gains.values():
        for ahead, gain in halls.items():
            city[ahead] += gain
    return {
        hall: frozenset(ahead for ahead, whole in city.items() if mine.get(ahead, Gain()).is_better(whole))
        for hall, mine in gains.items()
    }


def _gains(session: Session) -> Mapping[str, Mapping[int, Gain]]:
    """By hall and minutes ahead, from the hours in which both were asked about the same people. One statement."""
    model, plain = aliased(WaitScore), aliased(WaitScore)
    same = [
        getattr(model, name) == getattr(plain, name) for name in ("hall", "day", "hour", "ahead_min", "n")
    ]
    newest = select(func.max(WaitScore.day)).scalar_subquery()
    rows = session.execute(
        select(
            model.hall,
            model.ahead_min,
            model.day,
            func.sum(plain.off_s - model.off_s).label("nearer_s"),
            func.sum(model.n).label("people"),
            newest.label("newest"),
        )
        .join(plain, and_(*same, plain.predictor == SIMULATED))
        .where(model.predictor == BOOSTED)
        .group_by(model.hall, model.ahead_min, model.day)
    )
    found: defaultdict[str, defaultdict[int, Gain]] = defaultdict(lambda: defaultdict(Gain))
    for row in rows:
        if row.day > row.newest - timedelta(days=DAYS):
            found[row.hall][row.ahead_min] += Gain(float(row.nearer_s), int(row.people))
    return found
