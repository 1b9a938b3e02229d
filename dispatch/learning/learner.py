"""Learning one hall, happening by happening: what is kept is small, and enough to go on with at any moment."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

import numpy as np

from dispatch.learning import arrivals, durations, openings, plans_kept, shows
from dispatch.learning.arrivals import ArrivalRates
from dispatch.learning.day_sums import DAYS, DaySums
from dispatch.learning.durations import Durations
from dispatch.learning.happenings import Happening, Kind
from dispatch.learning.knowing import Known
from dispatch.learning.local_time import QUARTERS, day_class, quarter_of
from dispatch.learning.openings import OpenShares
from dispatch.learning.plans_kept import PlansSums
from dispatch.learning.plans_seen import PlansSeen
from dispatch.learning.shifts_seen import ShiftsSeen
from dispatch.learning.shows import Calls
from dispatch.learning.shrinking import Floats
from dispatch.learning.visits import Visit, Visits

HALF_LIVES = {"people": 30.0, "days": 15.0}
"""After so many service days something counts half: how people are, and how the days of the hall go."""
PARTS = ("people", "days", "today", "going")
"""What is kept, by what it is about: only `days` stay as they are until a day is over."""
Days = tuple[ArrivalRates, OpenShares]
_PLANS = (Kind.PLANNED, Kind.DROPPED)
_WINDOWS = (Kind.OPENED, Kind.CLOSED, Kind.COUNTED)
_FOLLOWED = (Kind.OPENED, Kind.CLOSED, Kind.CALLED)
_CLEARING_UP = (Kind.LEFT, Kind.CLOSED)
"""What still happens in the night."""


class Learner:
    """What one hall has shown so far. Told in several steps it knows bit for bit what it knows told at once."""

    def __init__(self, zone: tzinfo, told: Mapping[str, Any] | None = None) -> None:
        people, days, today, going = ((told or {}).get(part, {}) for part in PARTS)
        self._zone = zone
        self.durations, self.calls = Durations(people.get("durations")), Calls(people.get("calls"))
        self.plans, self._planned = PlansSums(people.get("plans")), PlansSeen(going.get("planned"))
        self.came, self.opened = DaySums(days.get("came")), DaySums(days.get("opened"))
        self._serves: dict[str, list[str]] = dict(days.get("serves", {}))
        self.visits, self.shifts = Visits(going.get("visits")), ShiftsSeen(zone, going.get("shifts"))
        self._counts: dict[str, Floats] = {q: np.array(each) for q, each in today.get("counts", {}).items()}
        self._at: float | None = today.get("at")
        self._first, self._last = going.get("first"), going.get("last")

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it, in PARTS."""
        return {
            "people": {
                "durations": self.durations.plain(),
                "calls": self.calls.plain(),
                "plans": self.plans.plain(),
            },
            "days": {"came": self.came.plain(), "opened": self.opened.plain(), "serves": self._serves},
            "today": {
                "counts": {queue: each.tolist() for queue, each in self._counts.items()},
                "at": self._at,
            },
            "going": {
                "visits": self.visits.plain(),
                "shifts": self.shifts.plain(),
                "planned": self._planned.plain(),
                "first": self._first,
                "last": self._last,
            },
        }

    def see(self, happening: Happening) -> None:
        """Learn from what happened. A clock that was set back stands still here until it has caught up."""
        before = happening.at if self._at is None else self._at
        if happening.at < before:
            happening = replace(happening, at=before)
        local = self._local(happening.at)
        if local.date() != self._local(before).date():
            self._end_day(happening.at)
        self._at = happening.at
        if happening.kind in _PLANS:
            self._planned.plan(happening)
            return
        if happening.kind not in _CLEARING_UP or self._last is not None:
            self._first = happening.at if self._first is None else self._first
            self._last = happening.at
        if happening.kind in _FOLLOWED:
            queues = happening.queues or self.shifts.serves.get(happening.window, ())
            self._planned.see(happening, queues, self.visits.wait)
        if happening.kind in _WINDOWS:
            self.shifts.see(happening)
        elif happening.kind is Kind.EXPECTED:
            self._uncount(happening.queue, quarter_of(local))
        elif self.visits.see(happening):
            self._counts.setdefault(happening.queue, np.zeros(QUARTERS))[quarter_of(local)] += 1
        self._note(self.visits.settled(happening.at))

    def _uncount(self, queue: str, quarter: int) -> None:
        """Whoever was expected by name, and has just been counted as come, is none of those who come unexpected."""
        counts = self._counts.get(queue)
        if counts is not None and counts[quarter] > 0:
            counts[quarter] -= 1

    def known(self, hall: str, before: Known, version: str = "", days: Days | None = None) -> Known:
        """What is known of the hall by now, drawn towards what was known before of halls like it.

        `days`: what `days_known` said, where no day has passed since.
        """
        came, opened = days or self.days_known(before)
        if self._at is not None:
            came = arrivals.with_today(came, self._counts, self._local(self._at))
        return Known(
            hall,
            version,
            self._zone,
            durations.learned(self.durations, before.times),
            shows.learned(self.calls, before.shows),
            came,
            opened,
            plans_kept.learned(self.plans, before.plans),
        )

    def days_known(self, before: Known) -> Days:
        """What is known of the hall's days, which is the same until the next one is over."""
        opened = openings.learned(self.opened, self._serves, before.opened)
        return arrivals.learned(self.came, before.came), opened

    def _note(self, visits: list[Visit]) -> None:
        for visit in visits:
            if visit.called is None or visit.ended is None:
                continue
            finished = visit.how == "finished"
            self.calls.note(visit.queue, visit.remote, visit.calls > 1, came=finished)
            if not finished:
                self.calls.note_seconds(shows.MISSED, visit.ended - visit.called)
                continue
            if visit.started is not None:
                self.calls.note_seconds(shows.WALKED, visit.started - visit.called)
            self.durations.note(
                visit.held_s + visit.ended - visit.called,
                item=visit.item,
                queue=visit.queue,
                server=visit.clerk or visit.window,
                hour=self._local(visit.called).hour,
                imputed=visit.imputed,
            )

    def _end_day(self, now: float) -> None:
        """The hall's day is over. One on which nothing went on but the clearing up is none."""
        self._note(self.visits.settled())
        self.visits.end_day()
        if self._last is None:
            return
        day = self._local(self._last).date()
        self._fade()
        self._planned.end_day(self._last, self.plans)
        seen = self._seen()
        for sums in (self.came, self.opened):
            sums.add(DAYS, day_class(day), seen)
        for queue, counts in self._counts.items():
            self.came.add(queue, day_class(day), counts)
        for window, seconds in self.shifts.end_day(self._last, now).items():
            self.opened.add(window, day_class(day), seconds)
        serves = {**self._serves, **self.shifts.serves}
        self._serves = {window: queues for window, queues in serves.items() if window in self.opened.of}
        self._counts, self._first, self._last = {}, None, None

    def _fade(self) -> None:
        people, days = (0.5 ** (1 / HALF_LIVES[what]) for what in ("people", "days"))
        self.durations.fade(people)
        self.calls.fade(people)
        self.plans.fade(people)
        self.came.fade(days)
        self.opened.fade(days)

    def _seen(self) -> Floats:
        """(96,) 1 where the day was seen: until its last sign of life, the very first day from its first."""
        begins = quarter_of(self._local(self._first)) if not self.came.of else 0
        seen = np.zeros(QUARTERS)
        seen[begins : quarter_of(self._local(self._last)) + 1] = 1.0
        return seen

    def _local(self, at: float) -> datetime:
        return datetime.fromtimestamp(at, self._zone)
