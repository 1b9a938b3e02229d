"""All that is kept of the past: counts, sums and sums of squares by name, which fade from day to day."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from dispatch.learning.shrinking import Floats

FORGOTTEN = 0.02
"""A name whose count has faded to less is dropped, so that what is kept does not grow."""

Plain = dict[str, list[float]]


class Sums:
    """Under each name a few numbers that only ever grow, the first of them a count, and all fade alike.

    Learning in several steps gives the very figures of learning at once: JSON keeps every bit of a float.
    """

    def __init__(self, told: Mapping[str, Sequence[float]] | None = None) -> None:
        self.of: Plain = {name: list(values) for name, values in (told or {}).items()}

    def __len__(self) -> int:
        """How many names there are."""
        return len(self.of)

    def __iter__(self) -> Iterator[str]:
        return iter(self.of)

    def add(self, name: str, *values: float) -> None:
        """Add to what stands under a name."""
        known = self.of.get(name)
        if known is None:
            self.of[name] = list(values)
        else:
            for place, value in enumerate(values):
                known[place] += value

    def fade(self, by: float) -> None:
        """Let everything count less by this factor."""
        self.of = {
            name: [value * by for value in values]
            for name, values in self.of.items()
            if values[0] * by >= FORGOTTEN
        }

    def merge(self, other: "Sums", wanted: Callable[[str], bool] = lambda _: True) -> None:
        """Add what stands elsewhere, under the names that are wanted."""
        for name, values in other.of.items():
            if wanted(name):
                self.add(name, *values)

    def columns(self, names: Sequence[str], width: int) -> list[Floats]:
        """`width` arrays of (n,): what stands under these names, 0 where there is nothing."""
        rows = [self.of.get(name, [0.0] * width) for name in names]
        return list(np.array(rows, dtype=np.float64).reshape(len(names), width).T)
