"""When each window will call for the rest of the day, as far as anybody can say now. Pure, over arrays.

A window that is planned for keeps its plan as windows of the hall have been seen to keep theirs. Of any other, what is
so now fades into how it was on like days, where that is known. Chances become windows by rounding their running total,
so that of five windows that are open half of the time two or three count, not none and not all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dispatch.learning.plans_kept import QUANTILES, STAYS_MIN, PlansKept

Floats = NDArray[np.float64]
Span = tuple[float, float]

USUAL_FADE_S = 90 * 60.0
"""How soon what is usual counts for more than what is so now."""
EARLY_S, OUTSIDE_S = 30 * 60.0, 30 * 60.0
"""Who opens so long before her time works towards it; a plan holds so long before and after the hall's hours."""
SURE = 10.0
"""Where fewer spans have been seen, nobody is expected to work outside the hall's hours."""
LONGEST_STAY_S = 60 * float(STAYS_MIN[-1])
UNPLANNED_S = 10 * 60.0
"""Whoever works beyond all that was ever seen goes on for so long."""
_ON_TIME = np.zeros(QUANTILES)


@dataclass(frozen=True)
class Seat:
    """A window as it stands: whether it calls now, for which queues, and what is expected of it.

    `planned` are the spans somebody is to work there, None where the day has no plan for it; `rests`: it is paused.
    `usual` (n,) the share of each quarter-hour in which it is open on such days, None where nobody knows.
    """

    works: bool
    queues: frozenset[str] = frozenset()
    planned: Sequence[Span] | None = None
    name: str = ""
    rests: bool = False
    usual: Floats | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Shifts:
    """(S,) which window calls from when to when, in order of window and time, without overlap.

    `late`, `stays` (S, n): quantiles of how much later it begins, and for how long it then calls who waits.
    """

    window: NDArray[np.int64]
    start: Floats
    end: Floats
    late: Floats
    stays: Floats


@dataclass(frozen=True)
class _Shift:
    start: float
    end: float
    late: Floats
    stays: Floats


def expected(
    seats: Sequence[Seat], openings: Sequence[Span], edges: Floats, now: float, plans: PlansKept
) -> Shifts:
    """The windows' shifts from now on.

    Args:
        seats: (W,) the windows.
        openings: what is left of the day's openings, in order, apart.
        edges: (n + 1,) the quarter-hours between now and the end of the last opening, the first holding now.
        now: the moment, in seconds.
        plans: how the hall's windows keep their plan.

    Returns:
        A window that works now has a shift that has begun, if the hall is open. Without a plan they lie within the
        openings, and so they do with one while little is known of how it is kept.
    """
    outside = OUTSIDE_S if plans.seen >= SURE else 0.0
    unplanned = [seat for seat in seats if seat.planned is None]
    chances = np.array([_chances(seat, edges, now) for seat in unplanned])
    works = iter(_rounded(chances.reshape(len(unplanned), len(edges) - 1), unplanned))
    found = [
        (window, shift)
        for window, seat in enumerate(seats)
        for shift in (
            _as_open(_within(_runs(next(works), edges), openings, now))
            if seat.planned is None
            else _by_plan(seat, _held(seat.planned, openings, now, outside), now, plans)
        )
    ]
    shifts = [shift for _, shift in found]
    return Shifts(
        np.array([window for window, _ in found], dtype=np.int64),
        np.array([shift.start for shift in shifts], dtype=float),
        np.array([shift.end for shift in shifts], dtype=float),
        np.array([shift.late for shift in shifts]).reshape(len(shifts), QUANTILES),
        np.array([shift.stays for shift in shifts]).reshape(len(shifts), QUANTILES),
    )


def _as_open(spans: Sequence[Span]) -> list[_Shift]:
    return [_Shift(start, end, _ON_TIME, _ON_TIME) for start, end in spans]


def _held(planned: Sequence[Span], openings: Sequence[Span], now: float, outside: float) -> list[Span]:
    """The spans of a plan that are not over, as far as they hold: in the hall's hours, and so long around them."""
    hours = [(since - outside, until + outside) for since, until in openings]
    if outside:  # whoever is to be here now may be here, though the hall is closed
        hours = [(now, now + outside), *hours]
    held: list[Span] = []
    for start, end in sorted(planned):
        pieces = [(max(start, since), min(end, until)) for since, until in hours if end > now]
        for since, until in sorted(piece for piece in pieces if piece[0] < piece[1]):
            if held and since < held[-1][1]:
                held[-1] = held[-1][0], max(until, held[-1][1])
            else:
                held.append((since, until))
    return held


def _by_plan(seat: Seat, spans: list[Span], now: float, plans: PlansKept) -> list[_Shift]:
    """The spans that are not over, each as the window keeps such; the first one by how things stand now."""
    shifts = []
    if seat.works:
        if spans and spans[0][0] - EARLY_S <= now:
            end = spans.pop(0)[1]
            shifts.append(_Shift(now, end, _ON_TIME, plans.stays_s(seat.name, now - end)))
        else:
            shifts.append(_Shift(now, now, _ON_TIME, _stays_on(seat, now, plans)))
    elif seat.rests and spans and spans[0][0] <= now:
        end = spans.pop(0)[1]
        shifts.append(_Shift(now, end, plans.rest_s(), plans.stays_s(seat.name, now - end)))
    for start, end in spans:
        shifts.append(_Shift(start, end, plans.late_s(seat.name, now - start), plans.stays_s(seat.name)))
    return shifts


def _stays_on(seat: Seat, now: float, plans: PlansKept) -> Floats:
    """For how long more she calls who works though her time is over."""
    gone = min((now - end for _, end in seat.planned or () if end <= now), default=np.inf)
    longer = plans.stays_s(seat.name, gone) - gone if gone < LONGEST_STAY_S else np.zeros(QUANTILES)
    return longer if longer.any() else np.full(QUANTILES, UNPLANNED_S)


def _chances(seat: Seat, edges: Floats, now: float) -> Floats:
    """(n,) the chance that it calls, in each quarter-hour."""
    so_far = float(seat.works)
    if seat.usual is None:
        return np.full(len(edges) - 1, so_far)
    gone = np.maximum(edges[:-1] - now, 0.0)
    chances: Floats = seat.usual + (so_far - seat.usual) * np.exp(-gone / USUAL_FADE_S)
    return chances


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
