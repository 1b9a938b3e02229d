"""Sixty halls, eight callers, two processes of `core`: no number twice, none left out, nobody called twice."""

import time

import pytest

from benchmarks import counter
from benchmarks.client import Callers
from tests.soak.city import check, play
from tests.soak_tables import tell

A_FEW, MANY = 400, 100_000
WINDOWS = 2


def prove(halls: int, tickets: int) -> list[dict[str, object]]:
    with counter.running(halls, windows_each=WINDOWS) as place:
        callers = Callers(place.port, counter.CALLERS)
        began = time.monotonic()
        heard = play(place, callers, tickets)
        took = time.monotonic() - began
        callers.close()
        found = check(place, heard, tickets)
    return [*found, {"what": "issued and called a second", "figure": round(2 * tickets / took)}]


@pytest.mark.timeout(300)
def test_a_few_hundred_tickets_are_numbered_and_called_once() -> None:
    prove(8, A_FEW)


@pytest.mark.soak
def test_a_hundred_thousand_tickets_are_numbered_and_called_once() -> None:
    tell("counter", prove(counter.HALLS, MANY))
