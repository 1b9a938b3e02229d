"""When each window will call for the rest of the day, as far as anybody can say now. Pure, over arrays.

What is so now fades into what is to be expected: the plan, where a window is planned for, else how it was on like days,
else that it stays as it is. Chances become windows by rounding their running total, so that of five windows that are
open half of the time two or three count, not none and not all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Span = tuple[float, float]

PLANNED_FADE_S, USUAL_FADE_S = 10 * 60.0, 90 * 60.0
"""How soon what is planned, or what is usual, counts for more than what is so now."""


@dataclass(frozen=True)
class Seat:
    """A window as it stands: whether it calls now, for which queues, and what is expected of it.

    `planned` are the spans somebody is to work there, None where the day has no plan for it; `usual` (n,) the share of
    each quarter-hour in which it is open on such days, None where nobody knows.
    """

    works: bool
    queues: frozenset[str] = frozenset()
    planned: Sequence[Span] | None = None
    usual: Floats | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Shifts:
    """(S,) which window calls from when to when, in order of window and time, without overlap."""

    window: NDArray[np.int64]
    start: Floats
    end: Floats


def expected(seats: Sequence[Seat], openings: Sequence[Span], edges: Floats, now: float) -> Shifts:
    """The windows' shifts from now on.

    Args:
        seats: (W,) the windows.
        openings: what is left of the day's openings, in order, apart.
        edges: (n + 1,) the quarter-hours between now and the end of the last opening, the first holding now.
        now: the moment, in seconds.

    Returns:
        Shifts within the openings; a window that works now has one that has begun, if the hall is open.
    """
    chances = np.array([_chances(seat, edges, now) for seat in seats]).reshape(len(seats), len(edges) - 1)
    works = _rounded(chances, seats)
    found = [
        (window, start, end)
        for window in range(len(seats))
        for start, end in _within(_runs(works[window], edges), openings, now)
    ]
    window, start, end = zip(*found, strict=True) if found else ((), (), ())
    return Shifts(np.array(window, dtype=np.int64), np.array(start, dtype=float), np.array(end, dtype=float))


def _chances(seat: Seat, edges: Floats, now: float) -> Floats:
    """(n,) the chance that it calls, in each quarter-hour."""
    so_far = float(seat.works)
    if seat.planned is not None:
        target, fade = _covered(seat.planned, edges), PLANNED_FADE_S
    elif seat.usual is not None:
        target, fade = seat.usual, USUAL_FADE_S
    else:
        return np.full(len(edges) - 1, so_far)
    gone = np.maximum(edges[:-1] - now, 0.0)
    chances: Floats = target + (so_far - target) * np.exp(-gone / fade)
    return chances


def _covered(spans: Sequence[Span], edges: Floats) -> Floats:
    """(n,) how much of each quarter-hour the spans cover, between 0 and 1."""
    covered = np.zeros(len(edges) - 1)
    for start, end in spans:
        covered += np.clip(np.minimum(end, edges[1:]) - np.maximum(start, edges[:-1]), 0.0, None)
    shares: Floats = np.minimum(covered / np.diff(edges), 1.0)
    return shares


def _rounded(chances: Floats, seats: Sequence[Seat]) -> NDArray[np.bool_]:
    """(W, n) who calls: of windows for the same queues as many as are expected, the likeliest of that quarter-hour."""
    works = np.zeros(chances.shape, dtype=bool)
    for queues in {seat.queues for seat in seats}:
        alike = np.array([seat.queues == queues for seat in seats])
        members = chances[alike]
        rank = np.argsort(np.argsort(-members, axis=0, kind="stable"), axis=0, kind="stable")
        works[alike] = rank < np.floor(members.sum(axis=0) + 0.5)
    return works


def _runs(works: NDArray[np.bool_], edges: Floats) -> list[Span]:
    """Stretches of quarter-hours in a row."""
    turns = np.flatnonzero(np.diff(np.concatenate([[False], works, [False]]).astype(np.int8)))
    return [
        (float(edges[start]), float(edges[end])) for start, end in zip(turns[::2], turns[1::2], strict=True)
    ]


def _within(runs: Sequence[Span], openings: Sequence[Span], now: float) -> list[Span]:
    cut = [
        (max(start, opens, now), min(end, closes))
        for start, end in runs
        for opens, closes in openings
        if max(start, opens, now) < min(end, closes)
    ]
    assert all(before[1] <= after[0] for before, after in pairwise(cut))
    return cut
