"""A made-up hall whose parameters are known, and are not what anybody would guess: what it does, as happenings."""

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from dispatch.learning.happenings import Happening, Kind
from dispatch.learning.local_time import QUARTERS, day_class
from dispatch.learning.shrinking import Floats

ZONE = ZoneInfo("Asia/Shanghai")
FIRST_DAY = date(2026, 8, 31)
"""A Monday."""


@dataclass(frozen=True)
class MadeUpHall:
    """Two queues, six items, six clerks at six windows. Times are log-normal: `mu` of log seconds, one `sigma`."""

    mu: dict[str, float] = field(
        default_factory=lambda: {"A1": 5.1, "A2": 5.9, "A3": 6.6, "B1": 4.6, "B2": 5.5, "B3": 6.2}
    )
    share: dict[str, float] = field(
        default_factory=lambda: {"A1": 0.5, "A2": 0.4, "A3": 0.1, "B1": 0.6, "B2": 0.37, "B3": 0.03}
    )
    sigma: float = 0.45
    clerks: dict[str, float] = field(
        default_factory=lambda: {"ann": -0.25, "bob": 0.0, "cat": 0.2, "dan": -0.1, "eve": 0.3, "fay": -0.15}
    )
    afternoon: float = 0.12
    per_day: dict[str, float] = field(default_factory=lambda: {"A": 120.0, "B": 190.0})
    busy: tuple[float, ...] = (1.5, 0.9, 0.8, 0.4)
    show: dict[bool, float] = field(default_factory=lambda: {False: 0.88, True: 0.62})
    remote: float = 0.25
    missed_s: float = 95.0
    walk_s: float = 22.0
    forgotten: float = 0.005
    """The share of services after which nobody presses a key for an hour and a half."""

    def queue_of(self, item: str) -> str:
        """Items are named for their queues."""
        return item[0]

    def serves(self, clerk: str) -> tuple[str, ...]:
        """The first three serve A, the last three B, and one of them both."""
        return {"ann": ("A",), "bob": ("A",), "cat": ("A", "B")}.get(clerk, ("B",))

    def hours(self, clerk: str) -> list[tuple[float, float]]:
        """Two shifts; half of the windows close at noon, and one opens late."""
        morning = (10.0 if clerk == "fay" else 9.0, 12.0)
        return [morning, (13.5, 17.0)] if clerk in ("ann", "dan", "fay") else [(morning[0], 17.0)]

    def per_quarter(self, queue: str, kind: int) -> Floats:
        """(96,) people expected in each quarter-hour of such a day: two humps."""
        at = (np.arange(QUARTERS) + 0.5) / 4
        shape = np.exp(-0.5 * ((at - 9.8) / 0.7) ** 2) + 0.6 * np.exp(-0.5 * ((at - 14.6) / 0.9) ** 2)
        shape[(at < 8.75) | (at > 16.5)] = 0.0
        expected: Floats = self.per_day[queue] * self.busy[kind] * shape / shape.sum()
        return expected

    def day(self, day: date, rng: np.random.Generator) -> Iterator[Happening]:
        """All that happens on one day, in order."""
        yield from _Day(self, day, rng).play()

    def days(self, count: int, seed: int) -> Iterator[Happening]:
        """So many days in a row."""
        rng = np.random.default_rng(seed)
        for nth in range(count):
            yield from self.day(FIRST_DAY + timedelta(days=nth), rng)


class _Day:
    """One day as it goes: a heap of what is due, lines in order of coming, windows that are free."""

    def __init__(self, hall: MadeUpHall, day: date, rng: np.random.Generator) -> None:
        self._hall, self._rng = hall, rng
        self._midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp()
        self._day = day
        self._due: list[tuple[float, int, str, str]] = []
        self._lines: dict[str, list[str]] = {"A": [], "B": []}
        self._people: dict[str, tuple[str, bool]] = {}
        self._free: set[str] = set()
        self._count = 0

    def play(self) -> Iterator[Happening]:
        """Everything, until nobody waits or the windows have closed."""
        for queue in self._lines:
            for quarter, expected in enumerate(self._hall.per_quarter(queue, day_class(self._day))):
                for _ in range(self._rng.poisson(expected)):
                    self._push(900 * (quarter + self._rng.random()), "comes", queue)
        for clerk in self._hall.clerks:
            for start, end in self._hall.hours(clerk):
                self._push(3600 * start, "opens", clerk)
                self._push(3600 * end, "closes", clerk)
        closing: set[str] = set()
        while self._due:
            at, _, what, who = heapq.heappop(self._due)
            if what == "comes":
                yield self._issue(at, who)
            elif what == "opens":
                self._free.add(who)
                yield self._at(at, Kind.OPENED, window=who, clerk=who, queues=self._hall.serves(who))
            elif what == "closes":
                closing.add(who)
            elif what == "free":
                self._free.add(who)
            for clerk in sorted(closing & self._free):
                closing.discard(clerk)
                self._free.discard(clerk)
                yield self._at(at, Kind.CLOSED, window=clerk, clerk=clerk)
            if what in ("starts", "finishes", "misses"):
                yield self._tell(at, what, who)
            for clerk in sorted(self._free):
                yield from self._call(at, clerk)

    def _issue(self, at: float, queue: str) -> Happening:
        items = [item for item in self._hall.mu if self._hall.queue_of(item) == queue]
        item = str(self._rng.choice(items, p=[self._hall.share[each] for each in items]))
        self._count += 1
        ticket, remote = f"{self._day} {self._count}", bool(self._rng.random() < self._hall.remote)
        self._people[ticket] = item, remote
        self._lines[queue].append(ticket)
        return self._at(at, Kind.ISSUED, ticket)

    def _call(self, at: float, clerk: str) -> Iterator[Happening]:
        queue = next((queue for queue in self._hall.serves(clerk) if self._lines[queue]), None)
        if queue is None:
            return
        ticket = self._lines[queue].pop(0)
        item, remote = self._people[ticket]
        self._free.discard(clerk)
        yield self._at(at, Kind.CALLED, ticket, window=clerk, clerk=clerk)
        if self._rng.random() >= self._hall.show[remote]:
            over = at + self._hall.missed_s * self._rng.uniform(0.7, 1.3)
            self._push(over - self._midnight, "misses", f"{clerk}\t{ticket}")
        else:
            late = self._hall.afternoon if at - self._midnight > 13 * 3600 else 0.0
            mu = self._hall.mu[item] + self._hall.clerks[clerk] + late
            held = math.exp(self._rng.normal(mu, self._hall.sigma))
            walk = min(self._hall.walk_s * self._rng.uniform(0.7, 1.3), held / 2)
            held += 5400.0 * (self._rng.random() < self._hall.forgotten)
            self._push(at + walk - self._midnight, "starts", f"{clerk}\t{ticket}")
            over = at + held
            self._push(over - self._midnight, "finishes", f"{clerk}\t{ticket}")
        self._push(over - self._midnight, "free", clerk)

    def _tell(self, at: float, what: str, who: str) -> Happening:
        clerk, _, ticket = who.partition("\t")
        kind = {"starts": Kind.STARTED, "finishes": Kind.FINISHED, "misses": Kind.MISSED}[what]
        return self._at(at, kind, ticket, window=clerk, clerk=clerk)

    def _at(self, at: float, kind: Kind, ticket: str = "", **told: object) -> Happening:
        item, remote = self._people.get(ticket, ("", False))
        queue = self._hall.queue_of(item) if item else ""
        return Happening(at, kind, "hall", queue, ticket, item, remote=remote, **told)  # type: ignore[arg-type]

    def _push(self, seconds: float, what: str, who: str) -> None:
        self._count += 1
        heapq.heappush(self._due, (self._midnight + seconds, self._count, what, who))
