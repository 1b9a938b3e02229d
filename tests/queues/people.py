"""Waiting people as the tests make them up, and the discipline written once more, naively."""

import math
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from dispatch.queues.policy import Policy
from dispatch.queues.rules import CARE, LAW, ORDINARY, Line

OPENING = 32_400.0
CLOSING = 61_200.0
NAN = math.nan


@dataclass(frozen=True)
class Waiting:
    """One person, with the words of the hall: `slot` and `came` are None where there is none."""

    place: float
    number: int
    group: int = ORDINARY
    slot: float | None = None
    came: float | None = OPENING
    passed: int = 0


def line_of(people: list[Waiting]) -> Line:
    """The same people as arrays."""

    def times(values: list[float | None]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array([NAN if value is None else value for value in values], dtype=np.float64)

    return Line(
        place=np.array([each.place for each in people], dtype=np.float64),
        classes=np.array([each.group for each in people], dtype=np.int64),
        slot=times([each.slot for each in people]),
        came=times([each.came for each in people]),
        passed=np.array([each.passed for each in people], dtype=np.int64),
        number=np.array([each.number for each in people], dtype=np.int64),
    )


def there(person: Waiting) -> float:
    """Since when she is seen to be here, or from afar holds a ticket."""
    return person.place if person.came is None else max(person.place, person.came)


def virtual(person: Waiting, policy: Policy) -> float:
    """Where she stands, step by step."""
    start = {LAW: policy.law_min, CARE: policy.care_min, ORDINARY: 0}[person.group] * 60
    if person.slot is None:
        return person.place - start
    if there(person) > person.slot + policy.booked_grace_min * 60:
        return there(person) - start
    booked = person.slot - policy.booked_credit_min * 60
    return booked if person.group == ORDINARY else min(person.place - start, booked)


def is_remote(person: Waiting) -> bool:
    return person.came is None and person.slot is None and person.group == ORDINARY


def next_of(people: list[Waiting], policy: Policy) -> Waiting:
    """Whoever is called next: the earliest of those whom nobody patient enough long enough stands behind."""

    def key(person: Waiting) -> tuple[float, int]:
        return virtual(person, policy), person.number

    tired = [key(each) for each in people if each.came is not None and each.passed >= policy.remote_passes]
    may = [each for each in people if not is_remote(each) or not any(key(each) < other for other in tired)]
    return min(may, key=key)


def in_turn(people: list[Waiting], policy: Policy) -> list[Waiting]:
    """Everybody in the order of being called, were nobody to come meanwhile."""
    left, order = list(people), []
    while left:
        first = next_of(left, policy)
        order.append(next(each for each in people if each.number == first.number))
        left = after_call(left, first)
    return order


def after_call(people: list[Waiting], called: Waiting) -> list[Waiting]:
    """Who waits after this call; those here were passed if she is not."""
    passes = is_remote(called)
    return [
        replace(each, passed=each.passed + (passes and each.came is not None))
        for each in people
        if each.number != called.number
    ]


policies = st.builds(
    Policy,
    law_min=st.integers(240, 720),
    care_min=st.integers(0, 240),
    booked_credit_min=st.integers(0, 120),
    booked_grace_min=st.integers(0, 60),
    remote_passes=st.integers(1, 4),
    fastest_min=st.integers(1, 10),
    slowest_min=st.integers(10, 60),
)
seconds = st.integers(int(OPENING), int(CLOSING)).map(float)
halves = st.integers(18, 34).map(lambda half: half * 1800.0)


@st.composite
def lines(draw: st.DrawFn, most: int = 14) -> list[Waiting]:
    """A line of anybody: few different times, so that equal places are common."""
    times = st.sampled_from(draw(st.lists(seconds, min_size=1, max_size=8)))
    people = []
    for number in draw(st.lists(st.integers(1, 999), max_size=most, unique=True)):
        place = draw(times)
        away = draw(st.booleans())
        came = None if away else place + draw(st.sampled_from([0.0, 0.0, 900.0, 5400.0]))
        group = draw(st.sampled_from([ORDINARY, ORDINARY, ORDINARY, CARE, LAW]))
        slot = draw(st.one_of(st.none(), st.none(), halves))
        people.append(Waiting(place, number, group, slot, came, draw(st.integers(0, 5))))
    return people
