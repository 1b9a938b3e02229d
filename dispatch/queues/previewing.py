"""What a past day would have been under another discipline: a small event simulation through the very rules.

Who came when, how long each service took and when which window called are taken as they were; only the order is new.
"""

import heapq
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dispatch.queues import rules
from dispatch.queues.policy import Policy
from dispatch.queues.rules import Line, Mask, Seconds, Whole

Span = tuple[float, float]
_JOINS, _FREE = 0, 1


@dataclass(frozen=True)
class Window:
    """Between which moments a window called, in order, and for which lines."""

    spans: tuple[Span, ...]
    serves: frozenset[int]

    def free_from(self, at: float) -> Span | None:
        """The rest of its time from this moment on: the span at hand or the next one."""
        return next(((max(start, at), end) for start, end in self.spans if end > at), None)


@dataclass(frozen=True)
class Day:
    """A service day of one hall, an array for each thing, the same person at the same index.

    `of` is the line each stands in, `joins` when she took her number, `leaves` when she gave up waiting (infinite
    where she did not), `service` how long she held a window, `minutes` how long that usually takes.
    """

    line: Line
    of: Whole
    joins: Seconds
    leaves: Seconds
    service: Seconds
    minutes: NDArray[np.float64]
    windows: tuple[Window, ...]

    def __len__(self) -> int:
        """How many people came."""
        return len(self.line)


@dataclass(frozen=True)
class Outcome:
    """What became of everybody: when she was called, NaN if never, and how often she was passed from afar."""

    called: Seconds
    passed: Whole


@dataclass(frozen=True)
class Figures:
    """The waits of some people, in seconds; None where nobody was served."""

    people: int
    served: int
    mean_s: float | None
    median_s: float | None
    p90_s: float | None
    max_s: float | None
    within_target: float | None
    most_passed: int


def simulate(day: Day, policy: Policy) -> Outcome:
    """Play the day: whenever a window is free, whoever is next by the discipline goes there."""
    called, waiting = np.full(len(day), np.nan), np.zeros(len(day), dtype=bool)
    line = replace(day.line, passed=np.zeros(len(day), dtype=np.int64))
    events: list[tuple[float, int, int]] = [
        (float(joins), _JOINS, person) for person, joins in enumerate(day.joins)
    ]
    for index, window in enumerate(day.windows):
        _push_free(events, window, index, -np.inf)
    heapq.heapify(events)
    idle: dict[int, float] = {}
    while events:
        now, kind, who = heapq.heappop(events)
        if kind == _JOINS:
            waiting[who] = True
        elif span := day.windows[who].free_from(now):
            idle[who] = span[1]
        if events and events[0][0] == now:
            continue  # all that happens at one moment is seen before anybody is called
        waiting &= day.leaves > now
        for index in sorted(idle):
            if idle[index] <= now:
                del idle[index]
                _push_free(events, day.windows[index], index, now)
            elif (person := _next(day, line, waiting, index, now, policy)) is not None:
                called[person], waiting[person] = now, False
                del idle[index]
                _push_free(events, day.windows[index], index, now + day.service[person])
    return Outcome(called, line.passed)


def figures(day: Day, outcome: Outcome, policy: Policy, among: Mask | None = None) -> Figures:
    """How these people waited, or all: from taking the number, somebody booked from her slot on, until the call."""
    chosen = np.ones(len(day), dtype=bool) if among is None else among
    waits = np.maximum(outcome.called - np.fmax(day.joins, day.line.slot), 0.0)[chosen]
    waits = waits[~np.isnan(waits)]
    people, passed = int(chosen.sum()), int(outcome.passed[chosen].max(initial=0))
    if not len(waits):
        return Figures(people, 0, None, None, None, None, None, passed)
    return Figures(
        people=people,
        served=len(waits),
        mean_s=float(waits.mean()),
        median_s=float(np.median(waits)),
        p90_s=float(np.quantile(waits, 0.9)),
        max_s=float(waits.max()),
        within_target=float((waits <= 60 * policy.target_min).mean()),
        most_passed=passed,
    )


def _push_free(events: list[tuple[float, int, int]], window: Window, index: int, at: float) -> None:
    """Note when the window can call again, if that day it ever can."""
    if span := window.free_from(at):
        heapq.heappush(events, (span[0], _FREE, index))


def _next(day: Day, line: Line, waiting: Mask, window: int, now: float, policy: Policy) -> int | None:
    """Whom a free window calls; whoever is passed by that is counted."""
    (here,) = np.nonzero(waiting & np.isin(day.of, list(day.windows[window].serves)))
    if not len(here):
        return None
    among = line[here]
    among = replace(among, came=np.where(among.came <= now, among.came, np.nan))
    order, _ = rules.rank_lines(among, day.of[here], day.minutes[here], now, policy)
    first = int(order[0])
    own_line = day.of[here] == day.of[here[first]]
    line.passed[here[rules.passed_by(among, first) & own_line]] += 1
    return int(here[first])
