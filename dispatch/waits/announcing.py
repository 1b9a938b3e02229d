"""What was shown, kept once a minute to be held against what happened."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from dispatch.waits.finding import HallWaits
from dispatch.waits.forecast import BOOSTED, SIMULATED, Forecast
from dispatch.waits.models import AnnouncedHour, Announcement

AHEAD_MIN = (0, 30, 60, 120)
"""So long before somebody joins; 0 is whoever joins now."""
HOURS_KEPT = timedelta(days=400)
"""So long it stays known what was shown in an hour, when single announcements are no longer kept."""


def is_due(last: datetime | None, now: datetime) -> bool:
    """Whether another minute has begun since then."""
    return last is None or last.replace(second=0, microsecond=0) != now.replace(second=0, microsecond=0)


Both = Mapping[tuple[str, int], tuple[Forecast, Forecast]]
"""By queue and minutes ahead what the simulation says and what the model does, where both do."""


def keep(session: Session, hall: str, shown: HallWaits, both: Both, now: datetime) -> int:
    """Keep what is shown in a hall from now on; how many waits. What is unknown announces nothing."""
    rows = []
    for queue in shown.queues:
        for ahead in AHEAD_MIN:
            at = now + timedelta(minutes=ahead)
            wait = (shown.arriving(queue, at) if ahead else shown.joining(queue)).wait
            if wait is not None:
                told = {name: wait[name] for name in ("point_s", "low_s", "high_s", "method")}
                key = {"hall": hall, "at": now, "queue": queue, "ahead_min": ahead}
                simulated, boosted = both.get((queue, ahead), (None, None))
                beside = {SIMULATED: _three(simulated), BOOSTED: _three(boosted)}
                rows.append({**key, **told, **beside, "based_on": shown.based_on})
    if rows:
        session.execute(insert(Announcement), rows)
    return len(rows)


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
    """Delete what is known of hours long ago."""
    session.execute(delete(AnnouncedHour).where(AnnouncedHour.at < now - HOURS_KEPT))
