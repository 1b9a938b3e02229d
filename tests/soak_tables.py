"""What the long proofs found, as tables: printed, and kept for whoever writes them into a document."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

KEPT = Path("var/proof")


def tell(title: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Print `rows`, each a line of the same columns, and keep them as `var/proof/<title>.json`."""
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{title}.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1, default=str) + "\n")
    columns = list(rows[0]) if rows else []
    lines = [columns, *([str(row[column]) for column in columns] for row in rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(columns))]
    print(f"\n{title}")
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
