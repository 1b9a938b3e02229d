"""A scene's chances drawn: in each path who comes when, shows up, gives up, and how long she holds a window."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from dispatch.queues.rules import CARE, LAW, ORDINARY, Line, Mask, Seconds, Whole
from dispatch.waits.simulating.chances import Purpose, Whose, hash_all, uniform
from dispatch.waits.simulating.drawing import Drawn, Joining, Kinds, People, draw
from dispatch.waits.simulating.scene import Scene

PATHS = 64
SEED = 1
CLASSES = np.array([LAW, CARE, ORDINARY, ORDINARY])
_CAME = np.array([0.0, 0.0, 0.0, np.nan])
"""Of each kind in `Queues.mix`: its class, and what her coming adds to the moment of joining."""


@dataclass(frozen=True, eq=False)
class Cast:
    """Everybody who may be called, R people: first those who wait, then those coming, then the unannounced by queue.

    (R,): `queue`; `minutes`, as the hall takes her service to last; `number`, and the `slot` that she booked, as in
    `Line`. `starts`: (Q + 1,) where among them each queue's unannounced begin; in every path these are in order of
    joining. (paths, R): when each `joins`, infinite for never, and then nothing else is said of her; of which of
    `KINDS` she is then (`waiting` tells of those who wait); when she `leaves` unserved, or (paths, 0) where nobody
    does; whether she `shows` up when called, and the seconds that she `takes` at a window of usual pace. `frees`:
    (paths, W) when whoever is at the window is done. (paths, S): when each shift `begins`, when whoever finds nobody
    `may_go`, and until when at most she `stays` to call; in order for each window.
    """

    waiting: Line
    queue: Whole
    minutes: NDArray[np.float64]
    number: Whole
    slot: Seconds
    starts: Whole
    kind: Kinds
    joins: Seconds
    leaves: Seconds
    takes: Seconds
    shows: Mask
    frees: Seconds
    begins: Seconds
    may_go: Seconds
    stays: Seconds

    def __len__(self) -> int:
        """How many people, R."""
        return len(self.queue)

    @property
    def paths(self) -> int:
        """How many paths."""
        return len(self.joins)

    def line(self, path: int) -> Line:
        """Everybody as the discipline sees her in one path."""
        waiting, new = self.waiting, slice(len(self.waiting), None)
        joins, kind = self.joins[path, new], self.kind[path, new]
        return Line(
            place=np.append(waiting.place, joins),
            classes=np.append(waiting.classes, CLASSES[kind]),
            slot=self.slot,
            came=np.append(waiting.came, joins + _CAME[kind]),
            passed=np.append(waiting.passed, np.zeros(len(joins), dtype=np.int64)),
            number=self.number,
        )


def cast(scene: Scene, paths: int = PATHS, seed: int = SEED) -> Cast:
    """Draw this many paths. The same seed gives the same person the same chances, whatever else is in the scene."""
    waiting, coming, queues = scene.waiting, scene.coming, scene.queues
    joining = _joining(scene, len(waiting) + len(coming))
    unannounced = np.repeat(np.arange(len(queues)), np.diff(joining.starts))
    people = _people(scene, unannounced, joining.starts)
    new = people.queue[len(waiting) :]
    drawn = _nothing_drawn(scene, paths, seed, len(people.queue))
    draw(seed, people, joining, queues.patience_s, drawn)
    last = int(waiting.line.number.max(initial=0))
    begins, may_go, stays = _shifts(scene, paths, seed)
    return Cast(
        waiting=waiting.line,
        queue=people.queue,
        minutes=np.append(waiting.minutes, queues.minutes[new]),
        number=np.append(waiting.line.number, last + 1 + np.arange(len(new))),
        slot=np.concatenate([waiting.line.slot, coming.slot, np.full(len(unannounced), np.nan)]),
        starts=joining.starts,
        kind=drawn.kind,
        joins=drawn.joins,
        leaves=drawn.leaves,
        takes=drawn.takes,
        shows=drawn.shows,
        frees=_frees(scene, paths, seed),
        begins=begins,
        may_go=may_go,
        stays=stays,
    )


def _joining(scene: Scene, first: int) -> Joining:
    """Room for as many of the unannounced as come in a billion paths but one; they begin at `first`."""
    queues = scene.queues
    edges = np.clip(queues.edges, scene.now, max(scene.now, scene.issues_until))
    expected = np.zeros((len(queues.rate) + 1, len(queues)))
    if len(queues.rate):
        np.cumsum(queues.rate * np.diff(edges)[:, None], axis=0, out=expected[1:])
    total = expected[-1]
    most = np.where(total > 0, total + 6 * np.sqrt(total) + 6, 0.0).astype(np.int64)
    starts = first + np.concatenate([[0], np.cumsum(most)])
    return Joining(edges, queues.rate, expected, starts, np.cumsum(queues.mix, axis=1))


def _people(scene: Scene, unannounced: Whole, starts: Whole) -> People:
    waiting, coming, of = scene.waiting, scene.coming, scene.queues
    new = np.concatenate([coming.queue, unannounced])
    nth = starts[0] + np.arange(len(unannounced)) - starts[unannounced]
    key = np.concatenate([waiting.line.number, coming.key, unannounced << 32 | nth])
    sigma = np.concatenate([waiting.sigma, of.sigma[new]])
    service_s = np.concatenate([waiting.service_s, of.service_s[new]])
    return People(
        whose=np.cumsum([0, len(waiting), len(coming), len(unannounced)]),
        key=hash_all(key, np.empty(len(key), dtype=np.uint64)),
        queue=np.concatenate([waiting.queue, new]),
        middle_s=service_s * np.exp(-(sigma**2) / 2),
        sigma=sigma,
        show=np.concatenate([waiting.show, of.show[new]]),
    )


def _nothing_drawn(scene: Scene, paths: int, seed: int, people: int) -> Drawn:
    """What is known before anything is drawn of the people: who waits has joined, and when those coming do."""
    kind, joins = np.zeros((paths, people), dtype=np.int8), np.empty((paths, people))
    waiting = len(scene.waiting)
    joins[:, :waiting] = scene.now
    if len(scene.coming):
        coming = slice(waiting, waiting + len(scene.coming))
        kind[:, coming] = scene.coming.classes
        joins[:, coming] = _coming(scene, paths, seed)
    leaves = np.empty(joins.shape if np.isfinite(scene.queues.patience_s).any() else (paths, 0))
    return Drawn(kind, joins, leaves, np.empty(joins.shape), np.zeros(joins.shape, dtype=np.bool_))


def _coming(scene: Scene, paths: int, seed: int) -> Seconds:
    """(paths, C) when each comes, infinite for never."""
    coming, shape = scene.coming, (paths, len(scene.coming))
    with np.errstate(divide="ignore", invalid="ignore"):
        waited = np.nan_to_num((scene.now - coming.at) / coming.spread_s, nan=-np.inf)
    late = ndtr(-waited)  # the chance, for those who come at all, that it is after now
    chance = coming.comes * late
    chance = np.divide(chance, chance + (1 - coming.comes), out=np.zeros(shape[1]), where=chance > 0)
    comes = _even(seed, Whose.COMING, coming.key, Purpose.COMES, paths) < chance
    deviate = -ndtri(late * _even(seed, Whose.COMING, coming.key, Purpose.COMES_AT, paths))
    with np.errstate(invalid="ignore"):
        at = np.fmax(coming.at + coming.spread_s * deviate, scene.now)
    return np.where(comes, at, np.inf)


def _frees(scene: Scene, paths: int, seed: int) -> Seconds:
    """A service under way lasts longer than it has: its deviate is drawn from the tail beyond what has gone.

    Whoever was called and has not come may not come at all.
    """
    windows, now = scene.windows, scene.now
    frees = np.full((paths, len(windows)), now)
    (busy,) = np.nonzero(~np.isnan(windows.busy_since))
    if not len(busy):
        return frees
    since, sigma = windows.busy_since[busy], windows.busy_sigma[busy]
    middle = np.log(windows.busy_s[busy]) - sigma**2 / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        gone = np.nan_to_num((np.log(now - since) - middle) / sigma, nan=np.inf)
        drawn = _even(seed, Whose.WINDOW, busy, Purpose.SERVICE, paths)
        frees[:, busy] = since + np.exp(middle + sigma * -ndtri(drawn * ndtr(-gone)))
    shows = _even(seed, Whose.WINDOW, busy, Purpose.SHOWS, paths) < windows.busy_show[busy]
    frees[:, busy] = np.where(shows, frees[:, busy], since + scene.missed_s)
    frees[~np.isfinite(frees)] = now  # so far beyond what it should take that nothing more is known of it
    frees[frees < now] = now
    return frees


def _shifts(scene: Scene, paths: int, seed: int) -> tuple[Seconds, Seconds, Seconds]:
    """(paths, S) when shifts begin, when they may end, and when they end at the latest, each after the other."""
    windows = scene.windows
    key = windows.shift_window << 32 | np.round(windows.shift_end / 60).astype(np.int64)
    late = _quantiles(windows.shift_late, _even(seed, Whose.SHIFT, key, Purpose.COMES_AT, paths))
    stays = _quantiles(windows.shift_stays, _even(seed, Whose.SHIFT, key, Purpose.LEAVES, paths))
    begins = windows.shift_start + late
    may_go = windows.shift_end + np.minimum(stays, 0.0)
    until = windows.shift_end + stays
    if begins.shape[1]:
        same = np.diff(windows.shift_window) == 0
        following = np.where(same, np.maximum(begins[:, 1:], may_go[:, :-1]), begins[:, 1:])
        begins[:, 1:] = following
        until[:, :-1] = np.where(same, np.minimum(until[:, :-1], following), until[:, :-1])
    begins = np.minimum(begins, until)  # who has not come by the end does not come
    return begins, np.clip(may_go, begins, until), until


def _quantiles(quantiles: Seconds, chance: Seconds) -> Seconds:
    """(paths, S) what lies below with these chances, between neighbouring quantiles in proportion."""
    below, part = np.divmod(chance * (quantiles.shape[1] - 1), 1)
    quantiles = np.broadcast_to(quantiles, (chance.shape[1], quantiles.shape[1]))
    shift, low = np.arange(len(quantiles)), below.astype(np.int64)
    least, most = quantiles[shift, low], quantiles[shift, np.minimum(low + 1, quantiles.shape[1] - 1)]
    found: Seconds = least + part * (most - least)
    return found


def _even(seed: int, whose: Whose, keys: Whole, purpose: Purpose, paths: int) -> NDArray[np.float64]:
    found = np.empty((paths, len(keys)))
    uniform(seed, int(whose), keys, int(purpose), found)
    return found
