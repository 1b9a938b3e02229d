"""What is wrong with a city directory, all of it, each with its place."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T", covariant=True)
H = TypeVar("H", bound=Hashable)


@dataclass(frozen=True)
class Problem:
    """One thing wrong: the file, the place in it, and what is the matter."""

    file: str
    place: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file} {self.place}" if self.place else self.file
        return f"{where}: {self.message}"


class CityRefused(Exception):
    """The directory is no sound city; `problems` tells everything that must be mended."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass
class Report:
    """Collects the problems of one directory."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, file: str, place: str, message: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(file, place, message))

    def unless(self, sound: bool, file: str, place: str, message: str) -> None:
        """Note a problem unless all is well."""
        if not sound:
            self.add(file, place, message)


@dataclass(frozen=True)
class Placed(Generic[T]):
    """A part that was read, with where it stands: `items.json`, `items[3] (HR-CARD)`."""

    file: str
    place: str
    part: T


def repeats(values: Iterable[H]) -> Iterator[tuple[int, H, int]]:
    """Every value that came before, as (its index, the value, the index where it came first)."""
    first: dict[H, int] = {}
    for index, value in enumerate(values):
        if value in first:
            yield index, value, first[value]
        else:
            first[value] = index
