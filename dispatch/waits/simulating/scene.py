"""All that playing one hall forward depends on, as plain arrays: no tables, no names, nothing to look up.

Moments are Unix seconds; what ends in `_s` are seconds; chances lie between 0 and 1. Queues and windows are known by
their index, 0 ≤ queue < Q and 0 ≤ window < W; whoever builds a scene remembers which is which.

A service is log-normal: with mean m and `sigma` s, the standard deviation of its logarithm, it takes m·exp(s·z − s²/2)
seconds for a standard normal z. With a coefficient of variation v instead, s = √log(1 + v²).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dispatch.queues.policy import Policy
from dispatch.queues.rules import LAW, ORDINARY, Line, Mask, Seconds, Whole

Ratios = NDArray[np.float64]
KINDS = 4
"""Of those who come unannounced: by law, by care, ordinary and here, ordinary with a ticket taken from afar."""
BY_LAW, BY_CARE, USUAL, FROM_AFAR = range(KINDS)
LONGEST_S = 7 * 86_400.0
"""Nothing in a scene lies further from its `now` than a week."""
ON_TIME = np.zeros((1, 1))
"""Every shift to the second."""


class ImpossibleScene(ValueError):
    """No hall can stand like this; the message names the field and what is wrong with it."""


@dataclass(frozen=True, eq=False)
class Queues:
    """(Q,) how people of each queue are who have not come yet.

    `service_s`, `sigma`: their service at a window of usual pace. `minutes`: how long the hall takes that service to
    last when a window with several lines chooses among them (`rules.urgency`); what is learned may differ from it.
    `show`: the chance that somebody called comes to the window. `patience_s`: mean time until somebody leaves the line
    unserved, exponential; infinite where nobody does.
    `rate`: (P, Q) people a second who join unannounced between `edges[p]` and `edges[p + 1]`, a Poisson process;
    `edges`: (P + 1,) rising moments. `mix`: (Q, KINDS) of which kind they are; each row sums to 1.
    """

    service_s: Seconds
    sigma: Ratios
    minutes: Ratios
    show: Ratios
    patience_s: Seconds
    edges: Seconds
    rate: Ratios
    mix: Ratios

    def __len__(self) -> int:
        """How many queues, Q."""
        return len(self.service_s)


@dataclass(frozen=True, eq=False)
class Windows:
    """(W,) the windows of the hall, those closed now too if they may open before it closes.

    `serves`: (W, Q) whose calls it makes. `pace`: (W, Q) its service times in units of the usual ones, 1 where nothing
    else is known. `busy_since`: when whoever is at it was called, NaN where nobody is; `busy_s`, `busy_sigma`: how
    long her service takes from that call on; `busy_show`: the chance that she comes, 1 where she has sat down (none of
    them used where nobody is).
    It calls within its shifts only: shift k of S is `shift_window[k]`'s from `shift_start[k]` to `shift_end[k]`, in
    order of window, then start, without overlap. A window open now has a shift that has begun; lunch and a pause part
    two shifts. A service that outlasts its shift is finished.
    Few keep to the minute. `shift_late`: how many seconds after its start a shift begins; `shift_stays`: for how many
    after its end whoever then waits is still called; below 0 it begins, or ends, before. Of both (S, n) equally spaced
    quantiles, rising, or (1, n) for all shifts alike. A clerk who finds nobody after the end goes home.
    """

    serves: Mask
    pace: Ratios
    busy_since: Seconds
    busy_s: Seconds
    busy_sigma: Ratios
    busy_show: Ratios
    shift_window: Whole
    shift_start: Seconds
    shift_end: Seconds
    shift_late: Seconds = field(default_factory=lambda: ON_TIME)
    shift_stays: Seconds = field(default_factory=lambda: ON_TIME)

    def __len__(self) -> int:
        """How many windows, W."""
        return len(self.serves)


@dataclass(frozen=True, eq=False)
class Waiting:
    """(N,) whoever waits now.

    `line` is what `queues.rules` orders them by; `came` is NaN for those not here, who stay away until called.
    `line.number` is everybody's own: with it she keeps her random numbers from scene to scene.
    `queue`, `service_s`, `sigma`, `minutes`, `show`: as in `Queues`, her own.
    `callable_from`: (N, W) from when each window may call her: −inf always, inf never. For somebody kept for window k
    until t it is t at all windows but k; for what a window's staff may not serve it is inf at that window; for a place
    frozen until t it is t everywhere.
    """

    line: Line
    queue: Whole
    service_s: Seconds
    sigma: Ratios
    minutes: Ratios
    show: Ratios
    callable_from: Seconds

    def __len__(self) -> int:
        """How many wait, N."""
        return len(self.line)


@dataclass(frozen=True, eq=False)
class Coming:
    """(C,) those we know of who are not in line yet: booked, or under way.

    `key` is everybody's own and names her random numbers. As seen beforehand she comes with chance `comes`, at `at` + a
    normal deviate of `spread_s` seconds; that she has not come by now is taken into account. `slot`: what she booked,
    NaN where she did not; `classes` as in `Line`. The rest is as her queue has it.
    """

    key: Whole
    queue: Whole
    classes: Whole
    at: Seconds
    spread_s: Seconds
    slot: Seconds
    comes: Ratios

    def __len__(self) -> int:
        """How many are expected by name, C."""
        return len(self.key)

    @classmethod
    def nobody(cls) -> "Coming":
        """Nobody booked, nobody under way."""
        whole, real = np.empty(0, dtype=np.int64), np.empty(0)
        return cls(whole, whole, whole, real, real, real, real)


@dataclass(frozen=True, eq=False)
class Scene:
    """A hall as it stands at `now`, and what is expected of the rest of its day.

    `missed_s`: how long a call holds a window that nobody follows. `issues_until`: from then on nobody joins
    unannounced. `probes`: (G,) rising moments between now and then at which the wait of somebody who would join is
    asked, in each queue; she is ordinary and here, and stands behind whoever joins at the same moment. `newcomers`:
    (K,) of which other kinds somebody who joins now is asked about, in each queue.
    """

    now: float
    policy: Policy
    queues: Queues
    windows: Windows
    waiting: Waiting
    coming: Coming
    missed_s: float
    issues_until: float
    probes: Seconds
    newcomers: Whole = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __post_init__(self) -> None:
        """Refuse what cannot be: ImpossibleScene."""
        _check_times(self)
        _check_queues(self)
        _check_windows(self)
        _check_waiting(self)
        _check_coming(self)

    @property
    def asked(self) -> int:
        """How many are asked about in each queue: first the probes, then the newcomers."""
        return len(self.probes) + len(self.newcomers)

    @property
    def ends(self) -> float:
        """The moment after which no window calls."""
        windows = self.windows
        stays = windows.shift_stays.max(axis=1, initial=0.0)
        return max(self.now, float((windows.shift_end + stays).max(initial=self.now)))


def _check_times(scene: Scene) -> None:
    if not np.isfinite(scene.now):
        raise ImpossibleScene(f"now is {scene.now}")
    if not 0 <= scene.missed_s <= LONGEST_S:
        raise ImpossibleScene(f"missed_s is {scene.missed_s}")
    if not abs(scene.issues_until - scene.now) <= LONGEST_S:
        raise ImpossibleScene(f"issues_until is {scene.issues_until}, now {scene.now}")
    latest = max(scene.now, scene.issues_until)
    _reals("probes", scene.probes, (len(scene.probes),), scene.now, latest)
    _rising("probes", scene.probes)
    _indices("newcomers", scene.newcomers, len(scene.newcomers), KINDS)


def _check_queues(scene: Scene) -> None:
    queues, q = scene.queues, len(scene.queues)
    if not q:
        raise ImpossibleScene("queues: there are none")
    _service("queues", queues.service_s, queues.sigma, q)
    _reals("queues.minutes", queues.minutes, (q,), 0, LONGEST_S / 60)
    _reals("queues.show", queues.show, (q,), 0, 1)
    _reals("queues.patience_s", queues.patience_s, (q,), 1, np.inf)
    periods = len(queues.rate)
    _reals("queues.rate", queues.rate, (periods, q), 0, 10)
    _reals(
        "queues.edges", queues.edges, (periods + 1,) if periods else (len(queues.edges),), *_about(scene.now)
    )
    _rising("queues.edges", queues.edges)
    _reals("queues.mix", queues.mix, (q, KINDS), 0, 1)
    if not np.allclose(queues.mix.sum(axis=1), 1):
        raise ImpossibleScene("queues.mix: a row does not sum to 1")


def _check_windows(scene: Scene) -> None:
    windows, w = scene.windows, len(scene.windows)
    _shaped("windows.serves", windows.serves, np.bool_, (w, len(scene.queues)))
    _reals("windows.pace", windows.pace, windows.serves.shape, 0.01, 100)
    for name in ("busy_since", "busy_s", "busy_sigma", "busy_show"):
        _shaped(f"windows.{name}", getattr(windows, name), np.float64, (w,))
    busy = ~np.isnan(windows.busy_since)
    _reals("windows.busy_since", windows.busy_since[busy], (busy.sum(),), scene.now - LONGEST_S, scene.now)
    _reals("windows.busy_show", windows.busy_show[busy], (busy.sum(),), 0, 1)
    _service("windows.busy", windows.busy_s[busy], windows.busy_sigma[busy], int(busy.sum()))
    shifts = (len(windows.shift_window),)
    _indices("windows.shift_window", windows.shift_window, shifts[0], w)
    _reals("windows.shift_start", windows.shift_start, shifts, *_about(scene.now))
    _reals("windows.shift_end", windows.shift_end, shifts, *_about(scene.now))
    for name in ("shift_late", "shift_stays"):
        quantiles = getattr(windows, name)
        shape = (1 if len(quantiles) == 1 else shifts[0], *quantiles.shape[1:])
        _reals(f"windows.{name}", quantiles, shape, -LONGEST_S, LONGEST_S)
        if len(shape) != 2 or not shape[1] or (np.diff(quantiles, axis=1) < 0).any():
            raise ImpossibleScene(f"windows.{name}: no quantiles, or not rising")
    if (windows.shift_end < windows.shift_start).any():
        raise ImpossibleScene("windows.shift_end: a shift ends before it starts")
    step = np.diff(windows.shift_window)
    meets = (step == 0) & (windows.shift_start[1:] < windows.shift_end[:-1])
    if (step < 0).any() or meets.any():
        raise ImpossibleScene("windows.shift_window: shifts are not in order of window and time")


def _check_waiting(scene: Scene) -> None:
    waiting, line, n = scene.waiting, scene.waiting.line, len(scene.waiting)
    _reals("waiting.line.place", line.place, (n,), *_about(scene.now))
    _shaped("waiting.line.came", line.came, np.float64, (n,))
    _shaped("waiting.line.slot", line.slot, np.float64, (n,))
    if (line.came > scene.now).any():
        raise ImpossibleScene("waiting.line.came: somebody who waits has not come yet")
    _classes("waiting.line.classes", line.classes, n)
    _shaped("waiting.line.passed", line.passed, np.int64, (n,))
    if (line.passed < 0).any():
        raise ImpossibleScene("waiting.line.passed: somebody was passed less than never")
    _own("waiting.line.number", line.number, n)
    _indices("waiting.queue", waiting.queue, n, len(scene.queues))
    _service("waiting", waiting.service_s, waiting.sigma, n)
    _reals("waiting.minutes", waiting.minutes, (n,), 0, LONGEST_S / 60)
    _reals("waiting.show", waiting.show, (n,), 0, 1)
    _shaped("waiting.callable_from", waiting.callable_from, np.float64, (n, len(scene.windows)))
    if np.isnan(waiting.callable_from).any():
        raise ImpossibleScene("waiting.callable_from: NaN")


def _check_coming(scene: Scene) -> None:
    coming, c = scene.coming, len(scene.coming)
    _own("coming.key", coming.key, c)
    _indices("coming.queue", coming.queue, c, len(scene.queues))
    _classes("coming.classes", coming.classes, c)
    _reals("coming.at", coming.at, (c,), *_about(scene.now))
    _reals("coming.spread_s", coming.spread_s, (c,), 0, LONGEST_S)
    _reals("coming.comes", coming.comes, (c,), 0, 1)
    _shaped("coming.slot", coming.slot, np.float64, (c,))


def _about(now: float) -> tuple[float, float]:
    return now - LONGEST_S, now + LONGEST_S


def _shaped(name: str, array: NDArray[np.generic], kind: type[np.generic], shape: tuple[int, ...]) -> None:
    if array.dtype != kind or array.shape != shape:
        raise ImpossibleScene(f"{name}: {array.dtype} {array.shape}, wanted {kind.__name__} {shape}")


def _reals(name: str, array: Seconds, shape: tuple[int, ...], least: float, most: float) -> None:
    _shaped(name, array, np.float64, shape)
    if not ((array >= least) & (array <= most)).all():
        raise ImpossibleScene(f"{name}: not all between {least} and {most}")


def _service(name: str, mean: Seconds, sigma: Ratios, size: int) -> None:
    _reals(f"{name}: mean of service", mean, (size,), 1, LONGEST_S)
    _reals(f"{name}: sigma of service", sigma, (size,), 0, 3)


def _indices(name: str, array: Whole, size: int, most: int) -> None:
    _shaped(name, array, np.int64, (size,))
    if ((array < 0) | (array >= most)).any():
        raise ImpossibleScene(f"{name}: not all from 0 to {most - 1}")


def _classes(name: str, array: Whole, size: int) -> None:
    _shaped(name, array, np.int64, (size,))
    if ((array < LAW) | (array > ORDINARY)).any():
        raise ImpossibleScene(f"{name}: an unknown class")


def _own(name: str, array: Whole, size: int) -> None:
    _shaped(name, array, np.int64, (size,))
    if len(np.unique(array)) != size:
        raise ImpossibleScene(f"{name}: two people share one")


def _rising(name: str, array: Seconds) -> None:
    if (np.diff(array) <= 0).any():
        raise ImpossibleScene(f"{name}: not rising")
