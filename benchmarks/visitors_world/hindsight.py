"""A world's own parameters put into a scene, one kind at a time: what there still is to learn, were it all known.

Nothing here reaches a forecast that is measured against a goal. What is left with everything known is chance: how
long this one takes, who comes in this very quarter of an hour.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import numpy as np

from benchmarks.visitors_world.days import ITEMS, ZONE, Desk, HallDay
from dispatch.waits.simulating.scene import Scene

Hindsight = Callable[[Scene, HallDay], Scene]
WALK_S = 15.0
"""From the call to the window, in the mean."""


def as_learned(scene: Scene, _: HallDay) -> Scene:
    """Nothing but what the log has taught."""
    return scene


def services(scene: Scene, day: HallDay) -> Scene:
    """How long each item takes, how much that varies, and how fast each clerk is."""
    waiting, windows = scene.waiting, scene.windows
    spread = day.parameters.spread
    desks = list(day.desks.values())
    slow = np.array([desk.slowness for desk in desks])
    items = [person.items[0]["item"] for person in day.waiting]
    at_windows = [desk.serving.items[0]["item"] if desk.serving else None for desk in desks]
    busy = np.array([60.0 if item is None else _mean_s(day, item) for item in at_windows])
    of_queues = [_mixed(day, queue) for queue in ITEMS]
    return replace(
        scene,
        waiting=replace(
            waiting,
            service_s=np.array([_mean_s(day, item) for item in items]),
            sigma=np.full(len(waiting), spread),
        ),
        queues=replace(
            scene.queues,
            service_s=np.array([mean for mean, _ in of_queues]),
            sigma=np.array([sigma for _, sigma in of_queues]),
        ),
        windows=replace(
            windows,
            pace=np.repeat(slow[:, None], len(ITEMS), axis=1),
            busy_s=busy * slow,
            busy_sigma=np.full(len(slow), spread),
        ),
    )


def arrivals(scene: Scene, day: HallDay) -> Scene:
    """How many are to be expected in each quarter of an hour of this very day."""
    edges = scene.queues.edges
    middle = [datetime.fromtimestamp(at, ZONE) for at in (edges[:-1] + edges[1:]) / 2]
    rate = np.array([[day.per_s(queue, at) for queue in ITEMS] for at in middle])
    return replace(scene, queues=replace(scene.queues, rate=rate.reshape(len(middle), len(ITEMS))))


def rosters(scene: Scene, day: HallDay) -> Scene:
    """How late clerks may open, how long they stay, how long they rest."""
    shifts = [
        (window, *shift)
        for window, desk in enumerate(day.desks.values())
        for shift in _shifts(day, desk, scene.now)
    ]
    window, start, end, late, stays = zip(*shifts, strict=True) if shifts else ((),) * 5
    windows = replace(
        scene.windows,
        shift_window=np.array(window, dtype=np.int64),
        shift_start=np.array(start, dtype=float),
        shift_end=np.array(end, dtype=float),
        shift_late=np.array([(0.0, each) for each in late]).reshape(len(shifts), 2),
        shift_stays=np.array(stays, dtype=float).reshape(len(shifts), 1),
    )
    return replace(scene, windows=windows)


def everything(scene: Scene, day: HallDay) -> Scene:
    """All three."""
    return rosters(arrivals(services(scene, day), day), day)


KNOWING: Mapping[str, Hindsight] = {
    "what the log has taught": as_learned,
    "services and clerks": services,
    "arrivals": arrivals,
    "how rosters are kept": rosters,
    "all of these": everything,
}


def _mean_s(day: HallDay, item: str) -> float:
    return 60 * day.parameters.mean_minutes(item) + WALK_S


def _mixed(day: HallDay, queue: str) -> tuple[float, float]:
    """The log-normal time with the mean and variance of a queue's items together."""
    weights = [day.parameters.weights[item] for item in ITEMS[queue]]
    means = np.array([_mean_s(day, item) for item in ITEMS[queue]])
    mean = float(np.average(means, weights=weights))
    square = float(np.average(means**2, weights=weights)) * math.exp(day.parameters.spread**2)
    return mean, math.sqrt(math.log(square / mean**2))


def _shifts(day: HallDay, desk: Desk, now: float) -> list[tuple[float, float, float, float]]:
    """Start, end, how much later it may begin, and for how long she stays; of whoever works now from now on."""
    overtime_s, (early_s, late_s) = 60 * day.parameters.overtime_min, day.parameters.stagger_s
    rest_s = 60 * max(day.parameters.rest_min)
    works, shifts = desk.state == "open", []
    for start, end in desk.post.spans:
        begins, ends = day.midnight + 3600 * start, day.midnight + 3600 * end
        if now >= ends:
            if works and now < ends + overtime_s:
                shifts.append((now, now, 0.0, ends + overtime_s - now))
        elif works and now >= begins + early_s:
            shifts.append((now, ends, 0.0, overtime_s))
        elif now >= begins + late_s or (desk.state == "paused" and now >= begins):
            shifts.append((now, ends, rest_s, overtime_s))
        else:
            first = max(begins + early_s, now)
            shifts.append((first, ends, max(begins + late_s - first, 0.0), overtime_s))
    return shifts
