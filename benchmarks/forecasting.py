"""What it costs to foretell a city at its peak, as the process that computes ahead does it: all in, hall by hall.

Between two looks, five seconds of the city's time, somebody comes to every hall and somebody is called, and once a
minute all of them are learned from: none of that is counted. Counted is the job itself, in CPU time of its process: to
see which halls have moved, to read each, to play 64 paths, to write what is told. A minute is twelve looks; in one of
them everything is read that learning has changed, later arrivals are told anew, and announcements are kept. There is no
fitted model to be asked.
"""

import gc
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks import peak_city
from benchmarks.peak_city import Place
from benchmarks.pricing import cpu_ms
from dispatch.foundation.database import Database
from dispatch.wiring import learning_halls, migrating
from dispatch.wiring.forecasting_waits import Foretelling

HALLS = 20
LOOK_S, LOOKS = 5, 12


def measure(rounds: int) -> Sequence[Mapping[str, object]]:
    """So many minutes of a city on SQLite."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'peak.db'}"
        migrating.upgrade(url)
        database = Database(url)
        found = peak_city.furnish(database, HALLS)
        job, work = Foretelling(), np.random.default_rng(1).random(200_000)
        _minute(database, job, found)  # not measured: what is compiled and kept at hand
        minutes, reference = [], []
        for _ in range(rounds):
            minutes.append(_minute(database, job, found))
            reference.append(cpu_ms(partial(np.sort, work), 20))
        database.dispose()
    first = [looks[0] for looks in minutes]
    others = [mean(looks[1:]) for looks in minutes]
    told = {
        "mean hall, all in": [mean(looks) for looks in minutes],
        "in a minute's first look": first,
        "in the others": others,
    }
    return [
        {
            "name": name,
            "cpu_ms": round(median(spent), 2),
            "lowest": round(min(spent), 2),
            "highest": round(max(spent), 2),
            "against": "a sort of 200,000",
            "reference_ms": round(median(reference), 2),
            "ratio": round(median(ours / theirs for ours, theirs in zip(spent, reference, strict=True)), 3),
            "goal": "≤ 5 ms" if name == "mean hall, all in" else "",
        }
        for name, spent in told.items()
    ]


def _minute(database: Database, job: Foretelling, found: list[Place]) -> list[float]:
    """The CPU time of each look, in milliseconds a hall."""
    looks = []
    for look in range(LOOKS):
        peak_city.pass_time(database, timedelta(seconds=LOOK_S))
        peak_city.move(database, found)
        if look == 0:
            learning_halls.learn_halls(database)
        gc.collect()
        looks.append(cpu_ms(partial(job.forecast_waits, database), 1) / len(found))
    return looks
