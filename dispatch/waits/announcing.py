"""What was shown, kept once a minute to be held against what happened."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from dispatch.waits.finding import HallWaits
from dispatch.waits.models import Announcement

AHEAD_MIN = (0, 30, 60, 120)
"""So long before somebody joins; 0 is whoever joins now."""
KEPT = timedelta(days=90)


def is_due(last: datetime | None, now: datetime) -> bool:
    """Whether another minute has begun since then."""
    return last is None or last.replace(second=0, microsecond=0) != now.replace(second=0, microsecond=0)


def keep(session: Session, hall: str, shown: HallWaits, now: datetime) -> int:
    """Keep what is shown in a hall from now on; how many waits. What is unknown announces nothing."""
    rows = []
    for queue in shown.queues:
        for ahead in AHEAD_MIN:
            at = now + timedelta(minutes=ahead)
            wait = (shown.arriving(queue, at) if ahead else shown.joining(queue)).wait
            if wait is not None:
                told = {name: wait[name] for name in ("point_s", "low_s", "high_s", "method")}
                key = {"hall": hall, "at": now, "queue": queue, "ahead_min": ahead}
                rows.append({**key, **told, "based_on": shown.based_on})
    if rows:
        session.execute(insert(Announcement), rows)
    return len(rows)


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete what was shown long ago."""
    session.execute(delete(Announcement).where(Announcement.at < now - KEPT))
