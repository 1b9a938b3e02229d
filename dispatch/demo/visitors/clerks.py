"""Clerks: one at each staffed window, who opens, calls, serves, rests and goes home."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from dispatch.demo.visitors import chance
from dispatch.demo.visitors.asking import Answer
from dispatch.demo.visitors.buttons import Buttons
from dispatch.demo.visitors.places import Hall
from dispatch.demo.visitors.world import World

Mode = Literal["away", "free", "called", "serving", "resting", "lost"]


class Desk(Buttons):
    """A window and its clerk. What she knows may be wrong at any time, since others may press her buttons too:
    then she is `lost`, looks at the window and goes on from what it says. A city in progress is picked up so."""

    def __init__(self, world: World, hall: Hall, window: dict[str, Any], staffed: bool) -> None:
        super().__init__(world, window["id"])
        self.hall = hall
        self.queues: list[str] = window["queues"]
        self.staffed = staffed
        self.thrown = world.dice("clerk", self.id)
        self.slowness = chance.lognormal(self.thrown, 1.0, world.parameters.clerk_spread)
        self.mode: Mode = "away" if window["state"] == "closed" else "lost"
        self.ticket: dict[str, Any] = {}
        self.calls_left = 0
        self.asleep = True  # nothing is due: only the hall's opening, or somebody who waits, wakes her

    def act(self, now: datetime) -> datetime | None:
        """The next thing she does."""
        again = self._retry(now) if self._pending else self._step(now)
        self.asleep = again is None
        return again

    def _step(self, now: datetime) -> datetime | None:
        match self.mode:
            case "away":
                return self._arrive(now)
            case "free":
                return self._look(now)
            case "called":
                return self._receive(now)
            case "serving":
                return self._end(now)
            case "resting":
                return self._verb("open", now, "free", self._in((2.0, 8.0), now))
            case "lost":
                return self._see(now)

    # --- one step each --------------------------------------------------------------------------------

    def _arrive(self, now: datetime) -> datetime | None:
        if not self.hall.staffed:
            return None  # the hall's next opening wakes her
        return self._verb("open", now, "free", self._in((3.0, 15.0), now))

    def _look(self, now: datetime) -> datetime | None:
        """Call somebody, if there is anybody and the day is not over."""
        if self._goes_home(now):
            return self._leave(now)
        if not self.hall.line_of(self.queues):
            self.hall.idle[self.id] = self
            return None
        return self._call(now, finish=False)

    def _receive(self, now: datetime) -> datetime | None:
        """She has come, or is called again, or has missed it."""
        ident = self.ticket["id"]
        if self.calls_left < 0:
            return self._verb("start", now, "serving", now + self._service(), ticket=ident)
        if self.calls_left > 0:
            self.calls_left -= 1  # whether or not it is heard at once: the same errand goes again
            again = self._in(self.world.parameters.recall_s, now)
            return self._verb("recall", now, "called", again, ticket=ident)
        self.world.gone.discard(ident)
        return self._verb("missed", now, "free", self._in((1.0, 3.0), now), ticket=ident)

    def _end(self, now: datetime) -> datetime | None:
        """The service is over: who is next, unless she rests or the day is over."""
        rests = self.thrown.random() < self.world.parameters.rests
        if not rests and not self._goes_home(now):
            return self._call(now, finish=True)
        again = self._verb("finish", now, "free", self._in((1.0, 3.0), now), ticket=self.ticket["id"])
        if rests and self.mode == "free":
            rest = now + chance.minutes_in(self.thrown, self.world.parameters.rest_min)
            return self._verb("pause", now, "resting", rest)
        return again

    def _leave(self, now: datetime) -> datetime | None:
        is_noon = now.astimezone(self.hall.zone).hour < 13
        pauses = is_noon and self.thrown.random() < self.world.parameters.pauses_at_noon
        return self._verb("pause" if pauses else "close", now, "away", None)

    def _see(self, now: datetime) -> datetime | None:
        """Look at the window, and go on from there."""
        answer = self.world.asker.get(f"/windows/{self.id}", self.who)
        if not answer.ok:
            left_alone = chance.minutes_in(self.thrown, self.world.parameters.left_alone_min)
            return self.world.soon(now) if answer.later else now + left_alone
        if here := answer.told["ticket"]:
            self._meet(here)
            if here["state"] == "called":
                return self._in(self.world.parameters.walk_s, now)
            self.mode = "serving"
            began = datetime.fromisoformat(here["started_at"] or here["called_at"])
            return now + self._service(elapsed=(now - began).total_seconds() / 60)
        if answer.told["state"] == "open":
            self.mode = "free"
            return self._in((1.0, 6.0), now)
        self.mode = "away"  # somebody wished it so, or the day is over
        return now + chance.minutes_in(self.thrown, self.world.parameters.left_alone_min)

    def _called(self, now: datetime, answer: Answer, *, finish: bool) -> datetime | None:
        """What `call-next` said."""
        self.world.figures.served += finish
        self.mode = "free"
        if answer.status == 204:
            self.hall.waiting.update(dict.fromkeys(self.queues, 0))
            return now
        self.hall.count(answer.told["queue"], -1)
        self._meet(answer.told)
        return self._in(self.world.parameters.walk_s, now)

    # --- parts of steps -------------------------------------------------------------------------------

    def _call(self, now: datetime, *, finish: bool) -> datetime | None:
        return self._press(
            now, f"/windows/{self.id}/call-next", {"finish": finish}, partial(self._called, finish=finish)
        )

    def _verb(
        self, verb: str, now: datetime, then: Mode, again: datetime | None, *, ticket: str | None = None
    ) -> datetime | None:
        """Press a button; `then` is how she goes on when it worked."""

        def done(_now: datetime, _answer: Answer) -> datetime | None:
            self.world.figures.served += verb == "finish"
            self.world.figures.missed += verb == "missed"
            self.mode = then
            return again

        return self._press(
            now, f"/tickets/{ticket}/{verb}" if ticket else f"/windows/{self.id}/{verb}", {}, done
        )

    def _refused(self, now: datetime) -> datetime:
        """It was not as she thought."""
        self.mode = "lost"
        return self._in((1.0, 5.0), now)

    def _meet(self, ticket: dict[str, Any]) -> None:
        """Somebody is called; decides whether she will come, and after how many calls it is given up."""
        self.ticket, self.mode, self.calls_left = ticket, "called", -1
        if ticket["id"] in self.world.gone or self.thrown.random() < self.world.parameters.deaf:
            self.calls_left = self.thrown.randint(*self.world.parameters.recalls)

    def _goes_home(self, now: datetime) -> bool:
        if self.hall.staffed:
            return False
        overtime = timedelta(minutes=self.world.parameters.overtime_min)
        over = self.hall.closed_at is not None and now - self.hall.closed_at >= overtime
        return over or not self.hall.line_of(self.queues)

    def _service(self, elapsed: float = 0.0) -> timedelta:
        """How long this one takes, or still takes when so many minutes are over."""
        parameters = self.world.parameters
        rows = self.ticket["items"]
        minutes = sum(
            parameters.mean_minutes(row["item"]) * (1 + parameters.each_more * (row["count"] - 1))
            for row in rows
        )
        mean = (minutes or parameters.any_minutes) * self.slowness
        return timedelta(minutes=chance.residual(self.thrown, mean, parameters.spread, elapsed))

    def _in(self, low_high: tuple[float, float], now: datetime) -> datetime:
        return now + chance.seconds_in(self.thrown, low_high)
