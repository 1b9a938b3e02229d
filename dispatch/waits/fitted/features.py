"""A question as numbers: first what is seen of its queue and hall (a sight), then that against what is usual there.

A model learns little from "12 calls in the last hour"; much from "half as many as this queue is used to, while one
window fewer is open". So it is given logarithms of ratios, and foretells the logarithm of a ratio to `base_s`.
"""

from collections.abc import Sequence
from math import nan
from statistics import fmean

import numpy as np

from dispatch.waits.fitted.habits import (
    SLOT_S,
    Numbers,
    Places,
    Rates,
    slot_of,
    until_called,
)
from dispatch.waits.fitted.watching import TELLING, Bursts, Watcher
from dispatch.waits.queue_days import QueueDay
from dispatch.waits.racing import Question

BACK_S = (900.0, 1800.0, 3600.0, 7200.0)

SIGHT = (
    "ahead_s", "since_midnight", "weekday", "waiting", "ahead", "elapsed", "last_wait", "last_waits",
    "since_call", "span_10", "span_20",
    "calls_900", "calls_1800", "calls_3600", "calls_7200", "calls_day",
    "busy_900", "busy_1800", "busy_3600", "busy_7200", "busy_day",
    "joined_900", "joined_1800", "joined_day",
    "windows", "windows_before", "windows_most",
    "burst_mean", "burst_gap", "burst_last", "since_burst",
    "hall_waiting", "hall_calls_1800", "hall_calls_3600", "hall_joined_3600", "hall_calls_day", "hall_busy_day",
)  # fmt: skip
"""The numbers of a sight, in their order: seconds and counts. A nan is what is not known."""
AT = {name: place for place, name in enumerate(SIGHT)}


class Sights:
    """Looks at what a watcher keeps; the horizons of one moment share what they see."""

    def __init__(self, watcher: Watcher, midnight: float, weekday: int) -> None:
        self._watcher, self._midnight, self._weekday = watcher, midnight, float(weekday)
        self._kept: tuple[object, list[float]] = (None, [])
        self._kept_hall: tuple[object, list[float]] = (None, [])

    def row(self, question: Question) -> list[float]:
        """The sight at the question."""
        queue = self._watcher.queue(question.hall, question.queue)
        told = (question.hall, question.queue, question.at, len(queue.marks))
        if self._kept[0] != told:
            self._kept = (told, self._seen(queue, question))
        return [question.ahead_s, *self._kept[1]]

    def _seen(self, queue: QueueDay, question: Question) -> list[float]:
        at, waiting = question.at, len(queue.line)
        first = queue.joined[next(iter(queue.line.values()))] if queue.line else at
        return [
            at - self._midnight,
            self._weekday,
            float(waiting),
            float(max(0, waiting - 1)),
            at - first,
            queue.waited[-1] if queue.waited else nan,
            fmean(queue.waited[-5:]) if queue.waited else nan,
            *(at - queue.calls[-back] if len(queue.calls) >= back else nan for back in (1, 10, 20)),
            *(float(queue.calls_since(at - back)) for back in BACK_S),
            float(len(queue.calls)),
            *_busy(queue, at),
            *(float(queue.joined_since(at - back)) for back in BACK_S[:2]),
            float(len(queue.joined)),
            *_windows(self._watcher.counts(question.hall, question.queue), at),
            *_burst(self._watcher.bursts(question.hall, question.queue), at),
            *self._hall(question.hall, at),
        ]

    def _hall(self, hall: str, at: float) -> list[float]:
        queues = self._watcher.of_hall(hall)
        told = (hall, at, sum(len(queue.marks) for queue in queues))
        if self._kept_hall[0] != told:
            self._kept_hall = (told, _of_all(queues, at))
        return self._kept_hall[1]


def relative(sights: Numbers, queue: Places, rates: Rates) -> tuple[Numbers, Numbers]:
    """What a model sees, (n, features), and the wait in seconds that its answer is a ratio to, (n,).

    All rows are about now, or all about later arrivals. What joins and waits are like at that hour is told of those
    only: of somebody in line the line itself tells more, and a few days' means would be learned by heart.
    """
    seen = {name: sights[:, place] for name, place in AT.items()}
    rate, then = rates.calls[queue], slot_of(seen["since_midnight"] + seen["ahead_s"])
    later = seen["ahead_s"] > 0
    ahead = np.where(later, _line_then(seen, queue, rates), seen["ahead"])
    base_s = np.where(later, ahead, ahead + 1) / rate
    fluid_s = until_called(
        rates.calls_then, queue, seen["since_midnight"] + seen["ahead_s"], np.where(later, ahead, ahead + 1)
    )
    columns = [
        seen["since_midnight"], seen["weekday"] == 0,
        np.log(ahead + 1), np.log(base_s + 60), np.log(rate), np.log((fluid_s + 60) / (base_s + 60)),
        *(_pace(seen, rate, back) for back in ("900", "1800", "3600", "7200", "day")),
        seen["busy_3600"], seen["busy_day"],
        seen["elapsed"], np.log((seen["elapsed"] + 120) / (base_s + 120)),
        seen["last_wait"], np.log((seen["last_waits"] + 120) / (base_s + 120)),
        seen["since_call"], seen["since_call"] * rate,
        *(np.log((seen[f"span_{calls}"] * rate + 2) / (calls + 2)) for calls in (10, 20)),
        seen["windows"],
        np.log((seen["windows"] + 0.5) / (rates.windows[queue] + 0.5)),
        np.log((seen["windows"] + 0.5) / (rates.windows_then[queue, then] + 0.5)),
        seen["windows"] - seen["windows_before"], seen["windows"] / np.maximum(seen["windows_most"], 1),
        np.log(rates.calls_then[queue, then] / rate),
        seen["burst_mean"], seen["burst_gap"], seen["burst_last"], seen["since_burst"],
        seen["joined_900"], seen["joined_1800"] / np.maximum(rate * 1800, 1),
        np.log(seen["hall_waiting"] + 1), seen["waiting"] / np.maximum(seen["hall_waiting"], 1),
        np.log((seen["hall_calls_1800"] + 3) / (seen["hall_calls_3600"] / 2 + 3)),
        np.log((seen["hall_calls_3600"] + 5) / (seen["hall_joined_3600"] + 5)),
        np.log(rates.volume[queue] + 1),
    ]  # fmt: skip
    if later.any():
        columns += [
            seen["ahead_s"], seen["waiting"],
            np.log(rates.joins_then[queue, then] + 1e-4), np.log(rates.last_wait_then_s[queue, then] + 60),
        ]  # fmt: skip
    return np.column_stack(columns).astype(np.float64), base_s


def _pace(seen: dict[str, Numbers], rate: Numbers, back: str) -> Numbers:
    """How fast the queue is called of late, against its usual rate; near 0 while little is known."""
    few = 5.0 if back == "day" else 2.0
    found: Numbers = np.log((seen[f"calls_{back}"] + few) / (rate * seen[f"busy_{back}"] + few))
    return found


def _line_then(seen: dict[str, Numbers], queue: Places, rates: Rates) -> Numbers:
    """How many are expected to wait when she comes: who joins comes to the line, who is called leaves it."""
    line, now = seen["waiting"].copy(), seen["since_midnight"].copy()
    left = seen["ahead_s"].copy()
    while (left > 0).any():
        step, slot = np.minimum(left, SLOT_S), slot_of(now)
        line = np.maximum(line + step * (rates.joins_then[queue, slot] - rates.calls_then[queue, slot]), 0.0)
        now, left = now + step, left - step
    return line


def _busy(queue: QueueDay, at: float) -> list[float]:
    """For how long somebody waited of late, and today."""
    until = queue.busy_until(at)
    return [*(until - queue.busy_until(at - back) for back in BACK_S), until]


def _windows(counts: Sequence[tuple[float, int]], at: float) -> tuple[float, float, float]:
    """How many serve the queue, how many did half an hour ago, the most of today."""
    if not counts:
        return nan, nan, nan
    before = next((float(count) for since, count in reversed(counts) if since <= at - BACK_S[1]), nan)
    return float(counts[-1][1]), before, float(max(count for _, count in counts))


def _burst(bursts: Bursts, at: float) -> tuple[float, float, float, float]:
    """How large bursts of calls are, how far apart, how large the last one was and when it began."""
    if not bursts.sizes:
        return nan, nan, nan, nan
    began, sizes = bursts.began[-TELLING:], bursts.sizes[-TELLING:]
    gap = (began[-1] - began[0]) / (len(began) - 1) if len(began) > 1 else nan
    return fmean(sizes), gap, float(sizes[-1]), at - began[-1]


def _of_all(queues: Sequence[QueueDay], at: float) -> list[float]:
    """The hall's queues together."""
    return [
        float(sum(len(queue.line) for queue in queues)),
        *(float(sum(queue.calls_since(at - back) for queue in queues)) for back in BACK_S[1:3]),
        float(sum(queue.joined_since(at - BACK_S[2]) for queue in queues)),
        float(sum(len(queue.calls) for queue in queues)),
        sum(queue.busy_until(at) for queue in queues),
    ]
