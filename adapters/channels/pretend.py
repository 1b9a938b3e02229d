"""A source that is none: it makes up how a city uses its channels, the same whenever it is asked.

Most items go well wherever they are done. Of some the phone's form is a bad one, so that many who try it give up or
come to a counter after all; of some the machine does better than the phone. How often items are wanted falls off as
ranks do (G. K. Zipf: Human Behavior and the Principle of Least Effort. 1949); days differ, and weekends are quiet.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from dispatch.ports.channels import Batch, Counted

BACKWARDS = 50
BUSIEST = 900.0
"""So often the most wanted item is wanted in the whole city on an ordinary day."""
SHARES: Mapping[str, float] = {"app": 0.34, "web": 0.16, "kiosk": 0.12, "counter": 0.38}
DONE: Mapping[str, float] = {"app": 0.86, "web": 0.88, "kiosk": 0.92, "counter": 0.96}
BACK: Mapping[str, float] = {"app": 0.05, "web": 0.04, "kiosk": 0.02, "counter": 0.03}
BAD_DONE, BAD_BACK = 0.46, 0.34
HARD_DONE, HARD_BACK = 0.66, 0.05
BAD_EACH, HARD_EACH = 12, 7
"""One item in so many has a bad form on the phone, another one in so many a hard one."""


@dataclass(frozen=True)
class Offered:
    """An item, by which channels it is done, and in which halls over the counter."""

    item: str
    channels: Sequence[str]
    halls: Sequence[str]


@dataclass(frozen=True)
class PretendChannels:
    """A whole city's channels, made up from what it offers."""

    offered: Sequence[Offered]

    def after(self, cursor: str | None, before: date) -> Batch | None:
        """A day more, up to yesterday; seven weeks back at first."""
        day = before - timedelta(days=BACKWARDS)
        if cursor is not None:
            day = max(day, date.fromisoformat(cursor) + timedelta(days=1))
        if day >= before:
            return Batch((), cursor or before.isoformat(), more=False)
        rows = [asdict(each) for each in self._counted(day)]
        return Batch(rows, day.isoformat(), more=day + timedelta(days=1) < before)

    def _counted(self, day: date) -> Iterator[Counted]:
        ranked = sorted(self.offered, key=lambda each: _digest(each.item))
        for rank, each in enumerate(ranked, start=1):
            chance = random.Random(f"{each.item} {day}")
            wanted = BUSIEST / rank**0.8 * chance.uniform(0.8, 1.2) * (0.25 if day.weekday() > 4 else 1.0)
            whole = sum(SHARES[channel] for channel in each.channels)
            for channel in each.channels:
                used = round(wanted * SHARES[channel] / whole)
                if channel == "counter":
                    yield from _at_counters(chance, day, each, used)
                elif used:
                    yield _drawn(chance, day, each.item, channel, used)


def _at_counters(chance: random.Random, day: date, each: Offered, used: int) -> Iterator[Counted]:
    """Shared out among the halls that take it; nobody works at a weekend."""
    if day.weekday() > 4 or not each.halls:
        return
    weights = [1 + _digest(hall) % 5 for hall in each.halls]
    for hall, weight in zip(each.halls, weights, strict=True):
        here = round(used * weight / sum(weights))
        if here:
            yield _drawn(chance, day, each.item, "counter", here, hall)


def _drawn(chance: random.Random, day: date, item: str, channel: str, used: int, hall: str = "") -> Counted:
    done, back = DONE[channel], BACK[channel]
    if channel == "app" and _digest(item) % BAD_EACH == 0:
        done, back = BAD_DONE, BAD_BACK
    elif channel in ("app", "web") and _digest(item) % HARD_EACH == 1:
        done, back = HARD_DONE, HARD_BACK
    finished = sum(chance.random() < done for _ in range(used))
    came_back = sum(chance.random() < back for _ in range(used))
    return Counted(day, item, channel, used, finished, came_back, hall=hall)


def _digest(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
