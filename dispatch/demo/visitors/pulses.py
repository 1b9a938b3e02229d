"""The consoles' sign of life: every window that is worked says now and then that somebody sits there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatch.demo.visitors.asking import Errand
from dispatch.demo.visitors.clerks import Desk
from dispatch.demo.visitors.world import World

EVERY_S = 40.0
"""A window is taken for abandoned after 90 seconds without one."""


@dataclass
class Pulse:
    """Lets one console after the other give its sign, evenly spread in real time."""

    world: World
    desks: Mapping[str, Sequence[Desk]]
    given: int = 0

    def act(self, now: datetime) -> datetime:
        """The next one."""
        worked = [desk for hall in self.desks.values() for desk in hall if desk.mode != "away"]
        if worked:
            desk = worked[self.given % len(worked)]
            self.given += 1
            self.world.asker.do(Errand("POST", f"/windows/{desk.id}/heartbeat", {}, desk.who))
        return now + self.world.clock.real(EVERY_S / max(1, len(worked)))
