"""The simulation in plain words, by the very functions that call people: what the compiled one must equal.

Whoever asks "how long, if I joined then?" stands in line as a ghost: she is passed over by all, and noted at the
moment when a window would have called her, had she alone been there besides the others. So one run tells every such
wait, and each is the wait of a real further person until her call: such waits are read at their moment of arrival, as
*virtual waits* are in J. S. Smith, B. L. Nelson, *Estimating and interpreting the waiting time for customers arriving
to a non-stationary queueing system*, Winter Simulation Conference 2015, 2610–2621. Somebody who waits now and will
give up goes on as a ghost as well: she is told the wait of staying.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dispatch.queues import rules
from dispatch.queues.rules import ORDINARY, Line, Mask, Seconds, Whole
from dispatch.waits.simulating.casting import CLASSES, Cast
from dispatch.waits.simulating.scene import FROM_AFAR, Scene


@dataclass(frozen=True, eq=False)
class Calls:
    """What became of everybody in each path.

    `called`: (paths, R + Q·(G + K)) when each of the cast is called, then, queue by queue, each probe and each
    newcomer; infinite for never.
    `window`: (paths, R) by which, −1 for by none. Of those who gave up, `called` is when they would have been.
    """

    called: Seconds
    window: NDArray[np.int16]


@dataclass(eq=False)
class _Path:
    """One path of a cast and its probes, everybody in one array."""

    scene: Scene
    line: Line
    queue: Whole
    minutes: NDArray[np.float64]
    joins: Seconds
    leaves: Seconds
    holds: Seconds
    shows: Mask
    begins: Seconds
    may_go: Seconds
    stays: Seconds
    free: Seconds
    real: int
    called: Seconds = field(init=False)
    window: NDArray[np.int16] = field(init=False)

    def __post_init__(self) -> None:
        self.called = np.full(len(self.line), np.inf)
        self.window = np.full(self.real, -1, dtype=np.int16)


def play(scene: Scene, cast: Cast) -> Calls:
    """Play every path of the cast to the end of the last shift."""
    played = [_play(_path(scene, cast, index)) for index in range(cast.paths)]
    return Calls(np.array([path.called for path in played]), np.array([path.window for path in played]))


def _path(scene: Scene, cast: Cast, index: int) -> _Path:
    queues, line, kinds = len(scene.queues), cast.line(index), scene.newcomers
    at = np.tile(np.append(scene.probes, np.full(len(kinds), scene.now)), queues)
    classes = np.tile(np.append(np.full(len(scene.probes), ORDINARY), CLASSES[kinds]), queues)
    away = np.tile(np.append(np.zeros(len(scene.probes), dtype=bool), kinds == FROM_AFAR), queues)
    first = int(line.number.max(initial=0)) + 1
    return _Path(
        scene=scene,
        line=Line(
            place=np.append(line.place, at),
            classes=np.append(line.classes, classes),
            slot=np.append(line.slot, np.full(len(at), np.nan)),
            came=np.append(line.came, np.where(away, np.nan, at)),
            passed=np.append(line.passed, np.zeros(len(at), dtype=np.int64)),
            number=np.append(line.number, first + np.arange(len(at))),
        ),
        queue=np.append(cast.queue, np.repeat(np.arange(queues), scene.asked)),
        minutes=np.append(cast.minutes, np.repeat(scene.queues.minutes, scene.asked)),
        joins=np.append(cast.joins[index], at),
        leaves=np.append(
            cast.leaves[index] if cast.leaves.size else np.full(len(cast), np.inf), np.full(len(at), -np.inf)
        ),
        holds=cast.takes[index],
        shows=cast.shows[index],
        begins=cast.begins[index],
        may_go=cast.may_go[index],
        stays=cast.stays[index].copy(),
        free=cast.frees[index].copy(),
        real=len(cast),
    )


def _play(path: _Path) -> _Path:
    """Go from moment to moment: all that happens at one is seen before anybody is called."""
    scene = path.scene
    wakes = scene.waiting.callable_from[np.isfinite(scene.waiting.callable_from)]
    moments = np.concatenate([path.joins, path.begins, path.may_go, wakes])
    now = scene.now
    while now < scene.ends:
        for window in range(len(scene.windows)):
            while path.free[window] <= now and (shift := _shift(path, window, now)) is not None:
                if not _call(path, window, now):
                    if now >= path.may_go[shift]:
                        path.stays[shift] = now
                    break
        ahead = np.concatenate([moments, path.free])
        now = float(ahead[ahead > now].min(initial=np.inf))
    return path


def _shift(path: _Path, window: int, now: float) -> int | None:
    """The shift under way."""
    hers = path.scene.windows.shift_window == window
    under_way = np.flatnonzero(hers & (path.begins <= now) & (now < path.stays))
    return int(under_way[0]) if len(under_way) else None


def _call(path: _Path, window: int, now: float) -> bool:
    """Note the ghosts whom this window would call now, then call whoever is first; whether anybody is there."""
    scene, everybody = path.scene, np.arange(len(path.line))
    may = (path.joins <= now) & np.isinf(path.called) & scene.windows.serves[window, path.queue]
    may[: len(scene.waiting)] &= scene.waiting.callable_from[:, window] <= now
    real = may & (path.leaves > now)
    ghosts = may & ~real & ((everybody < len(scene.waiting)) | (everybody >= path.real))
    noted = [
        ghost
        for ghost in np.flatnonzero(ghosts)
        if _first(path, np.append(everybody[real], ghost), now) == ghost
    ]
    path.called[noted] = now
    if not real.any():
        return False
    first = _first(path, everybody[real], now)
    own_line = everybody[(real | ghosts) & (path.queue == path.queue[first])]
    passed = rules.passed_by(path.line[own_line], int(np.flatnonzero(own_line == first)[0]))
    path.line.passed[own_line[passed]] += 1
    path.called[first], path.window[first] = now, window
    pace = scene.windows.pace[window, path.queue[first]]
    path.free[window] = now + (path.holds[first] * pace if path.shows[first] else scene.missed_s)
    return True


def _first(path: _Path, among: Whole, now: float) -> int:
    order, _ = rules.rank_lines(
        path.line[among], path.queue[among], path.minutes[among], now, path.scene.policy
    )
    return int(among[order[0]])
