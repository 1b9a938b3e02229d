"""What the long proofs found, as tables: printed, and kept for whoever writes them into a document."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.rows import show

KEPT = Path("var/proof")


def tell(title: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Print `rows`, each a line of the same columns, and keep them as `var/proof/<title>.json`."""
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{title}.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1, default=str) + "\n")
    show(title, rows)
