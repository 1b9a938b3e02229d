"""What the halls of a city have in common: where a new one starts from, and what little data are drawn towards."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from dispatch.learning import durations, plans_kept, shows
from dispatch.learning.arrivals import ArrivalRates
from dispatch.learning.day_sums import DAYS, DaySums
from dispatch.learning.durations import Durations, ServiceTimes
from dispatch.learning.knowing import Known
from dispatch.learning.learner import Learner
from dispatch.learning.local_time import CLASSES, QUARTER_S
from dispatch.learning.openings import COUNTED, OpenShares
from dispatch.learning.plans_kept import PlansKept, PlansSums
from dispatch.learning.shows import Calls, Shows

PEOPLE, OPEN = "people", "open"
QUEUE_DAYS, WINDOW_DAYS = "queue days", "window days"


class Pool:
    """The sums of all halls, without regard to queues, windows and clerks."""

    def __init__(self, told: Mapping[str, Any] | None = None) -> None:
        told = told or {}
        self._durations, self._calls = Durations(told.get("durations")), Calls(told.get("calls"))
        self._plans = PlansSums(told.get("plans"))
        self._days = DaySums(told.get("days"))

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "durations": self._durations.plain(),
            "calls": self._calls.plain(),
            "plans": self._plans.plain(),
            "days": self._days.plain(),
        }

    def add(self, learner: Learner) -> None:
        """Add what one hall has shown."""
        self._durations.merge(learner.durations)
        self._calls.merge(learner.calls)
        self._plans.merge(learner.plans)
        self._add(learner.came, PEOPLE, QUEUE_DAYS, lambda name: True)
        self._add(learner.opened, OPEN, WINDOW_DAYS, lambda name: not name.startswith(COUNTED))

    def known(self, minutes: Mapping[str, float]) -> Known:
        """What is known of a hall of this city that has shown nothing yet; minutes by item, from the catalogue."""
        times = durations.learned(self._durations, ServiceTimes(catalogue=minutes))
        of = {name: replace(time, weight=0.0) for name, time in times.of.items()}
        return Known(
            times=replace(times, usual=replace(times.usual, weight=0.0), of=of),
            shows=replace(shows.learned(self._calls, Shows()), of={}),
            came=self._came(),
            opened=self._opened(),
            plans=replace(plans_kept.learned(self._plans, PlansKept()), late_of={}, stays_of={}, seen=0.0),
        )

    def _add(self, sums: DaySums, what: str, exposure: str, wanted: Callable[[str], bool]) -> None:
        names = [name for name in sums.of if name != DAYS and wanted(name)]
        for day_class in range(CLASSES):
            days = sums.at(DAYS)[day_class]
            self._days.add(exposure, day_class, len(names) * days)
            for name in names:
                self._days.add(what, day_class, sums.at(name)[day_class])

    def _came(self) -> ArrivalRates:
        """The shape of the city's days, and how many come to one queue in a day."""
        counts, days = self._days.at(PEOPLE), self._days.at(QUEUE_DAYS)
        per_class = days.max(axis=1)
        if not counts.sum():
            return ArrivalRates()
        usual = float(counts.sum() / per_class.sum())
        per_day = counts / np.maximum(per_class, 1e-9)[:, None] / usual
        mean_day = np.average(per_day, axis=0, weights=per_class)
        return ArrivalRates(shape=np.where(per_class[:, None] > 0, per_day, mean_day), usual=usual)

    def _opened(self) -> OpenShares:
        seconds, days = self._days.at(OPEN), self._days.at(WINDOW_DAYS)
        if not seconds.sum():
            return OpenShares()
        mean_day = seconds.sum(axis=0) / np.maximum(days.sum(axis=0), 1e-9)
        shares = np.where(days > 0, seconds / np.maximum(days, 1e-9), mean_day) / QUARTER_S
        return OpenShares(usual=np.clip(shares, 0.0, 1.0))
