"""`make bench`: every benchmark as a table of ratios, or with --json for machines."""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import boards, city_size, counter, verbs
from benchmarks.rows import show

Rows = Sequence[Mapping[str, object]]
BOARD_SECONDS = 6.0
"""For one of the rounds."""


def _verbs(rounds: int) -> Rows:
    with TemporaryDirectory() as folder:
        rows = verbs.measure(f"sqlite:///{Path(folder) / 'bench.db'}", rounds)
    return [row.told() for row in rows]


def _accuracy(_: int) -> Rows:
    from benchmarks import accuracy

    return accuracy.measure()


def _visitors_world(_: int) -> Rows:
    from benchmarks import visitors_world  # loads numba

    return visitors_world.measure()


def _advice(rounds: int) -> Rows:
    from benchmarks import advice

    return advice.measure(rounds)


def _finding(_: int) -> Rows:
    from benchmarks import finding

    return finding.measure()


def _pricing(rounds: int) -> Rows:
    from benchmarks import pricing  # loads numba

    return pricing.measure(rounds)


def _forecasting(rounds: int) -> Rows:
    from benchmarks import forecasting  # loads numba

    return forecasting.measure(rounds)


def _routing(rounds: int) -> Rows:
    from benchmarks import routing  # puts applications together

    return routing.measure(rounds)


BENCHMARKS: dict[str, Callable[[int], Rows]] = {
    "verbs": _verbs,
    "counter": lambda rounds: [row.told() for row in counter.measure(rounds)],
    "city_size": lambda rounds: [row.told() for row in city_size.measure(rounds)],
    "boards": lambda rounds: boards.measure(BOARD_SECONDS * rounds),
    "accuracy": _accuracy,
    "visitors_world": _visitors_world,
    "pricing": _pricing,
    "forecasting": _forecasting,
    "routing": _routing,
    "finding": _finding,
    "advice": _advice,
}


def main() -> None:
    """Run the benchmarks and print them."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="an object with a list for each benchmark")
    parser.add_argument("--rounds", type=int, default=5, help="how often each pair is measured")
    parser.add_argument("--only", choices=list(BENCHMARKS), nargs="+", default=list(BENCHMARKS))
    arguments = parser.parse_args()
    found = {}
    for name in arguments.only:
        found[name] = BENCHMARKS[name](arguments.rounds)
        if not arguments.json:
            show(name, found[name])
    if arguments.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
