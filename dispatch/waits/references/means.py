"""Means of what was seen, drawn towards a wider mean where little was seen."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Generic, TypeVar

Of = TypeVar("Of")


class Means(Generic[Of]):
    """A mean for each of many."""

    def __init__(self) -> None:
        self._sums: dict[Of, float] = defaultdict(float)
        self._counts: dict[Of, float] = defaultdict(float)

    def add(self, of: Of, values: Sequence[float]) -> None:
        """These were seen."""
        self._sums[of] += sum(values)
        self._counts[of] += len(values)

    def mean(self, of: Of, besides: Sequence[float] = ()) -> float | None:
        """Of what was seen, and of these besides; None where nothing was."""
        count = self._counts.get(of, 0.0) + len(besides)
        return (self._sums.get(of, 0.0) + sum(besides)) / count if count else None

    def drawn(self, of: Of, towards: float, weight: float) -> float:
        """The mean as if `towards` had been seen `weight` times more."""
        return (self._sums.get(of, 0.0) + weight * towards) / (self._counts.get(of, 0.0) + weight)
