"""Keeping an eye on the city: which halls are open, how many wait."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dispatch.demo.visitors import chance
from dispatch.demo.visitors.clerks import Desk
from dispatch.demo.visitors.learning import Acquaintance, Lesson
from dispatch.demo.visitors.places import Hall
from dispatch.demo.visitors.world import World

LONGEST_NAP = timedelta(minutes=10)
MOST_ROWS = 500
PUT_RIGHT_AT_ONCE = 5
LEARNED_FIRST = 24  # the items most people come for are enough to begin with
THE_REST_AFTER = timedelta(seconds=30)


@dataclass
class Watch:
    """Looks at all halls every few seconds; the first time it sends for everything else there is to know."""

    world: World
    desks: dict[str, list[Desk]] = field(default_factory=dict)
    begun: bool = False
    looked_at: datetime | None = None

    def act(self, now: datetime) -> datetime:
        """Look."""
        answer = self.world.asker.get(f"/halls?limit={MOST_ROWS}")
        if not answer.ok:
            return self.world.soon(now)
        rows = [row for row in answer.told["halls"] if row["code"] not in self.world.asker.demo.quiet_halls]
        if not self.begun:
            self.begun = self._begin(now, rows)
            return now + timedelta(seconds=1) if self.begun else self.world.soon(now)
        jumped = self.looked_at is not None and now - self.looked_at > self._every() + LONGEST_NAP
        self.looked_at = now
        wrong = [
            row for row in rows if (hall := self._see(row, now, jumped)) and hall.total != row["waiting"]
        ]
        for row in wrong[:PUT_RIGHT_AT_ONCE]:
            self._put_right(row["code"])
        self._rouse(now)
        return now + self._every()

    def _every(self) -> timedelta:
        seconds = self.world.parameters.looks_every_s
        return max(self.world.clock.real(seconds), timedelta(seconds=seconds))

    def _begin(self, now: datetime, rows: list[dict[str, Any]]) -> bool:
        answer = self.world.asker.get(f"/items?limit={MOST_ROWS}")
        if not answer.ok:
            return False
        codes = [row["code"] for row in answer.told["items"]]
        weights = self.world.parameters.weights
        codes.sort(key=lambda item: -weights.get(item, 1))
        for nth, code in enumerate(codes):
            self.world.at(now if nth < LEARNED_FIRST else now + THE_REST_AFTER, Lesson(self.world, code))
        for row in rows:
            if row["kind"] != "kiosk_site":  # nobody is called there
                self.world.at(now, Acquaintance(self.world, self.desks, row["code"]))
        return True

    def _see(self, row: dict[str, Any], now: datetime, jumped: bool) -> Hall | None:
        """Note what the list says of a hall; its clerks come when it is about to open, and go when it has closed."""
        hall = self.world.halls.get(row["code"])
        if hall is None:
            return None
        hall.open = bool(row["open"])
        opens = now if hall.open else datetime.fromisoformat(row["opens_at"]) if row["opens_at"] else None
        early = timedelta(seconds=-self.world.parameters.stagger_s[0]) + self._every()
        is_time = opens is not None and opens - now <= early
        if is_time and not hall.staffed:
            self._summon(hall, opens or now)
        elif hall.staffed and not is_time:
            overtime = timedelta(minutes=self.world.parameters.overtime_min)
            hall.closed_at = now - overtime if jumped else now
            self._dismiss(hall, now)
        return hall

    def _summon(self, hall: Hall, opens: datetime) -> None:
        hall.staffed = True
        for desk in self.desks[hall.code]:
            if desk.staffed and desk.mode == "away" and desk.asleep:
                desk.asleep = False
                self.world.at(opens + chance.seconds_in(desk.thrown, self.world.parameters.stagger_s), desk)

    def _dismiss(self, hall: Hall, now: datetime) -> None:
        hall.staffed = False
        for desk in self.desks[hall.code]:
            if hall.idle.pop(desk.id, None):
                self.world.at(now + chance.seconds_in(desk.thrown, (5.0, 180.0)), desk)

    def _put_right(self, code: str) -> None:
        answer = self.world.asker.get(f"/halls/{code}")
        if answer.ok:
            self.world.halls[code].waiting = {row["code"]: row["waiting"] for row in answer.told["queues"]}

    def _rouse(self, now: datetime) -> None:
        for hall in self.world.halls.values():
            for queue, count in hall.waiting.items():
                for _ in range(count):
                    if (clerk := hall.rouse(queue)) is None:
                        break
                    self.world.at(now + chance.seconds_in(hall.thrown, (0.0, 5.0)), clerk)
