"""The stretches of all halls' simulated ranges, from how those that were kept have fared."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from dispatch.waits.forecast import SIMULATED
from dispatch.waits.models import WaitScore
from dispatch.waits.ranging import Fared, Ranges, Stretch, learned

DAYS = 60
"""So many of the newest days count, as with all that is learned."""
_NOBODY = Fared(0, 0, 0)
_SCORES = WaitScore
_BY_DAY = (
    select(
        _SCORES.hall,
        _SCORES.ahead_min,
        _SCORES.day,
        func.sum(_SCORES.ranged).label("told"),
        func.sum(_SCORES.covered).label("covered"),
        func.sum(_SCORES.late).label("late"),
    )
    .where(_SCORES.predictor == SIMULATED, _SCORES.day > bindparam("before"))
    .group_by(_SCORES.hall, _SCORES.ahead_min, _SCORES.day)
    .order_by(_SCORES.day)
)

Days = Mapping[date, Fared]


def ranges_of_all(session: Session) -> dict[str, Ranges]:
    """By hall; halls of which nothing was scored are not in it."""
    newest = session.scalar(select(func.max(_SCORES.day)))
    if newest is None:
        return {}
    own: defaultdict[int, defaultdict[str, dict[date, Fared]]] = defaultdict(lambda: defaultdict(dict))
    for row in session.execute(_BY_DAY, {"before": newest - timedelta(days=DAYS)}):
        told, covered, late = int(row.told), int(row.covered), int(row.late)
        own[row.ahead_min][row.hall][row.day] = Fared(told, told - covered - late, late)
    stretches: defaultdict[str, dict[int, Stretch]] = defaultdict(dict)
    for ahead, halls in own.items():
        city = _together(halls)
        for hall, days in halls.items():
            # A hall that told nothing on a day goes with the city on it, too.
            stretches[hall][ahead] = learned([(days.get(day, _NOBODY), city[day]) for day in sorted(city)])
    return {hall: Ranges(ahead) for hall, ahead in stretches.items()}


def _together(halls: Mapping[str, Days]) -> dict[date, Fared]:
    """The city's days."""
    city: dict[date, Fared] = {}
    for days in halls.values():
        for day, one in days.items():
            so_far = city.get(day, _NOBODY)
            city[day] = Fared(so_far.told + one.told, so_far.early + one.early, so_far.late + one.late)
    return city
