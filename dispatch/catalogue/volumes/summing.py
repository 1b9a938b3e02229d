"""Adding up what was counted. Where several sources tell of the same day, item and channel, they saw the same people:
the one that saw the most counts, and the others are left out.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from dispatch.catalogue.volumes.models import Volume


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an item, situation and channel, in all halls together.

    Of those who used it at least `least` and at most `most` were done and needed no counter: who finished and who
    came back are counted apart, and may be the same people or others (M. Fréchet: Généralisation du théorème des
    probabilités totales. Fundamenta Mathematicae 25 (1935) 379–387). `came_back` is None where some of it is unknown.
    """

    day: date
    item: str
    situation: str
    channel: str
    used: int
    finished: int
    came_back: int | None
    least: int
    most: int


_LEFT = Volume.used - func.coalesce(Volume.came_back, 0)
_MOST = case((Volume.finished > _LEFT, _LEFT), else_=Volume.finished)
_LEAST = case(
    (Volume.came_back.is_(None), 0),
    (Volume.finished > Volume.came_back, Volume.finished - Volume.came_back),
    else_=0,
)


def days(session: Session, first: date, last: date) -> list[Day]:
    """Every day of every item, situation and channel, both ends included."""
    rows = session.execute(
        select(
            Volume.source,
            Volume.day,
            Volume.item,
            Volume.situation,
            Volume.channel,
            func.sum(Volume.used),
            func.sum(Volume.finished),
            func.sum(Volume.came_back),
            func.sum(_LEAST),
            func.sum(_MOST),
            func.count() == func.count(Volume.came_back),
        )
        .where(Volume.day.between(first, last))
        .group_by(Volume.source, Volume.day, Volume.item, Volume.situation, Volume.channel)
        .order_by(Volume.day, Volume.item, Volume.situation, Volume.channel, Volume.source)
    ).all()
    seen: defaultdict[tuple[date, str, str], defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for source, day, item, _, channel, used, *_ in rows:
        seen[day, item, channel][source] += used
    best = {key: _widest(by_source) for key, by_source in seen.items()}
    return [
        Day(day, item, situation, channel, used, finished, came_back if whole else None, least, most)
        for source, day, item, situation, channel, used, finished, came_back, least, most, whole in rows
        if best[day, item, channel] == source
    ]


def of_hall(session: Session, hall: str, first: date, last: date) -> dict[str, int]:
    """How often each item was finished at this hall's counters, both days included."""
    rows = session.execute(
        select(Volume.source, Volume.day, Volume.item, func.sum(Volume.finished))
        .where(Volume.hall == hall, Volume.channel == "counter", Volume.day.between(first, last))
        .group_by(Volume.source, Volume.day, Volume.item)
    ).all()
    most: dict[tuple[date, str], int] = {}
    for _, day, item, finished in rows:
        most[day, item] = max(finished, most.get((day, item), 0))
    found: defaultdict[str, int] = defaultdict(int)
    for (_, item), finished in most.items():
        found[item] += finished
    return {item: count for item, count in found.items() if count}


def sources(session: Session) -> Sequence[tuple[str, date, date, int]]:
    """Every source with its first and last day, and how many counts of it are kept."""
    rows = session.execute(
        select(Volume.source, func.min(Volume.day), func.max(Volume.day), func.count())
        .group_by(Volume.source)
        .order_by(Volume.source)
    )
    return [(source, first, last, count) for source, first, last, count in rows]


def _widest(by_source: dict[str, int]) -> str:
    """The source that saw the most; of equals the first by name."""
    return min(by_source, key=lambda source: (-by_source[source], source))
