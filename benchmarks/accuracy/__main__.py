"""`python -m benchmarks.accuracy`: one race, whose figures and pictures replace those in docs/accuracy.md."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.accuracy.goals import Row
from benchmarks.accuracy.measuring import Measured, measured
from dispatch.wiring.backtesting import telling

DOCS = Path(__file__).parents[2] / "docs"
BEGIN, END = "<!-- figures of `python -m benchmarks.accuracy` -->", "<!-- end of figures -->"


def main() -> None:
    """Measure, write, and say what was written."""
    document, pictures = DOCS / "accuracy.md", DOCS / "pictures" / "accuracy"
    text = document.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    assert after, f"{document} has no place for figures"
    told = figures(measured(pictures_path=pictures))
    document.write_text(f"{before}{BEGIN}\n\n{told}\n\n{END}{after}", encoding="utf-8")
    print(f"{document}\n{pictures}")


def figures(found: Measured) -> str:
    """As Markdown: the goals, the offices, and everybody's figures at each horizon."""
    parts = ["**Goals**", _of_rows(found.goals), "**Offices**, joining now", _of_rows(found.offices)]
    for ahead in dict.fromkeys(ahead for _, ahead in found.scores):
        title, rows = telling.rows(ahead, found.scores)
        parts += [f"**{title[0].upper()}{title[1:]}**", _table(rows)]
    return "\n\n".join(parts)


def _of_rows(rows: Sequence[Row]) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return _table([columns, *([str(row.get(name, "")) for name in columns] for row in rows)])


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, "|---" * len(rows[0]) + "|", *body])


if __name__ == "__main__":
    main()
