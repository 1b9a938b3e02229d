"""Getting to know the city: its halls, and what they take."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.demo.visitors import chance
from dispatch.demo.visitors.citizens import Arrivals
from dispatch.demo.visitors.clerks import Desk
from dispatch.demo.visitors.places import Hall
from dispatch.demo.visitors.staffing import capacity, load_of, staffed
from dispatch.demo.visitors.world import World


@dataclass
class Lesson:
    """Learns where an item is taken."""

    world: World
    item: str

    def act(self, now: datetime) -> datetime | None:
        """Read the item once."""
        answer = self.world.asker.get(f"/items/{self.item}")
        if answer.later:
            return self.world.soon(now)
        weight = self.world.parameters.weights.get(self.item, 1.0)
        for row in answer.told["accepted_at"] if answer.ok else []:
            self.world.offers.setdefault((row["hall"], row["queue"]), []).append((self.item, weight))
        return None


@dataclass
class Acquaintance:
    """Gets to know one hall; its clerks and citizens begin."""

    world: World
    desks: dict[str, list[Desk]]
    code: str

    def act(self, now: datetime) -> datetime | None:
        """Read the hall once."""
        answer = self.world.asker.get(f"/halls/{self.code}")
        if answer.later:
            return self.world.soon(now)
        if answer.ok and answer.told["windows"]:
            self._begin(now, answer.told)
        return None

    def _begin(self, now: datetime, told: dict[str, Any]) -> None:
        world = self.world
        working = staffed(world.dice("staff", self.code), told["windows"], world.parameters.staffing)
        hall = world.halls[self.code] = Hall(
            code=self.code,
            zone=ZoneInfo(told["time_zone"]),
            thrown=world.dice("hall", self.code),
            load=load_of(world.dice("load", self.code), told, world.parameters),
            open=told["open"],
            waiting={row["code"]: row["waiting"] for row in told["queues"]},
            capacity=capacity([row for row in told["windows"] if row["id"] in working]),
            closed_at=None if told["open"] else now,
        )
        desks = self.desks[self.code] = [
            Desk(world, hall, row, row["id"] in working) for row in told["windows"]
        ]
        world.at(now, Arrivals(world, hall))
        for desk in desks:
            if desk.mode == "lost":  # it is in use: look who is there, all within a quarter of a minute
                world.at(now + chance.seconds_in(desk.thrown, (0.0, 15.0)), desk)
