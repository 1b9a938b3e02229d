"""Which windows somebody sits at, and how much a hall is visited."""

from random import Random
from typing import Any

from dispatch.demo.visitors.parameters import Parameters


def staffed(thrown: Random, windows: list[dict[str, Any]], share: float) -> set[str]:
    """The windows with a clerk: about this share, and at least one for each queue.

    In a hall found at work, only those that are in use already, and such without which a queue would have none.
    """
    at_work = any(row["state"] != "closed" for row in windows)
    working: set[str] = set()
    covered: set[str] = set()
    for row in sorted(windows, key=_is_closed):
        drawn = row["state"] != "closed" if at_work else thrown.random() < share
        if drawn or not covered.issuperset(row["queues"]):
            working.add(row["id"])
            covered.update(row["queues"])
    return working


def _is_closed(row: dict[str, Any]) -> bool:
    return bool(row["state"] == "closed")


def load_of(thrown: Random, told: dict[str, Any], parameters: Parameters) -> float:
    """A hall's demand at the peak over what its staffed windows can do."""
    drawn = thrown.uniform(*parameters.load)
    if told["level"] == "village":
        drawn *= parameters.village_load
    return parameters.loads.get(told["code"], drawn)


def capacity(windows: list[dict[str, Any]]) -> dict[str, float]:
    """How many windows each queue has; one that serves two counts half for each."""
    found: dict[str, float] = {}
    for row in windows:
        for queue in row["queues"]:
            found[queue] = found.get(queue, 0.0) + 1 / len(row["queues"])
    return found
