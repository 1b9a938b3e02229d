"""What a benchmark tells: ours and a reference, measured in turns in one run, and how they relate."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """Operations a second of ours and of the reference. `goal` is what the ratio should reach, where a goal is set."""

    name: str
    ours_per_s: float
    reference_per_s: float
    ratio: float
    lowest: float
    highest: float
    goal: str = ""

    @classmethod
    def of(cls, name: str, ours: Sequence[float], references: Sequence[float], *, goal: str = "") -> "Row":
        """The medians of rounds that took turns; of the rounds' own ratios also the lowest and the highest."""
        ratios = [mine / other for mine, other in zip(ours, references, strict=True)]
        return cls(
            name,
            round(median(ours), 1),
            round(median(references), 1),
            round(median(ratios), 3),
            round(min(ratios), 3),
            round(max(ratios), 3),
            goal,
        )

    def told(self) -> dict[str, object]:
        """As one line of a table."""
        return asdict(self)


def show(title: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Print lines as a table, its columns those of any line."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [columns, *([str(row.get(name, "")) for name in columns] for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(columns))]
    print(f"\n{title}")
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
