"""Stretches of time and how they may lie to each other. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TypeVar

K = TypeVar("K")


@dataclass(frozen=True)
class Span:
    """From `starts` up to, but not including, `ends`: one may begin where another ends."""

    starts: datetime
    ends: datetime

    @property
    def sound(self) -> bool:
        """Whether it lasts at all."""
        return self.starts < self.ends

    def overlaps(self, other: "Span") -> bool:
        """Whether some moment lies in both."""
        return self.starts < other.ends and other.starts < self.ends

    def holds(self, other: "Span") -> bool:
        """Whether the other lies within."""
        return self.starts <= other.starts and other.ends <= self.ends

    def at(self, moment: datetime) -> bool:
        """Whether the moment lies within."""
        return self.starts <= moment < self.ends


def clashing(span: Span, others: Iterable[tuple[K, Span]]) -> K | None:
    """The first of the others, by its name, that overlaps the span; None when all keep clear."""
    return next((name for name, other in others if span.overlaps(other)), None)


def sound_breaks(shift: Span, breaks: Sequence[Span]) -> bool:
    """Whether breaks lie within the shift, in order, apart from each other, and leave something to work."""
    apart = all(first.ends < second.starts for first, second in pairwise(breaks))
    inside = all(pause.sound and shift.holds(pause) for pause in breaks)
    return inside and apart and shift not in breaks


def covered(span: Span, parts: Iterable[Span]) -> bool:
    """Whether the parts together leave no moment of the span out."""
    reached = span.starts
    for part in sorted(parts, key=lambda part: part.starts):
        if part.starts > reached:
            break
        reached = max(reached, part.ends)
    return reached >= span.ends


def stamp(moment: datetime) -> str:
    """A moment as the log and the tables write it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
