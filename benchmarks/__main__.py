"""`make bench`: every benchmark as a table of ratios, or with --json for machines."""

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.verbs import measure


def main() -> None:
    """Run the benchmarks and print them."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="a list of objects instead of a table")
    parser.add_argument("--rounds", type=int, default=5, help="how often each pair is measured")
    parser.add_argument("--database", help="a database of this URL, empty; default a new SQLite file")
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        url = arguments.database or f"sqlite:///{Path(folder) / 'bench.db'}"
        rows = measure(url, arguments.rounds)
    if arguments.json:
        print(json.dumps(rows))
        return
    print(f"{'benchmark':34}{'verb/s':>10}{'reference/s':>13}{'ratio':>8}")
    for row in rows:
        print(
            f"{row['name']:34}{row['verb_per_s']:>10.0f}{row['reference_per_s']:>13.0f}{row['ratio']:>8.2f}"
        )


if __name__ == "__main__":
    main()
