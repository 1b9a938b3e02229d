"""Who answers a call: the share that comes, what a call in vain costs, and how long the way to the window is."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from dispatch.learning import shrinking
from dispatch.learning.shrinking import Floats
from dispatch.learning.sums import Plain, Sums

COMES = {"here": 0.95, "remote": 0.8}
"""The share that answers a first call where nothing is known: of those who stand here, of those who may not."""
COMES_AGAIN = 0.9
"""Whoever missed a call and came back is here."""
MISSED_S, WALK_S = 60.0, 15.0
LONGEST_S = 900.0
_TRIALS, _TIMES = 20.0, 20.0
MISSED, WALKED = "missed", "walked"


def group(remote: bool, again: bool) -> str:
    """Whom a share is about: her first call where she is or from afar, or a later one."""
    return "again" if again else "remote" if remote else "here"


@dataclass(frozen=True)
class Shows:
    """The share that answers a call by queue and group, and by group alone; the seconds that calls take."""

    of: Mapping[str, float] = field(default_factory=dict)
    usual: Mapping[str, float] = field(default_factory=lambda: {**COMES, "again": COMES_AGAIN})
    missed_s: float = MISSED_S
    walk_s: float = WALK_S

    def at(self, queue: str, remote: bool, again: bool) -> float:
        """The chance that she comes, between 0 and 1, both excluded."""
        who = group(remote, again)
        return self.of.get(f"{queue}\t{who}", self.usual[who])


class Calls:
    """How many were called and how many came, by queue and group; sums of the logarithms of a call's seconds."""

    def __init__(self, told: Mapping[str, Plain] | None = None) -> None:
        told = told or {}
        self.of = Sums(told.get("of"))
        self.seconds = Sums(told.get("seconds"))

    def plain(self) -> dict[str, Plain]:
        """As JSON keeps it."""
        return {"of": self.of.of, "seconds": self.seconds.of}

    def note(self, queue: str, remote: bool, again: bool, came: bool) -> None:
        """Somebody was called, and came or not."""
        self.of.add(f"{queue}\t{group(remote, again)}", 1.0, float(came))

    def note_seconds(self, what: str, seconds: float) -> None:
        """A call in vain took so long (`missed`), or the way to the window did (`walked`)."""
        if 1.0 <= seconds <= LONGEST_S:
            self.seconds.add(what, 1.0, math.log(seconds), math.log(seconds) ** 2)

    def fade(self, by: float) -> None:
        """A day has passed."""
        self.of.fade(by)
        self.seconds.fade(by)

    def merge(self, other: "Calls") -> None:
        """Add another hall's, its queues taken together."""
        for both, (called, came) in other.of.of.items():
            self.of.add("\t" + both.partition("\t")[2], called, came)
        self.seconds.merge(other.seconds)


def learned(sums: Calls, before: Shows) -> Shows:
    """What these sums say, drawn towards what was known before."""
    names = sorted(sums.of)
    groups = [name.partition("\t")[2] for name in names]
    called, came = sums.of.columns(names, 2)
    usual = dict(before.usual)
    of: dict[str, float] = {}
    for who in sorted(set(groups)):
        mine = np.array([each == who for each in groups])
        usual[who] = _one(came[mine].sum(), called[mine].sum(), usual[who])
        drawn = shrinking.shares(came[mine], called[mine], np.full(mine.sum(), usual[who]), _TRIALS)
        of.update(
            zip([name for name in names if name.partition("\t")[2] == who], drawn.tolist(), strict=True)
        )
    missed_s = _seconds(sums.seconds, MISSED, before.missed_s)
    return Shows(of, usual, missed_s, _seconds(sums.seconds, WALKED, before.walk_s))


def _one(came: float, called: float, towards: float) -> float:
    """A single share, with the guess of what the figure known before is worth."""
    return float((came + _TRIALS * towards) / (called + _TRIALS))


def _seconds(sums: Sums, what: str, before: float) -> float:
    """The mean of a log-normal time, from its logarithms' sums; what was known before counts as a few."""
    count, total, squares = _first(sums.columns([what], 3))
    if not count:
        return before
    spread2 = max(squares / count - (total / count) ** 2, 0.0)
    mean = math.exp(total / count + spread2 / 2)
    return (count * min(mean, LONGEST_S) + _TIMES * before) / (count + _TIMES)


def _first(columns: Sequence[Floats]) -> tuple[float, ...]:
    return tuple(float(column[0]) for column in columns)
