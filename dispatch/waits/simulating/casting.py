"""A scene's chances drawn: in each path who comes when, shows up, gives up, and how long she holds a window."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from dispatch.queues.rules import CARE, LAW, ORDINARY, Line, Mask, Seconds, Whole
from dispatch.waits.simulating.chances import Purpose, Whose, uniform
from dispatch.waits.simulating.scene import Ratios, Scene

PATHS = 64
SEED = 1
_CLASSES = np.array([LAW, CARE, ORDINARY, ORDINARY])
_CAME = np.array([0.0, 0.0, 0.0, np.nan])
"""Of each kind in `Queues.mix`: its class, and what her coming adds to the moment of joining."""


@dataclass(frozen=True, eq=False)
class Cast:
    """Everybody who may be called, R people: first those who wait, then those coming, then the unannounced by queue.

    `queue`, `minutes`: (R,). `starts`: (Q + 1,) where among them each queue's unannounced begin; in every path these
    are in order of joining. `line` is theirs as the discipline sees it: `passed` and `number` (R,), the rest
    (paths, R). Also (paths, R): when each `joins`, infinite for never; when she `leaves` unserved; the seconds that she
    `takes` at a window of usual pace; whether she `shows` up when called. `frees`: (paths, W) when whoever is at the
    window is done.
    """

    queue: Whole
    minutes: NDArray[np.float64]
    starts: Whole
    line: Line
    joins: Seconds
    leaves: Seconds
    takes: Seconds
    shows: Mask
    frees: Seconds

    def __len__(self) -> int:
        """How many people, R."""
        return len(self.queue)

    @property
    def paths(self) -> int:
        """How many paths."""
        return len(self.joins)


@dataclass(frozen=True)
class _Part:
    """Some of the cast, (n,) or (paths, n) as there."""

    whose: Whose
    keys: Whole
    queue: Whole
    line: Line
    joins: Seconds
    service_s: Seconds
    sigma: Ratios
    minutes: Ratios
    show: Ratios


def cast(scene: Scene, paths: int = PATHS, seed: int = SEED) -> Cast:
    """Draw this many paths. The same seed gives the same person the same chances, whatever else is in the scene."""
    last = int(scene.waiting.line.number.max(initial=0))
    unannounced, starts = _unannounced(scene, paths, seed, last + len(scene.coming))
    parts = _waiting(scene, paths), _coming(scene, paths, seed, last), unannounced
    queue = np.concatenate([part.queue for part in parts])
    joins = np.hstack([part.joins for part in parts])
    return Cast(
        queue=queue,
        minutes=np.concatenate([part.minutes for part in parts]),
        starts=starts + len(scene.waiting) + len(scene.coming),
        line=Line(
            *(
                np.hstack([getattr(part.line, name) for part in parts])
                for name in ("place", "classes", "slot", "came")
            ),
            *(np.concatenate([getattr(part.line, name) for part in parts]) for name in ("passed", "number")),
        ),
        joins=joins,
        leaves=joins + np.hstack([_stays(scene, part, paths, seed) for part in parts]),
        takes=np.hstack([_takes(part, paths, seed) for part in parts]),
        shows=np.hstack(
            [uniform(seed, paths, part.whose, part.keys, Purpose.SHOWS) < part.show for part in parts]
        ),
        frees=_frees(scene, paths, seed),
    )


def _waiting(scene: Scene, paths: int) -> _Part:
    waiting, shape = scene.waiting, (paths, len(scene.waiting))
    line = waiting.line
    return _Part(
        Whose.WAITING,
        line.number,
        waiting.queue,
        Line(
            place=np.broadcast_to(line.place, shape),
            classes=np.broadcast_to(line.classes, shape),
            slot=np.broadcast_to(line.slot, shape),
            came=np.broadcast_to(line.came, shape),
            passed=line.passed,
            number=line.number,
        ),
        np.full(shape, scene.now),
        waiting.service_s,
        waiting.sigma,
        waiting.minutes,
        waiting.show,
    )


def _coming(scene: Scene, paths: int, seed: int, last: int) -> _Part:
    coming, shape = scene.coming, (paths, len(scene.coming))
    with np.errstate(divide="ignore", invalid="ignore"):
        waited = np.nan_to_num((scene.now - coming.at) / coming.spread_s, nan=-np.inf)
    late = ndtr(-waited)  # the chance, for those who come at all, that it is after now
    chance = coming.comes * late
    chance = np.divide(chance, chance + (1 - coming.comes), out=np.zeros(shape[1]), where=chance > 0)
    comes = uniform(seed, paths, Whose.COMING, coming.key, Purpose.COMES) < chance
    deviate = -ndtri(late * uniform(seed, paths, Whose.COMING, coming.key, Purpose.COMES_AT))
    with np.errstate(invalid="ignore"):
        at = np.fmax(coming.at + coming.spread_s * deviate, scene.now)
    joins = np.where(comes, at, np.inf)
    line = Line(
        place=joins,
        classes=np.broadcast_to(coming.classes, shape),
        slot=np.broadcast_to(coming.slot, shape),
        came=joins,
        passed=np.zeros(shape[1], dtype=np.int64),
        number=last + 1 + np.arange(shape[1]),
    )
    return _as_their_queues(scene, Whose.COMING, coming.key, coming.queue, line, joins)


def _unannounced(scene: Scene, paths: int, seed: int, last: int) -> tuple[_Part, Whole]:
    """A Poisson process per queue: steps of a unit process, put through the inverse of the expected number by then."""
    queues = scene.queues
    edges = np.clip(queues.edges, scene.now, max(scene.now, scene.issues_until))
    streams = []
    for index, rate in enumerate(queues.rate.T):
        expected = np.concatenate([[0.0], np.cumsum(rate * np.diff(edges))])
        most = int(expected[-1] + 6 * np.sqrt(expected[-1]) + 6) if expected[-1] > 0 else 0
        if most:
            steps = -np.log(
                uniform(seed, paths, Whose.UNANNOUNCED, index << 32 | np.arange(most), Purpose.AFTER)
            )
            joins = np.interp(np.cumsum(steps, axis=1), expected, edges, right=np.inf)
            streams.append(joins[:, : int(np.isfinite(joins).sum(axis=1).max())])
        else:
            streams.append(np.empty((paths, 0)))
    sizes = [stream.shape[1] for stream in streams]
    queue = np.repeat(np.arange(len(queues)), sizes)
    joins = np.hstack(streams)
    keys = queue << 32 | np.concatenate([np.arange(size) for size in sizes])
    drawn = uniform(seed, paths, Whose.UNANNOUNCED, keys, Purpose.KIND)
    shares = np.cumsum(queues.mix, axis=1)[queue]
    kind = sum((drawn > shares[:, upper]).astype(np.intp) for upper in range(queues.mix.shape[1] - 1))
    line = Line(
        place=joins,
        classes=_CLASSES[kind],
        slot=np.full(joins.shape, np.nan),
        came=joins + _CAME[kind],
        passed=np.zeros(len(keys), dtype=np.int64),
        number=last + 1 + np.arange(len(keys)),
    )
    return _as_their_queues(scene, Whose.UNANNOUNCED, keys, queue, line, joins), np.cumsum([0, *sizes])


def _as_their_queues(
    scene: Scene, whose: Whose, keys: Whole, queue: Whole, line: Line, joins: Seconds
) -> _Part:
    of = scene.queues
    return _Part(
        whose,
        keys,
        queue,
        line,
        joins,
        of.service_s[queue],
        of.sigma[queue],
        of.minutes[queue],
        of.show[queue],
    )


def _takes(part: _Part, paths: int, seed: int) -> Seconds:
    deviate = ndtri(uniform(seed, paths, part.whose, part.keys, Purpose.SERVICE))
    taken: Seconds = part.service_s * np.exp(part.sigma * deviate - part.sigma**2 / 2)
    return taken


def _stays(scene: Scene, part: _Part, paths: int, seed: int) -> Seconds:
    patience = scene.queues.patience_s[part.queue]
    if np.isinf(patience).all():
        return np.full((paths, len(patience)), np.inf)
    stays: Seconds = -np.log(uniform(seed, paths, part.whose, part.keys, Purpose.LEAVES)) * patience
    return stays


def _frees(scene: Scene, paths: int, seed: int) -> Seconds:
    """A service under way lasts longer than it has: its deviate is drawn from the tail beyond what has gone."""
    windows, now = scene.windows, scene.now
    frees = np.full((paths, len(windows)), now)
    (busy,) = np.nonzero(~np.isnan(windows.busy_since))
    if not len(busy):
        return frees
    since, sigma = windows.busy_since[busy], windows.busy_sigma[busy]
    middle = np.log(windows.busy_s[busy]) - sigma**2 / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        gone = np.nan_to_num((np.log(now - since) - middle) / sigma, nan=np.inf)
        drawn = uniform(seed, paths, Whose.WINDOW, busy, Purpose.SERVICE)
        frees[:, busy] = since + np.exp(middle + sigma * -ndtri(drawn * ndtr(-gone)))
    frees[~np.isfinite(frees)] = now  # so far beyond what it should take that nothing more is known of it
    frees[frees < now] = now
    return frees
