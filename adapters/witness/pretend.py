"""A witness that is none: it keeps lines within this process, and is out of reach when told to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class PretendWitness:
    """One such witness, known by its name within this process."""

    name: str
    lines: list[str] = field(default_factory=list)
    reachable: bool = True

    def take(self, lines: Sequence[str]) -> bool:
        """Keep the lines, unless it is out of reach."""
        if self.reachable:
            self.lines += lines
        return self.reachable


_known: dict[str, PretendWitness] = {}


def at(name: str) -> PretendWitness:
    """The pretend witness of this name, the same one whenever it is asked for."""
    return _known.setdefault(name, PretendWitness(name))
