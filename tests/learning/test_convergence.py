"""How soon what is learned is near the truth, in a made-up city whose parameters are known.

`make soak T=tests/learning`, or `pytest tests/learning/test_convergence.py -m soak -s`, prints the tables.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from dispatch.learning.happenings import Happening, Kind
from dispatch.learning.knowing import Known
from dispatch.learning.learner import Learner
from dispatch.learning.local_time import CLASSES, QUARTERS, day_class
from dispatch.learning.pool import Pool
from dispatch.learning.shrinking import Floats
from tests.learning.made_up_hall import FIRST_DAY, ZONE, MadeUpHall
from tests.soak_tables import tell

DAYS = (1, 3, 10, 30)
CATALOGUE = {"A1": 5.0, "A2": 5.0, "A3": 10.0, "B1": 5.0, "B2": 5.0, "B3": 10.0}
HALLS = 8


def hall_of(seed: int) -> MadeUpHall:
    """A hall of a city: the same items, but its own pace, clerks, crowds and habits."""
    rng = np.random.default_rng(1000 + seed)
    usual = MadeUpHall()
    pace = rng.normal(0, 0.15)
    return replace(
        usual,
        mu={item: mu + pace + rng.normal(0, 0.1) for item, mu in usual.mu.items()},
        clerks={clerk: float(rng.normal(0, 0.18)) for clerk in usual.clerks},
        per_day={queue: people * float(rng.uniform(0.4, 1.1)) for queue, people in usual.per_day.items()},
        show={False: float(rng.uniform(0.85, 0.97)), True: float(rng.uniform(0.55, 0.8))},
        missed_s=float(rng.uniform(60, 130)),
    )


class RawMeans:
    """What whoever keeps plain means would know: of each cell its mean, of one without data everybody's."""

    def __init__(self) -> None:
        self._called: dict[str, Happening] = {}
        self.logs: dict[tuple[str, ...], list[float]] = defaultdict(list)
        self.came: dict[tuple[str, bool], list[float]] = defaultdict(list)
        self.count: dict[str, Any] = defaultdict(lambda: np.zeros((CLASSES, QUARTERS)))
        self.days = np.zeros(CLASSES)

    def see(self, happening: Happening) -> None:
        if happening.kind is Kind.CALLED:
            self._called[happening.ticket] = happening
        elif happening.kind is Kind.FINISHED:
            log = float(np.log(happening.at - self._called[happening.ticket].at))
            for key in ((), (happening.item,), (happening.item, happening.clerk)):
                self.logs[key].append(log)
            self.came[happening.queue, happening.remote].append(1.0)
        elif happening.kind is Kind.MISSED:
            self.came[happening.queue, happening.remote].append(0.0)

    def mu(self, item: str, clerk: str) -> float:
        """The mean of the finest cell that has anything in it."""
        for key in ((item, clerk), (item,), ()):
            if self.logs[key]:
                return float(np.mean(self.logs[key]))
        return float(np.log(600))

    def show(self, queue: str, remote: bool) -> float:
        return float(np.mean(self.came[queue, remote] or [1.0]))


def cells(hall: MadeUpHall) -> Iterable[tuple[str, str, int, float]]:
    """Every item with every clerk who may serve it, before and after noon, and the true mean of the logarithm."""
    for item, mu in hall.mu.items():
        for clerk, late in hall.clerks.items():
            if hall.queue_of(item) in hall.serves(clerk):
                yield item, clerk, 10, mu + late
                yield item, clerk, 15, mu + late + hall.afternoon


def error_of_services(hall: MadeUpHall, known: Known, raw: RawMeans) -> tuple[float, float]:
    """Root mean square errors of log seconds over all cells, weighted by how often an item is asked for."""
    weight = np.array([hall.share[item] for item, *_ in cells(hall)])
    ours = np.array([known.service(item, clerk, hour).mu - mu for item, clerk, hour, mu in cells(hall)])
    plain = np.array([raw.mu(item, clerk) - mu for item, clerk, _, mu in cells(hall)])
    return _rms(ours, weight), _rms(plain, weight)


def error_of_shows(hall: MadeUpHall, known: Known, raw: RawMeans) -> tuple[float, float]:
    """Root mean square errors of the share that comes."""
    groups = [(queue, remote) for queue in hall.per_day for remote in (False, True)]
    ours = np.array([known.show(queue, remote) - hall.show[remote] for queue, remote in groups])
    plain = np.array([raw.show(queue, remote) - hall.show[remote] for queue, remote in groups])
    return _rms(ours), _rms(plain)


def error_of_arrivals(
    hall: MadeUpHall, known: Known, counts: Mapping[str, Floats], days: Floats
) -> tuple[float, float]:
    """Absolute errors of expected people per quarter-hour, as shares of all people, over all kinds of weekdays."""
    ours = plain = people = 0.0
    for queue in hall.per_day:
        overall = counts[queue].sum(axis=0) / days.sum()
        rates = known.came.at(queue)
        for kind in range(CLASSES):
            true = hall.per_quarter(queue, kind)
            raw = counts[queue][kind] / days[kind] if days[kind] else overall
            ours += float(np.abs((np.zeros(QUARTERS) if rates is None else rates[kind]) - true).sum())
            plain += float(np.abs(raw - true).sum())
            people += float(true.sum())
    return ours / people, plain / people


def _rms(errors: Any, weight: Any = None) -> float:  # noqa: ANN401 - arrays
    return float(np.sqrt(np.average(errors**2, weights=weight)))


def learn(hall: MadeUpHall, before: Known, seed: int) -> dict[tuple[int, str], tuple[float, float]]:
    """The errors, ours and of plain means, after so many days."""
    rng = np.random.default_rng(seed)
    learner, raw = Learner(ZONE), RawMeans()
    counts: dict[str, Any] = defaultdict(lambda: np.zeros((CLASSES, QUARTERS)))
    found = {}
    for nth in range(max(DAYS)):
        day = FIRST_DAY + timedelta(days=nth)
        for happening in hall.day(day, rng):
            learner.see(happening)
            raw.see(happening)
            if happening.kind is Kind.ISSUED:
                quarter = int((happening.at - _midnight(nth)) // 900)
                counts[happening.queue][_kind(nth)][quarter] += 1
        if nth + 1 in DAYS:
            days = np.bincount([_kind(each) for each in range(nth + 1)], minlength=CLASSES).astype(float)
            over = Learner(ZONE, learner.plain())
            over.see(Happening(_midnight(nth + 1) + 60, Kind.CLOSED, "hall", window="none"))
            known = over.known("hall", before)
            found[nth + 1, "service, log seconds"] = error_of_services(hall, known, raw)
            found[nth + 1, "share that comes"] = error_of_shows(hall, known, raw)
            found[nth + 1, "arrivals, share of people"] = error_of_arrivals(hall, known, counts, days)
            missed = abs(known.missed_cost_s - hall.missed_s) / hall.missed_s
            found[nth + 1, "cost of a missed call, relative"] = missed, float("nan")
    return found


def _midnight(nth: int) -> float:
    return datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=ZONE).timestamp() + 86_400 * nth


def _kind(nth: int) -> int:
    return day_class(FIRST_DAY + timedelta(days=nth))


@pytest.mark.soak
@pytest.mark.parametrize("start", ["catalogue", "city"])
def test_what_is_learned_comes_near_the_truth_sooner_than_plain_means(start: str) -> None:
    """A hall in a city that knows nothing yet, and one in a city whose other halls have been learned for ten days."""
    pool = Pool()
    if start == "city":
        for seed in range(HALLS):
            learner = Learner(ZONE)
            for happening in hall_of(100 + seed).days(11, seed):
                learner.see(happening)
            pool.add(learner)
    before = pool.known(CATALOGUE)
    runs = [learn(hall_of(seed), before, seed) for seed in range(HALLS)]
    rows = []
    for days, what in runs[0]:
        ours, plain = (float(np.mean([run[days, what][which] for run in runs])) for which in (0, 1))
        told = {"figure": what, "days": days, "learned": f"{ours:.3f}"}
        rows.append({**told, "plain means": "–" if np.isnan(plain) else f"{plain:.3f}"})
        if days <= 10 and not np.isnan(plain):
            assert ours < plain, (days, what)
    tell(f"learning from the {start}", sorted(rows, key=lambda row: (row["figure"], row["days"])))
    for what in {what for _, what in runs[0]}:
        errors = [np.mean([run[days, what][0] for run in runs]) for days in (1, 10)]
        assert errors[1] < errors[0], what
