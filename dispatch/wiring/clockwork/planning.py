"""For when a run counts: planned times are a grid over real time, the same for every process."""

from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.triggers.base import BaseTrigger

TICK = timedelta(microseconds=1)


def planned_time(every_s: int, now: datetime, last: datetime | None) -> datetime | None:
    """The newest planned time by now, and what was missed before it is made up by it; None if it has been run.

    Where the clock was set back behind what has been run by more than a period, runs go on at their pace and count
    for moments just after the last one, until the clock has caught up.
    """
    slot = datetime.fromtimestamp(now.timestamp() // every_s * every_s, UTC)
    if last is None or slot > last:
        return slot
    return last + TICK if last - now > timedelta(seconds=every_s) else None


class Grid(BaseTrigger):  # type: ignore[misc]
    """Fires at every planned time to come, never for one that is past."""

    def __init__(self, every_s: int) -> None:
        self.every_s = every_s

    def get_next_fire_time(self, previous_fire_time: Any, now: datetime) -> datetime:  # noqa: ANN401
        """The first planned time after now."""
        return datetime.fromtimestamp((now.timestamp() // self.every_s + 1) * self.every_s, UTC)
