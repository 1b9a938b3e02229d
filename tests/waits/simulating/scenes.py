"""Halls as the tests make them up, for the simulation."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from dispatch.queues.policy import Policy
from dispatch.queues.rules import ORDINARY, Line
from dispatch.waits.simulating.scene import KINDS, Coming, Queues, Scene, Waiting, Windows
from tests.queues.people import policies

NOW = 1_000_000_000.0
HOUR = 3600.0


def queues_of(
    count: int,
    *,
    service_s: float = 600.0,
    sigma: float = 0.0,
    show: float = 1.0,
    patience_s: float = np.inf,
    edges: ArrayLike = (),
    rate: ArrayLike = (),
    mix: ArrayLike = (0, 0, 1, 0),
) -> Queues:
    """Queues that are alike; `rate` is for each period that of all of them."""
    rates = np.array(rate, dtype=np.float64).reshape(-1, 1) * np.ones(count)
    return Queues(
        service_s=np.full(count, service_s),
        sigma=np.full(count, sigma),
        minutes=np.full(count, service_s / 60),
        show=np.full(count, show),
        patience_s=np.full(count, patience_s),
        edges=np.array(edges, dtype=np.float64),
        rate=rates,
        mix=np.tile(np.array(mix, dtype=np.float64), (count, 1)),
    )


def windows_of(serves: ArrayLike, *, ends: float = NOW + 10 * HOUR) -> Windows:
    """Windows free now and open until then."""
    matrix = np.array(serves, dtype=np.bool_)
    count = len(matrix)
    return Windows(
        serves=matrix,
        pace=np.ones(matrix.shape),
        busy_since=np.full(count, np.nan),
        busy_s=np.full(count, 600.0),
        busy_sigma=np.zeros(count),
        busy_show=np.ones(count),
        shift_window=np.arange(count),
        shift_start=np.full(count, NOW),
        shift_end=np.full(count, ends),
    )


def waiting_of(queue: ArrayLike, windows: int, queues: Queues, *, came: ArrayLike | None = None) -> Waiting:
    """People here who took their numbers one a minute, the last just now."""
    of = np.array(queue, dtype=np.int64)
    n = len(of)
    place = NOW - 60.0 * np.arange(n, dtype=np.float64)[::-1]
    line = Line(
        place=place,
        classes=np.full(n, ORDINARY),
        slot=np.full(n, np.nan),
        came=place if came is None else np.array(came, dtype=np.float64),
        passed=np.zeros(n, dtype=np.int64),
        number=np.arange(1, n + 1),
    )
    own = (queues.service_s[of], queues.sigma[of], queues.minutes[of], queues.show[of])
    return Waiting(line, of, *own, callable_from=np.full((n, windows), -np.inf))


def scene_of(
    queues: Queues,
    windows: Windows,
    queue: ArrayLike = (),
    *,
    came: ArrayLike | None = None,
    probes: ArrayLike = (),
    until: float = NOW + 10 * HOUR,
    missed_s: float = 60.0,
    policy: Policy | None = None,
) -> Scene:
    """A hall with these people waiting."""
    return Scene(
        now=NOW,
        policy=policy or Policy(),
        queues=queues,
        windows=windows,
        waiting=waiting_of(queue, len(windows), queues, came=came),
        coming=Coming.nobody(),
        missed_s=missed_s,
        issues_until=until,
        probes=np.array(probes, dtype=np.float64),
    )


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Any small hall: few different moments, so that equal ones are common; everybody who can be there."""
    q, w, n, c = draw(st.tuples(st.integers(1, 3), st.integers(0, 4), st.integers(0, 9), st.integers(0, 4)))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    exact = draw(st.booleans())
    moments = NOW + 300.0 * np.arange(-12, 25)
    sigma = 0.0 if exact else 0.8

    def some(values: ArrayLike, *shape: int) -> NDArray[np.float64]:
        return np.asarray(chance.choice(np.array(values, dtype=np.float64), shape), dtype=np.float64)

    edges = NOW + 900.0 * np.arange(-1, draw(st.integers(1, 6)), dtype=np.float64)
    queues = Queues(
        service_s=some([300.0, 600.0, 900.0], q),
        sigma=np.full(q, sigma),
        minutes=some([3.0, 10.0, 10.0, 25.0], q),
        show=some([0.5, 1.0], q),
        patience_s=some([np.inf, draw(st.sampled_from([np.inf, 600.0, 3000.0]))], q),
        edges=edges,
        rate=some([0.0, 0.002, 0.01], len(edges) - 1, q),
        mix=np.tile(np.array([0.05, 0.2, 0.45, 0.3]), (q, 1)),
    )
    starts = np.sort(some(moments[:30], 3 * w).reshape(w, 3), axis=1)
    windows = Windows(
        serves=some([0, 1], w, q).astype(np.bool_),
        pace=some([1.0, 1.0, 0.5], w, q),
        busy_since=some([np.nan, NOW - 300.0, NOW - 900.0], w),
        busy_s=np.full(w, 600.0),
        busy_sigma=np.full(w, sigma),
        busy_show=some([1.0, 1.0, 0.5, 0.0], w),
        shift_window=np.repeat(np.arange(w), 2),
        shift_start=starts[:, :2].ravel(),
        shift_end=np.column_stack([starts[:, 1], starts[:, 1] + 7200.0]).ravel(),
        shift_late=np.sort(some([-300.0, 0.0, 0.0, 300.0, 1e5], 2 * w, 3), axis=1),
        shift_stays=np.sort(some([-600.0, 0.0, 300.0, 1500.0], 2 * w, 3), axis=1),
    )
    place = some(moments[:13], n)
    line = Line(
        place=place,
        classes=some([ORDINARY, ORDINARY, ORDINARY, 1, 0], n).astype(np.int64),
        slot=some([np.nan, np.nan, NOW, NOW + 1800.0], n),
        came=np.where(some([0, 1], n) > 0, place, np.nan),
        passed=some(range(5), n).astype(np.int64),
        number=chance.permutation(n) + 1,
    )
    of = some(range(q), n).astype(np.int64)
    kept = draw(st.booleans())
    waiting = Waiting(
        line=line,
        queue=of,
        service_s=some([300.0, 600.0], n),
        sigma=np.full(n, sigma),
        minutes=some([2.0, 10.0, 30.0], n),
        show=some([0.5, 1.0], n),
        callable_from=some([-np.inf, NOW + 900.0, np.inf], n, w) if kept else np.full((n, w), -np.inf),
    )
    coming = Coming(
        key=np.arange(c),
        queue=some(range(q), c).astype(np.int64),
        classes=some([ORDINARY, 1], c).astype(np.int64),
        at=some(moments, c),
        spread_s=some([0.0, 0.0 if exact else 300.0], c),
        slot=some([np.nan, NOW + 1800.0], c),
        comes=some([0.7, 1.0], c),
    )
    probes = np.unique(some(moments[12:], draw(st.integers(0, 4))))
    policy = draw(policies)
    base = scene_of(
        queues, windows, until=NOW + 7200.0, missed_s=draw(st.sampled_from([0.0, 60.0])), policy=policy
    )
    newcomers = chance.permutation(KINDS)[: draw(st.integers(0, KINDS))]
    return replace(base, waiting=waiting, coming=coming, probes=probes, newcomers=newcomers)
