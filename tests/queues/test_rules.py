"""Who is next: whatever the line looks like."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from dispatch.queues.rules import PRIORITIES, PRIORITY_CLASS, rank

Line = list[tuple[int, float, int]]
CLASSES = sorted(set(PRIORITY_CLASS.values()))

people = st.tuples(
    st.sampled_from(CLASSES), st.floats(0, 4e9, allow_nan=False, width=64), st.integers(1, 2_000)
)
lines = st.lists(people, max_size=40, unique_by=lambda person: person[2])


def order(line: Line) -> list[int]:
    """The line's indices, the next person first."""
    classes: NDArray[np.int64] = np.array([person[0] for person in line], dtype=np.int64)
    places: NDArray[np.float64] = np.array([person[1] for person in line], dtype=np.float64)
    numbers: NDArray[np.int64] = np.array([person[2] for person in line], dtype=np.int64)
    return [int(index) for index in rank(classes, places, numbers)]


@given(lines)
def test_everybody_is_ranked_once(line: Line) -> None:
    assert sorted(order(line)) == list(range(len(line)))


@given(lines)
def test_a_lower_class_goes_first(line: Line) -> None:
    classes = [line[index][0] for index in order(line)]
    assert classes == sorted(classes)


@given(lines)
def test_nobody_is_overtaken_within_a_class(line: Line) -> None:
    ranked = [line[index] for index in order(line)]
    for wanted in CLASSES:
        places = [(place, number) for kind, place, number in ranked if kind == wanted]
        assert places == sorted(places)


@given(line=lines, kind=st.sampled_from(CLASSES))
def test_who_comes_later_changes_nobodys_order_among_those_before(line: Line, kind: int) -> None:
    latest = max((place for _, place, _ in line), default=0.0) + 1
    before = order(line)
    after = order([*line, (kind, latest, 9_999)])
    assert [index for index in after if index != len(line)] == before


@given(line=lines, kind=st.sampled_from(CLASSES))
def test_who_comes_later_stands_behind_everybody_of_her_class(line: Line, kind: int) -> None:
    latest = max((place for _, place, _ in line), default=0.0) + 1
    after = order([*line, (kind, latest, 9_999)])
    behind = after[after.index(len(line)) + 1 :]
    assert all(line[index][0] > kind for index in behind)


@given(line=lines, seed=st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_the_rows_came(line: Line, seed: object) -> None:
    shuffled = [*line]
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    assert [line[index] for index in order(line)] == [shuffled[index] for index in order(shuffled)]


@given(line=lines, data=st.data())
def test_who_leaves_changes_nobodys_order(line: Line, data: st.DataObject) -> None:
    if line:
        gone = data.draw(st.integers(0, len(line) - 1))
        before = [line[index] for index in order(line) if index != gone]
        left = line[:gone] + line[gone + 1 :]
        assert [left[index] for index in order(left)] == before


def test_an_empty_line_has_no_next() -> None:
    assert order([]) == []


def test_equal_places_are_settled_by_the_number() -> None:
    assert order([(2, 5.0, 8), (2, 5.0, 7)]) == [1, 0]


def test_soldiers_come_before_the_old_and_the_old_before_everybody_else() -> None:
    names = ["none", "elderly", "soldier", "disabled", "firefighter"]
    line = [(PRIORITY_CLASS[name], float(place), place) for place, name in enumerate(names, 1)]
    assert [names[index] for index in order(line)] == [
        "soldier",
        "firefighter",
        "elderly",
        "disabled",
        "none",
    ]


def test_every_priority_has_a_class_and_nobody_comes_after_the_ordinary() -> None:
    assert set(PRIORITIES) == set(PRIORITY_CLASS)
    assert max(PRIORITY_CLASS.values()) == PRIORITY_CLASS["none"]
