"""Working days in the town's hall with all that runs by night: both answers are scored, and the nearer is shown."""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from statistics import fmean
from typing import Any

import pytest

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.errors import Refusal
from dispatch.tickets.models import Ticket
from dispatch.waits import accuracy
from dispatch.waits.accuracy import OURS, Asked
from dispatch.waits.forecast import BOOSTED, SIMULATED
from dispatch.waits.newcomers import kind_of
from dispatch.wiring.forecasting_waits import Foretelling
from dispatch.wiring.learning_halls import learn_halls, pool_halls
from dispatch.wiring.scoring_waits import score_waits
from dispatch.wiring.teaching_forecaster import Teaching
from tests.soak_tables import tell
from tests.standing_city import CLERK, MORNING, Town, build
from tests.waits.foretelling import promised

DAYS = 8
OPENS, NOON, AFTERNOON, CLOSES = 8.5, 12.0, 13.5, 17.0
PEOPLE_AN_HOUR = {9: 50, 10: 44, 11: 24, 14: 40, 15: 34}
"""Where nothing is said, sixteen; at the peaks more than four windows can serve."""
SERVICE_S = {"D": 300.0, "A": 420.0}
EVERY = timedelta(minutes=1)
FROM_AFAR = 0.3
BY_CARE = 0.05
"""Whoever took a number from afar is not seen before her call."""


@dataclass
class Told:
    """What somebody was told as she took her number, what a minute later, and how long she waited."""

    kind: str
    at: datetime
    first_s: float | None
    next_s: float | None = None
    waited_s: float | None = None


class Days:
    """The hall's days, minute by minute. Nobody but this knows how busy a day is, or who goes to lunch when."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town, self.seed = town, seed
        self.teaching = Teaching()
        self.foretelling = Foretelling(self.teaching.newest)
        self.served: dict[str, str] = {}
        self.told: dict[str, Told] = {}
        self._new: list[str] = []

    def live(self, day: date) -> None:
        """One day, from before it opens until everybody is home."""
        chance = random.Random(f"{self.seed}:{day}")
        town, busy = self.town, chance.uniform(0.7, 1.3)
        pace = {window: chance.uniform(0.8, 1.3) for window in "1234"}
        free: list[tuple[datetime, str]] = []
        turns = iter(sorted(self._shifts(day, chance)))
        turn = next(turns, None)
        open_windows: set[str] = set()
        for minute in count():
            town.now = self._at(day, OPENS) + minute * EVERY
            if town.now > self._at(day, CLOSES):
                break
            while turn is not None and turn[0] <= town.now:
                self._turn(turn[1], turn[2], open_windows, free)
                turn = next(turns, None)
            self._come(chance, busy)
            while free and free[0][0] <= town.now:
                self._serve(heapq.heappop(free)[1], open_windows, free, chance, pace)
            self._set_clock()
            self.foretelling.forecast_waits(town.database)
            self._look_again()
        self._night(day)

    def _at(self, day: date, hour: float) -> datetime:
        return MORNING.replace(year=day.year, month=day.month, day=day.day, hour=0, minute=0) + timedelta(
            hours=hour
        )

    def _shifts(self, day: date, chance: random.Random) -> Iterator[tuple[datetime, str, str]]:
        for window in "1234":
            late = timedelta(minutes=chance.choice([0, 0, 5, 20]))
            early = timedelta(minutes=chance.choice([0, 5, 15]))
            yield self._at(day, OPENS) + late, window, "open"
            yield self._at(day, NOON) - early, window, "close"
            if chance.random() < 0.85:
                yield self._at(day, AFTERNOON) + late, window, "open"
                yield self._at(day, CLOSES) - timedelta(minutes=2), window, "close"

    def _turn(self, window: str, verb: str, open_windows: set[str], free: list[tuple[datetime, str]]) -> None:
        if verb == "open":
            open_windows.add(window)
            self.town.change_window(window, "open")
            heapq.heappush(free, (self.town.now, window))
        elif window in open_windows:
            open_windows.discard(window)

    def _come(self, chance: random.Random, busy: float) -> None:
        hour = self.town.now.hour
        if not (OPENS * 60 <= hour * 60 + self.town.now.minute < CLOSES * 60 - 30) or hour == 12:
            return
        for queue, share in (("D", 0.7), ("A", 0.3)):
            mean = busy * share * PEOPLE_AN_HOUR.get(hour, 16) / 60
            if chance.random() < mean:
                kind = chance.random()
                try:
                    if kind < FROM_AFAR:
                        self._note(self.town.take(queue))
                    else:
                        priority = "elderly" if kind > 1 - BY_CARE else "none"
                        self._note(self.town.take(queue, channel="counter", actor=CLERK, priority=priority))
                except Refusal:
                    continue

    def _note(self, ticket: Ticket) -> None:
        """What she is told as she takes her number."""
        wait = promised(self.town, ticket.id).wait
        kind = kind_of(ticket) or "here"
        self.told[ticket.id] = Told(kind, self.town.now, wait["point_s"] if wait else None)
        self._new.append(ticket.id)

    def _look_again(self) -> None:
        """What she is told when she looks again."""
        for ticket in self._new:
            wait = promised(self.town, ticket).wait
            self.told[ticket].next_s = wait["point_s"] if wait else None
        self._new.clear()

    def _serve(
        self,
        window: str,
        open_windows: set[str],
        free: list[tuple[datetime, str]],
        chance: random.Random,
        pace: dict[str, float],
    ) -> None:
        """The window is free: it closes if its shift is over, else calls the next, or looks again in a minute."""
        if window not in open_windows:
            if window in self.served:
                self.town.do("finish", self.served.pop(window))
            self.town.change_window(window, "close")
            return
        ticket = self.town.call_next(window, finish=True)
        self.served.pop(window, None)
        if ticket is None:
            heapq.heappush(free, (self.town.now + EVERY, window))
            return
        self.served[window] = ticket.id
        if (told := self.told.get(ticket.id)) is not None:
            told.waited_s = (self.town.now - told.at).total_seconds()
        mean_s = SERVICE_S[ticket.queue] * pace[window]
        seconds = chance.lognormvariate(0, 0.6) / 1.197 * mean_s
        heapq.heappush(free, (self.town.now + timedelta(seconds=seconds), window))

    def _set_clock(self) -> None:
        with self.town.database.work() as session:
            clock.set_demo(session, to=self.town.now)

    def _night(self, day: date) -> None:
        self.town.now = self._at(day, 24 + 7)
        self._set_clock()
        self.town.end_day()
        for job in (learn_halls, pool_halls, score_waits, self.teaching.teach_forecaster):
            job(self.town.database)


@pytest.mark.soak
def test_what_is_shown_is_about_as_near_as_the_nearer_of_the_two(sqlite_url: str) -> None:
    city = Database(sqlite_url)
    build(city)
    first = MORNING.date()
    with city.work() as session:
        clock.begin_demo(session, MORNING.replace(hour=7), speed=0.0)
    days = Days(Town(city), seed=1)
    working = [day for day in (first + timedelta(days=place) for place in range(14)) if day.weekday() < 5][
        :DAYS
    ]
    for day in working:
        days.live(day)
    with city.reading() as session:
        whole = accuracy.overall(session, Asked(working[DAYS // 2], working[-1]))
    off = {(each.predictor, each.ahead_min): each for each in whole}
    tell(
        "a-town-hall-s-second-week",
        [
            {
                "ahead_min": ahead,
                "predictor": name,
                "n": found.n,
                "mae_min": round(found.mae_s / 60, 2),
                "bias_min": round(found.bias_s / 60, 2),
                "in_range": found.coverage_90 and round(found.coverage_90, 3),
                "width_min": found.width_90_s and round(found.width_90_s / 60, 1),
            }
            for (name, ahead), found in sorted(off.items(), key=lambda each: (each[0][1], each[0][0]))
        ],
    )
    city.dispose()
    kinds = [_by_kind(days, kind) for kind in ("here", "care", "afar")]
    tell("told-at-issue-in-a-town-hall", kinds)
    shown, *two = (off[name, 0] for name in (OURS, SIMULATED, BOOSTED))
    assert {each.n for each in two} == {shown.n}, "both were asked about everybody"
    assert shown.mae_s <= 1.1 * max(each.mae_s for each in two)
    for each in kinds:
        assert each["looking_again_min"] <= 1.05 * each["told_min"] + 0.5, each


def _by_kind(days: Days, kind: str) -> dict[str, Any]:
    """Whoever took her number here, with a head start or from afar, and was told and called."""
    found = [
        (each.first_s, each.next_s, each.waited_s)
        for each in days.told.values()
        if each.kind == kind
        and each.first_s is not None
        and each.next_s is not None
        and each.waited_s is not None
    ]
    told, again, waited = ([three[place] / 60 for three in found] for place in range(3))
    return {
        "kind": kind,
        "n": len(found),
        "told_min": round(fmean(told), 2),
        "looking_again_min": round(fmean(again), 2),
        "waited_min": round(fmean(waited), 2),
        "off_min": round(fmean(abs(one - other) for one, other in zip(told, waited, strict=True)), 2),
    }
