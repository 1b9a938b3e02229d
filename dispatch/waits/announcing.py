"""What was shown, kept once a minute to be held against what happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from dispatch.waits.accuracy import OURS
from dispatch.waits.finding import HallWaits
from dispatch.waits.forecast import BOOSTED, SIMULATED, Forecast
from dispatch.waits.models import AnnouncedHour, Announcement, ScoredDay, WaitScore
from dispatch.waits.newcomers import FROM_AFAR

AHEAD_MIN = (0, 30, 60, 120)
"""So long before somebody joins; 0 is whoever joins now."""
HOURS_KEPT = timedelta(days=400)
"""So long it stays known what was shown in an hour, and how near it was, when single announcements are kept no more."""


def is_due(last: datetime | None, now: datetime) -> bool:
    """Whether another minute has begun since then."""
    return last is None or last.replace(second=0, microsecond=0) != now.replace(second=0, microsecond=0)


@dataclass(frozen=True)
class Beside:
    """What is kept beside what is shown, to be scored: what the simulation and the model say, where both were asked.

    `both` of the two by queue and minutes ahead; `afar`, of the simulation, by queue, of whoever takes a number from
    afar now, whom the model does not tell from others.
    """

    both: Mapping[tuple[str, int], tuple[Forecast, Forecast]] = field(default_factory=dict)
    afar: Mapping[str, Forecast] = field(default_factory=dict)


def keep(session: Session, hall: str, shown: HallWaits, said: Beside, now: datetime) -> int:
    """Keep what is shown in a hall from now on; how many waits. What is unknown announces nothing."""
    rows = []
    for queue in shown.queues:
        for ahead in AHEAD_MIN:
            at = now + timedelta(minutes=ahead)
            wait = (shown.arriving(queue, at) if ahead else shown.joining(queue)).wait
            if wait is not None:
                told = {name: wait[name] for name in ("point_s", "low_s", "high_s", "method")}
                key = {"hall": hall, "at": now, "queue": queue, "ahead_min": ahead}
                simulated, boosted = said.both.get((queue, ahead), (None, None))
                beside = {SIMULATED: _three(simulated), BOOSTED: _three(boosted)}
                afar = None if ahead else _afar(shown, queue, said)
                rows.append({**key, **told, **beside, "afar": afar, "based_on": shown.based_on})
    if rows:
        session.execute(insert(Announcement), rows)
    return len(rows)


def _afar(shown: HallWaits, queue: str, said: Beside) -> dict[str, list[int]] | None:
    wait = shown.joining(queue, FROM_AFAR).wait
    if wait is None:
        return None
    ours = [wait[name] for name in ("point_s", "low_s", "high_s")]
    _, boosted = said.both.get((queue, 0), (None, None))
    told = {OURS: ours, SIMULATED: _three(said.afar.get(queue)), BOOSTED: _three(boosted)}
    return {name: three for name, three in told.items() if three is not None}


def _three(told: Forecast | None) -> list[int] | None:
    return None if told is None else [round(told.point_s), round(told.low_s), round(told.high_s)]


def oldest(session: Session, hall: str) -> datetime | None:
    """When the first of a hall's announcements that are still kept was shown."""
    return session.scalar(select(func.min(Announcement.at)).where(Announcement.hall == hall))


def roll_up(session: Session, hall: str, at: datetime) -> int:
    """Keep of the hour that holds this moment only the means of what was shown; how many announcements there were."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    within = Announcement.hall == hall, Announcement.at >= hour, Announcement.at < hour + timedelta(hours=1)
    means = [func.avg(getattr(Announcement, name)).label(name) for name in ("point_s", "low_s", "high_s")]
    by = Announcement.queue, Announcement.ahead_min
    rows = session.execute(select(*by, func.count().label("n"), *means).where(*within).group_by(*by)).all()
    for row in rows:
        key = {"hall": hall, "at": hour, "queue": row.queue, "ahead_min": row.ahead_min}
        ends = {"point_s": round(row.point_s), "low_s": round(row.low_s), "high_s": round(row.high_s)}
        session.merge(AnnouncedHour(**key, n=row.n, **ends))
    session.execute(delete(Announcement).where(*within))
    return sum(row.n for row in rows)


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete what is known of hours and days long ago."""
    before = now - HOURS_KEPT
    session.execute(delete(AnnouncedHour).where(AnnouncedHour.at < before))
    session.execute(delete(WaitScore).where(WaitScore.day < before.date()))
    session.execute(delete(ScoredDay).where(ScoredDay.day < before.date()))
