"""Waits without chance: the calls that the windows' shifts promise are added up until somebody's place is reached.

A deterministic fluid with time-varying capacity, as in R. Ibrahim, W. Whitt, *Wait-time predictors for customer service
systems with time-varying demand and capacity*, Operations Research 59 (2011) 1106–1118. It needs no paths, answers at
once and is nobody's distribution: what a forecast falls back on, and a feature of those that learn.

A window that serves several queues is divided among them by the work expected from each. People in whose favour the
discipline will let others pass are counted by their expected number.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from dispatch.queues import rules
from dispatch.queues.rules import CARE, LAW, ORDINARY, Line, Seconds
from dispatch.waits.simulating.scene import Scene

STEP_S = 300.0
"""Between the moments at which the sums are formed they run straight."""


@dataclass(frozen=True, eq=False)
class Fluid:
    """`tickets` (N,) the rest of the wait of each who waits; `arrivals` (Q, G) that of somebody who joins at a probe.

    Seconds, infinite where the shifts end before her call.
    """

    tickets: Seconds
    arrivals: Seconds


def waits(scene: Scene) -> Fluid:
    """The fluid waits of everybody a scene asks for."""
    at = _moments(scene)
    calls, joined = _calls(scene, at), _joined(scene, at)
    return Fluid(_tickets(scene, at, calls, joined), _arrivals(scene, at, calls, joined))


def _moments(scene: Scene) -> Seconds:
    shifts, now = scene.windows, scene.now
    grid = np.arange(now, scene.ends + STEP_S, STEP_S)
    given = [grid, shifts.shift_start, shifts.shift_end, scene.queues.edges, scene.probes, _free(scene)]
    moments = np.unique(np.concatenate(given))
    return moments[(moments >= now) & (moments <= max(scene.ends, now + STEP_S))]


def _free(scene: Scene) -> Seconds:
    """(W,) when each window is expected to be free: the mean of a log-normal that has already lasted so long."""
    windows = scene.windows
    free = np.full(len(windows), scene.now)
    (busy,) = np.nonzero(windows.busy_since < scene.now)
    since, mean = windows.busy_since[busy], windows.busy_s[busy]
    sigma = np.maximum(windows.busy_sigma[busy], 1e-6)
    gone = (np.log((scene.now - since) / mean) + sigma**2 / 2) / sigma
    with np.errstate(invalid="ignore", divide="ignore"):
        whole = mean * ndtr(sigma - gone) / ndtr(-gone)
    free[busy] = since + np.where(np.isfinite(whole), whole, 0.0)
    (just,) = np.nonzero(windows.busy_since == scene.now)
    free[just] += windows.busy_s[just]
    taken = np.append(busy, just)
    in_vain = windows.busy_since[taken] + scene.missed_s
    show = windows.busy_show[taken]
    free[taken] = show * free[taken] + (1 - show) * in_vain
    free[free < scene.now] = scene.now
    return free


def _calls(scene: Scene, at: Seconds) -> NDArray[np.float64]:
    """(Q, T) how many calls of each queue the windows can have made by each moment."""
    windows, queues, free = scene.windows, scene.queues, _free(scene)
    starts = np.maximum(windows.shift_start, free[windows.shift_window])
    worked = np.clip(at, starts[:, None], np.maximum(starts, windows.shift_end)[:, None]) - starts[:, None]
    seconds = np.zeros((len(windows), len(at)))
    np.add.at(seconds, windows.shift_window, worked)
    first = np.full(len(windows), np.inf)
    useful = windows.shift_end > starts
    np.minimum.at(first, windows.shift_window[useful], starts[useful])
    # The call that ends the service under way is as likely sooner as later; a window yet to open calls when it does.
    since = np.where(first == free, scene.now - 1.0, first - 1.0)
    begun = np.zeros_like(seconds)
    opens = np.isfinite(first)
    first, since = first[opens, None], since[opens, None]
    begun[opens] = np.clip((at - since) / (first - since), 0.0, 1.0)
    holds = queues.show * queues.service_s * windows.pace + (1 - queues.show) * scene.missed_s
    share = _shares(scene)
    calls: NDArray[np.float64] = share.T @ begun + (share / np.maximum(holds, 1.0)).T @ seconds
    return calls


def _shares(scene: Scene) -> NDArray[np.float64]:
    """(W, Q) how much of each window each queue gets: by the work expected, spread over those who serve it."""
    queues, serves = scene.queues, scene.windows.serves
    people = (
        np.bincount(scene.waiting.queue, minlength=len(queues)) + _joined(scene, np.array([scene.ends]))[:, 0]
    )
    work = (people + 1e-6) * queues.service_s / np.maximum(serves.sum(axis=0), 1)
    load = serves * work
    total = load.sum(axis=1, keepdims=True)
    share: NDArray[np.float64] = np.divide(load, total, out=np.zeros_like(load), where=total > 0)
    return share


def _joined(scene: Scene, at: Seconds) -> NDArray[np.float64]:
    """(Q, T) how many are expected to have joined each queue by each moment."""
    queues, coming = scene.queues, scene.coming
    edges = np.clip(queues.edges, scene.now, max(scene.now, scene.issues_until))
    joined = np.zeros((len(queues), len(at)))
    for queue, rate in enumerate(queues.rate.T):
        expected = np.concatenate([[0.0], np.cumsum(rate * np.diff(edges))])
        if len(rate):
            joined[queue] = np.interp(at, edges, expected)
    np.add.at(joined, coming.queue, coming.comes[:, None] * (np.maximum(coming.at, scene.now)[:, None] <= at))
    return joined


def _tickets(scene: Scene, at: Seconds, calls: NDArray[np.float64], joined: NDArray[np.float64]) -> Seconds:
    queue, places = scene.waiting.queue, rules.virtual_places(scene.waiting.line, scene.policy)
    ahead = np.zeros(len(queue))
    for each in np.unique(queue):
        (members,) = np.nonzero(queue == each)
        ahead[members[rules.rank(scene.waiting.line[members], scene.policy)]] = np.arange(len(members))
    passing = np.zeros((len(queue), len(at)))
    for kind, start in enumerate(_head_starts(scene)):
        until = np.minimum(at, (places + start)[:, None])
        for each in np.unique(queue):
            here = queue == each
            before = np.interp(until[here], at, joined[each])
            passing[here] += scene.queues.mix[each, kind] * before
    return _reached(at, calls[queue] - passing, ahead + 1.0, np.zeros(len(queue), dtype=np.intp)) - scene.now


def _head_starts(scene: Scene) -> Seconds:
    """By how much each kind of the unannounced stands before its coming."""
    zeros = np.zeros(4)
    classes = np.array([LAW, CARE, ORDINARY, ORDINARY])
    whole = np.zeros(4, dtype=np.int64)
    return -rules.virtual_places(Line(zeros, classes, zeros * np.nan, zeros, whole, whole), scene.policy)


def _arrivals(scene: Scene, at: Seconds, calls: NDArray[np.float64], joined: NDArray[np.float64]) -> Seconds:
    """Where no line is left she walks up; behind a line of L people she is called L + 1 calls later."""
    queues, asked = len(scene.queues), len(scene.probes)
    waiting = np.bincount(scene.waiting.queue, minlength=queues)
    surplus = waiting[:, None] + joined - calls
    line = surplus - np.minimum(np.minimum.accumulate(surplus, axis=1), 0.0)
    from_here = np.tile(np.searchsorted(at, np.minimum(scene.probes, at[-1])), queues)
    queue = np.repeat(np.arange(queues), asked)
    ahead = line[queue, from_here]
    wanted = calls[queue, from_here] + ahead + np.minimum(ahead, 1.0)
    reached = _reached(at, calls[queue], wanted, from_here)
    wait: Seconds = np.maximum(reached, at[from_here]) - at[from_here]
    return wait.reshape(queues, asked)


def _reached(
    at: Seconds, calls: NDArray[np.float64], wanted: NDArray[np.float64], first: NDArray[np.intp]
) -> Seconds:
    """(n,) when each row of (n, T) calls comes to what is wanted, from this moment on; infinite for never."""
    enough = (calls >= wanted[:, None] - 1e-9) & (np.arange(len(at)) >= first[:, None])
    index = enough.argmax(axis=1)
    rows = np.arange(len(wanted))
    before = np.maximum(index - 1, first)
    low, high = calls[rows, before], calls[rows, index]
    part = np.divide(wanted - low, high - low, out=np.ones(len(rows)), where=high > low)
    reached: Seconds = at[before] + np.clip(part, 0.0, 1.0) * (at[index] - at[before])
    return np.where(enough.any(axis=1), reached, np.inf)
