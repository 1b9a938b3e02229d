"""What the visitors know of a hall: whether it is open, how many wait, which clerks sit idle."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Protocol
from zoneinfo import ZoneInfo


class Idle(Protocol):
    """A clerk with nobody to serve."""

    id: str
    queues: list[str]

    def act(self, now: datetime) -> datetime | None:
        """See World."""


@dataclass
class Hall:
    """One hall. `waiting` is an estimate by queue, put right now and then; `capacity` is staffed windows by queue.

    `staffed` from shortly before it opens until the visitors see that it has closed.
    """

    code: str
    zone: ZoneInfo
    thrown: Random
    load: float
    open: bool
    waiting: dict[str, int]
    capacity: Mapping[str, float]
    closed_at: datetime | None = None
    idle: dict[str, Idle] = field(default_factory=dict)
    staffed: bool = False

    @property
    def total(self) -> int:
        """How many wait here."""
        return sum(self.waiting.values())

    def count(self, queue: str, change: int) -> None:
        """One more waits in the queue, or one less."""
        self.waiting[queue] = max(0, self.waiting.get(queue, 0) + change)

    def line_of(self, queues: list[str]) -> int:
        """How many wait for a window with these queues."""
        return sum(self.waiting.get(queue, 0) for queue in queues)

    def rouse(self, queue: str) -> Idle | None:
        """An idle clerk for this queue, who is idle no more."""
        able = [clerk for clerk in self.idle.values() if queue in clerk.queues]
        if not able:
            return None
        chosen = self.thrown.choice(able)
        del self.idle[chosen.id]
        return chosen
