"""A made-up city day: advice helps where many follow it, and does not make halls swing as "the shortest" does."""

import pytest

from benchmarks import advice
from benchmarks.advised_city import Advice, Cell, Day, city, play

OLD_AND_FAR = Cell(age_min=15.0, travel_min=(16.0, 24.0), complies=1.0)


@pytest.fixture(scope="module")
def days() -> dict[str, Day]:
    """One day under every advice, all of the flexible doing as advised."""
    made = city(0, OLD_AND_FAR.travel_min)
    makers = {"no advice": lambda *_: Advice(), **advice.MAKERS}
    return {name: play(made, OLD_AND_FAR, maker) for name, maker in makers.items()}


def mean_s(day: Day) -> float:
    return float(day.waits.mean())


def test_whoever_follows_the_shortest_waits_longer_than_without_advice(days: dict[str, Day]) -> None:
    assert mean_s(days["shortest now"]) > mean_s(days["no advice"])


def test_our_advice_spares_more_than_half_of_all_waiting(days: dict[str, Day]) -> None:
    assert mean_s(days["ours"]) < 0.5 * mean_s(days["no advice"])
    assert mean_s(days["ours"]) < mean_s(days["none to count"])


def test_the_shortest_makes_halls_swing_and_our_advice_does_not(days: dict[str, Day]) -> None:
    swings = {name: advice.swing_min([day]) for name, day in days.items()}
    assert swings["shortest now"] > 2 * swings["no advice"]
    assert swings["ours"] <= swings["no advice"]


def test_everybody_waits_once_whatever_is_advised(days: dict[str, Day]) -> None:
    assert len({len(day.waits) for day in days.values()}) == 1
    assert all((day.waits >= 0).all() for day in days.values())
