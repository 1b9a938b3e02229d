"""Citizens: they come, take a number, and some lose patience."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from dispatch.demo.visitors import chance
from dispatch.demo.visitors.asking import Answer, Errand
from dispatch.demo.visitors.places import Hall
from dispatch.demo.visitors.world import World

NOBODY_YET = timedelta(minutes=1)
SEVERAL = ((2, 6.0), (3, 3.0), (5, 1.0))


@dataclass
class Arrivals:
    """The stream of people to one hall: a Poisson process whose rate goes with the hour, by thinning."""

    world: World
    hall: Hall
    thrown: Random = field(init=False)
    errand: Errand | None = None
    due: datetime | None = None

    def __post_init__(self) -> None:
        self.thrown = self.world.dice("citizens", self.hall.code)

    def act(self, now: datetime) -> datetime:
        """Somebody may come; when the next may."""
        if self.errand is None and self.due is not None and self._comes(self.due, now):
            self.errand = self._wish(now)
        if self.errand is not None:
            answer = self.world.asker.do(self.errand)
            if answer.later:
                return self.world.soon(now)
            self.errand = None
            self._took(answer, now)
        return self._next(now)

    def _comes(self, due: datetime, now: datetime) -> bool:
        share = chance.share_at(self.world.parameters.day, now.astimezone(self.hall.zone))
        drawn = self.thrown.random()
        if drawn >= max(share, self._rush(now)) or not self.hall.open:
            return False
        if now - due > self._late():
            self.world.figures.late += 1
            return False
        if not self.world.asker.pace.spare():
            self.world.figures.dropped += 1
            return False
        return True

    def _next(self, now: datetime) -> datetime:
        """When the next person may come. Time that was missed by more than a little is not made up for."""
        most_per_hour = sum(rate for _, rate in self._rates())
        if most_per_hour <= 0:
            return now + NOBODY_YET
        after = now if self.due is None else max(self.due, now - self._late())
        self.due = after + timedelta(hours=self.thrown.expovariate(most_per_hour))
        return self.due

    def _late(self) -> timedelta:
        return timedelta(seconds=self.world.parameters.late_s) + self.world.clock.real(2.0)

    def _rush(self, now: datetime) -> float:
        local = now.astimezone(self.hall.zone)
        rush = self.world.parameters.rush.get(self.hall.code, 0.0)
        return rush if local.hour + local.minute / 60 < self.world.parameters.rush_ends else 0.0

    def _rates(self) -> list[tuple[str, float]]:
        """People an hour at the peak, by queue: as many as its staff can serve, times the hall's load."""
        rates = []
        for queue, windows in self.hall.capacity.items():
            offers = self.world.offers.get((self.hall.code, queue), [])
            if offers:
                means = sum(weight * self.world.parameters.mean_minutes(item) for item, weight in offers)
                minutes = means / sum(weight for _, weight in offers)
                minutes += self.world.parameters.call_overhead_s / 60
                rates.append((queue, self.hall.load * windows * 60 / minutes))
        return rates

    def _wish(self, now: datetime) -> Errand | None:
        """What she asks for; nothing when she sees the line and goes."""
        parameters = self.world.parameters
        queue = chance.one_of(self.thrown, self._rates())
        item = chance.one_of(self.thrown, self.world.offers[self.hall.code, queue])
        first, last = parameters.balk
        if self.thrown.random() < (self.hall.waiting.get(queue, 0) - first) / (last - first):
            self.world.figures.turned_away += 1
            return None
        kiosk = self.world.asker.demo.device_tokens.get(self.hall.code)
        channel = chance.one_of(self.thrown, parameters.channels)
        if channel == "kiosk" and kiosk is None:
            channel = "counter"
        body: dict[str, Any] = {"hall": self.hall.code, "items": [item], "channel": channel}
        if channel in ("kiosk", "counter") and self.thrown.random() < parameters.with_priority:
            body["priority"] = chance.one_of(self.thrown, parameters.priorities)
        if self.thrown.random() < parameters.several:
            body["count"] = chance.one_of(self.thrown, SEVERAL)
        if channel == "counter":
            return Errand("POST", "/tickets", body, who="supervisor")
        return Errand("POST", "/tickets", body, header=f"Bearer {kiosk}" if channel == "kiosk" else None)

    def _took(self, answer: Answer, now: datetime) -> None:
        """She has her number, unless the hall has closed meanwhile."""
        if answer.code == "hall_closed":
            self.hall.open = False
        if not answer.ok:
            return
        self.world.figures.issued += 1
        self.hall.count(answer.told["queue"], +1)
        if clerk := self.hall.rouse(answer.told["queue"]):
            self.world.at(now + chance.seconds_in(self.thrown, self.world.parameters.notices_s), clerk)
        if self.thrown.random() < self.world.parameters.leaves:
            patience = timedelta(
                minutes=chance.lognormal(self.thrown, self.world.parameters.patience_min, 0.5)
            )
            gives_back = self.thrown.random() < self.world.parameters.cancels
            self.world.at(now + patience, Leaver(self.world, self.hall, answer.told, gives_back))


@dataclass
class Leaver:
    """Somebody whose patience ends: she gives her ticket back, or is just not there when called."""

    world: World
    hall: Hall
    ticket: dict[str, Any]
    gives_back: bool
    errand: Errand | None = None

    def act(self, now: datetime) -> datetime | None:
        """Go."""
        ident = self.ticket["id"]
        if ident in self.world.gone:
            return None
        if not self.gives_back:
            self.world.gone.add(ident)
            return None
        secret = f"Ticket {self.ticket['secret']}"
        self.errand = self.errand or Errand("POST", f"/tickets/{ident}/cancel", header=secret)
        answer = self.world.asker.do(self.errand)
        if answer.later:
            return self.world.soon(now)
        if answer.ok:
            self.world.figures.cancelled += 1
            self.hall.count(self.ticket["queue"], -1)
        return None
