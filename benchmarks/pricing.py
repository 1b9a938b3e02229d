"""What it costs to price a hall: everybody who waits and whoever would join until closing, by one play of 64 paths.

CPU time of one process, as a table of milliseconds; beside it, measured in turns in the same run, a fixed piece of
numpy work and, for one path of the large hall, the plain rule. Apart from it, what it costs to make a scene of a hall
that was read from its tables.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np

from dispatch.halls.models import Hall, Queue, Window
from dispatch.learning.knowing import Known
from dispatch.queues.policy import Policy
from dispatch.queues.rules import CARE, LAW, ORDINARY, Line
from dispatch.tickets.lines import Place
from dispatch.tickets.minutes import Minutes
from dispatch.waits.scenes import NEWCOMERS, scene_of
from dispatch.waits.simulating import kernel, reading, rule
from dispatch.waits.simulating.casting import PATHS, Cast, cast
from dispatch.waits.simulating.scene import Coming, Queues, Scene, Waiting, Windows
from dispatch.waits.standing import Served, Standing

NOW, HOUR = 1_000_000_000.0, 3600.0
HOURS = 6
SERVICE_S, SIGMA, SHOW, LOAD = 600.0, 0.7, 0.93, 0.85
MANY = 200
"""Runs in a row, after which the process may not have grown."""


@dataclass(frozen=True)
class Size:
    """A hall: so many wait, for so many queues, at so many windows; `share` of a city's halls are like it."""

    name: str
    waiting: int
    windows: int
    queues: int
    share: float


LARGE = Size("large", 150, 20, 5, 0.05)
CITY = (Size("small", 4, 3, 2, 0.55), Size("middle", 20, 6, 3, 0.3), Size("big", 60, 12, 4, 0.1), LARGE)


def measure(rounds: int) -> Sequence[Mapping[str, object]]:
    """The large hall, the mean hall of a city at its peak, the plain rule, and what memory was kept."""
    scenes = {size.name: hall(size) for size in CITY}
    standing = {size.name: as_read(size) for size in CITY}
    _price(scenes[LARGE.name])
    spent: dict[str, list[float]] = {name: [] for name in (*scenes, "numpy", "plain", "compiled", "scene")}
    work = np.random.default_rng(1).random(200_000)
    once = cast(scenes[LARGE.name], 1)
    for _ in range(rounds):
        spent["numpy"].append(cpu_ms(partial(np.sort, work), 5))
        for name, scene in scenes.items():
            spent[name].append(cpu_ms(partial(_price, scene), 5))
        made = {name: cpu_ms(partial(scene_of, each), 5) for name, each in standing.items()}
        spent["scene"].append(sum(size.share * made[size.name] for size in CITY))
        spent["plain"].append(cpu_ms(partial(rule.play, scenes[LARGE.name], once), 1))
        spent["compiled"].append(cpu_ms(partial(_per_path, scenes[LARGE.name]), 5))
    mean = [sum(size.share * spent[size.name][nth] for size in CITY) for nth in range(rounds)]
    grown = _grown_mb(scenes[LARGE.name])
    return [
        *(
            _row(f"{size.name} hall, {size.waiting} waiting", spent[size.name], spent["numpy"])
            for size in CITY[:-1]
        ),
        _row("large hall, 150 waiting, 20 windows", spent[LARGE.name], spent["numpy"], goal="≤ 20 ms"),
        _row(
            "mean hall of a city at its peak",
            mean,
            spent["numpy"],
            goal="≤ 5 ms: 1,000 every 5 s on one core",
        ),
        _row("scene of the mean hall, besides", spent["scene"], spent["numpy"]),
        _row("one path, compiled / plain rule", spent["compiled"], spent["plain"], against="the plain rule"),
        {"name": f"memory after {MANY} runs more", "grown_mb": grown, "goal": "0"},
    ]


def hall(size: Size) -> Scene:
    """A busy hall with six hours to go, asked for every quarter of an hour."""
    chance = np.random.default_rng(size.waiting)
    n, w, q = size.waiting, size.windows, size.queues
    place = np.sort(NOW - chance.uniform(0, HOUR, n))
    line = Line(
        place=place,
        classes=chance.choice([LAW, CARE, ORDINARY], n, p=[0.01, 0.09, 0.9]),
        slot=np.full(n, np.nan),
        came=np.where(chance.random(n) < 0.2, np.nan, place),
        passed=np.zeros(n, dtype=np.int64),
        number=np.arange(1, n + 1),
    )
    of = chance.integers(0, q, n)
    serves = np.zeros((w, q), dtype=np.bool_)
    for window in range(w):
        serves[window, [window % q, (window + 1) % q]] = True
    edges = NOW + HOUR / 4 * np.arange(4 * HOURS + 1, dtype=np.float64)
    queues = Queues(
        service_s=np.full(q, SERVICE_S),
        sigma=np.full(q, SIGMA),
        minutes=np.full(q, SERVICE_S / 60),
        show=np.full(q, SHOW),
        patience_s=np.full(q, np.inf),
        edges=edges,
        rate=np.full((4 * HOURS, q), LOAD * w / q / SERVICE_S),
        mix=np.tile([0.01, 0.09, 0.75, 0.15], (q, 1)),
    )
    windows = Windows(
        serves=serves,
        pace=np.ones((w, q)),
        busy_since=NOW - chance.uniform(0, SERVICE_S, w),
        busy_s=np.full(w, SERVICE_S),
        busy_sigma=np.full(w, SIGMA),
        busy_show=np.ones(w),
        shift_window=np.repeat(np.arange(w), 2),
        shift_start=np.tile([NOW - HOUR, NOW + 3 * HOUR], w),
        shift_end=np.tile([NOW + 2 * HOUR, NOW + HOURS * HOUR], w),
    )
    own = (np.full(n, SERVICE_S), np.full(n, SIGMA), np.full(n, SERVICE_S / 60), np.full(n, SHOW))
    return Scene(
        now=NOW,
        policy=Policy(),
        queues=queues,
        windows=windows,
        waiting=Waiting(line, of, *own, callable_from=np.full((n, w), -np.inf)),
        coming=Coming.nobody(),
        missed_s=60.0,
        issues_until=NOW + (HOURS - 0.5) * HOUR,
        probes=edges[: 4 * HOURS - 2],
        newcomers=np.array(list(NEWCOMERS.values())),
    )


def as_read(size: Size) -> Standing:
    """Such a hall as it is read from its tables, of which nothing was learned."""
    chance, now = np.random.default_rng(size.waiting), datetime.fromtimestamp(NOW, UTC)
    codes = [str(queue) for queue in range(size.queues)]
    windows = [
        Window(
            id=str(n),
            queues=[codes[n % size.queues], codes[(n + 1) % size.queues]],
            state="open",
            lapsed=False,
            staff=str(n),
        )
        for n in range(size.windows)
    ]
    waiting = [
        Place(
            id=str(n),
            queue=codes[n % size.queues],
            letter="A",
            n=n + 1,
            service_day=now.date(),
            priority="none",
            channel="web" if chance.random() < 0.2 else "kiosk",
            place=now - timedelta(seconds=chance.uniform(0, HOUR)),
            booked_for=None,
            arrived_at=None,
            reactivated=0,
            passed=0,
            kept_for=None,
            kept_until=None,
            items=[{"item": str(chance.integers(20)), "count": 1}],
        )
        for n in range(size.waiting)
    ]
    return Standing(
        place=Hall(code="H", tz="Asia/Shanghai"),
        now=now,
        policy=Policy(),
        openings=[(NOW, NOW + 2 * HOUR), (NOW + 3 * HOUR, NOW + HOURS * HOUR)],
        queues=[Queue(code=code, intake="open", intake_until=None) for code in codes],
        windows=windows,
        waiting=waiting,
        served={each.id: [Served(codes[0], [{"item": "1", "count": 1}], NOW - 200.0)] for each in windows},
        minutes=Minutes({}, {}),
        known=Known(),
        lately=dict.fromkeys(codes, LOAD * size.windows / size.queues / SERVICE_S),
    )


def _price(scene: Scene) -> reading.Reading:
    return reading.read(scene, kernel.play(scene, cast(scene, PATHS)))


def _per_path(scene: Scene) -> rule.Calls:
    drawn: Cast = cast(scene, 1)
    return kernel.play(scene, drawn)


def cpu_ms(work: Callable[[], object], times: int) -> float:
    """Milliseconds of this process, in the mean of so many times."""
    begun = process_time()
    for _ in range(times):
        work()
    return (process_time() - begun) * 1000 / times


def _row(
    name: str,
    ours: Sequence[float],
    theirs: Sequence[float],
    *,
    against: str = "a sort of 200,000",
    goal: str = "",
) -> dict[str, object]:
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return {
        "name": name,
        "cpu_ms": round(median(ours), 2),
        "lowest": round(min(ours), 2),
        "highest": round(max(ours), 2),
        "against": against,
        "reference_ms": round(median(theirs), 2),
        "ratio": round(median(ratios), 5),
        "goal": goal,
    }


def _grown_mb(scene: Scene) -> float:
    """By how much the process holds more after many runs than before, none of them its first."""
    for _ in range(MANY // 4):
        _price(scene)
    before = _held_mb()
    for _ in range(MANY):
        _price(scene)
    return round(_held_mb() - before, 1)


def _held_mb() -> float:
    told = Path("/proc/self/statm").read_text(encoding="ascii")
    return int(told.split()[1]) * 4096 / 2**20
