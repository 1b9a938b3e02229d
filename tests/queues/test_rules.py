"""Who is next: whatever the line looks like."""

from dataclasses import replace
from itertools import combinations
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dispatch.foundation.errors import BadInput
from dispatch.queues import rules
from dispatch.queues.policy import Policy
from dispatch.queues.rules import CARE, LAW, ORDINARY, PRIORITIES, PRIORITY_CLASS
from tests.queues.people import (
    CLOSING,
    OPENING,
    Waiting,
    after_call,
    in_turn,
    is_remote,
    line_of,
    lines,
    next_of,
    policies,
    there,
    virtual,
)

MINUTE = 60.0
USUAL = Policy()


def ranked(people: list[Waiting], policy: Policy = USUAL) -> list[Waiting]:
    return [people[index] for index in rules.rank(line_of(people), policy)]


# --- one line -----------------------------------------------------------------------------------------


@given(people=lines(), policy=policies)
def test_the_order_is_the_naive_one(people: list[Waiting], policy: Policy) -> None:
    assert ranked(people, policy) == in_turn(people, policy)


@given(people=lines(), policy=policies, chance=st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_the_rows_came(
    people: list[Waiting], policy: Policy, chance: Random
) -> None:
    shuffled = [*people]
    chance.shuffle(shuffled)
    assert ranked(people, policy) == ranked(shuffled, policy)


@given(people=lines(), policy=policies)
def test_nobody_who_comes_too_late_after_me_is_served_before_me(
    people: list[Waiting], policy: Policy
) -> None:
    """The theorem: head starts are finite, so there is a moment from which on nobody passes me any more."""
    most = rules.largest_head_start(policy)
    for first, me in combinations(ranked(people, policy), 2):
        if not is_remote(me):
            mine = since(me, policy) - virtual(me, policy)
            assert since(first, policy) - since(me, policy) <= most - mine


def since(person: Waiting, policy: Policy) -> float:
    """From when her standing counts: her place, or for somebody booked who came too late the coming."""
    is_late = person.slot is not None and there(person) > person.slot + policy.booked_grace_min * 60
    return there(person) if is_late else person.place


@given(people=lines(), policy=policies)
def test_within_a_class_nobody_overtakes(people: list[Waiting], policy: Policy) -> None:
    order = ranked(people, policy)
    for group in (LAW, CARE, ORDINARY):
        for remote in (True, False):
            places = [
                (each.place, each.number)
                for each in order
                if each.group == group and each.slot is None and is_remote(each) == remote
            ]
            assert places == sorted(places)


@given(people=lines(), policy=policies)
def test_the_bound_moves_nobody_but_ordinary_people_from_afar(people: list[Waiting], policy: Policy) -> None:
    fresh = [replace(each, passed=0) for each in people]
    bounded = [each.number for each in ranked(people, policy) if not is_remote(each)]
    assert bounded == [each.number for each in ranked(fresh, policy) if not is_remote(each)]


@given(people=lines(), policy=policies)
def test_nobody_here_will_be_passed_more_often_than_the_policy_allows(
    people: list[Waiting], policy: Policy
) -> None:
    order = ranked(people, policy)
    for place, me in enumerate(order):
        if me.came is not None:
            passes = sum(is_remote(each) for each in order[:place])
            assert passes <= max(0, policy.remote_passes - me.passed)


@given(people=lines(), policy=policies, latest=st.booleans())
def test_who_comes_later_changes_nobodys_order_among_those_before(
    people: list[Waiting], policy: Policy, latest: bool
) -> None:
    """But that tickets from afar, all together, may then have to go behind somebody who stands here."""
    late = Waiting(CLOSING + 1, 1000, came=None if latest else CLOSING + 1)
    after = [each for each in ranked([*people, late], policy) if each != late]
    before = ranked(people, policy)
    for afar in (True, False):
        assert [each for each in after if from_afar(each) is afar] == [
            each for each in before if from_afar(each) is afar
        ]


def from_afar(each: Waiting) -> bool:
    """Whether the bound on passes is about this ticket."""
    return each.came is None and each.slot is None and each.group == ORDINARY


@given(people=lines(), policy=policies)
def test_a_call_changes_nobodys_order_so_that_a_place_told_is_a_place_kept(
    people: list[Waiting], policy: Policy
) -> None:
    assume(people)
    first, *others = ranked(people, policy)
    assert [each.number for each in ranked(after_call(people, first), policy)] == [
        each.number for each in others
    ]


@given(people=lines(), policy=policies)
def test_virtual_places_are_what_the_words_say(people: list[Waiting], policy: Policy) -> None:
    told = rules.virtual_places(line_of(people), policy)
    assert list(told) == [virtual(each, policy) for each in people]


def test_an_empty_line_has_no_next() -> None:
    assert ranked([]) == []


def test_equal_places_are_settled_by_the_number() -> None:
    eight, seven = Waiting(OPENING, 8), Waiting(OPENING, 7)
    assert ranked([eight, seven]) == [seven, eight]


def test_soldiers_are_before_the_whole_day_and_the_old_before_the_last_hour() -> None:
    soldier = Waiting(OPENING + 300 * MINUTE, 5, LAW)
    old = Waiting(OPENING + 90 * MINUTE, 4, CARE)
    first, second, third = (Waiting(OPENING + each * MINUTE, each) for each in (1, 20, 40))
    assert ranked([first, second, third, old, soldier]) == [soldier, first, second, old, third]


def test_a_booking_counts_for_who_is_on_time_and_is_lost_by_who_is_late() -> None:
    slot = OPENING + 120 * MINUTE
    on_time = Waiting(slot + 10 * MINUTE, 1, slot=slot, came=slot + 10 * MINUTE)
    late = Waiting(slot + 20 * MINUTE, 2, slot=slot, came=slot + 20 * MINUTE)
    before, after = Waiting(slot - 16 * MINUTE, 3), Waiting(slot - 14 * MINUTE, 4)
    assert ranked([late, after, on_time, before]) == [before, on_time, after, late]


def test_what_the_law_gives_is_never_lost_by_booking() -> None:
    slot = OPENING + 240 * MINUTE
    plain, booked = Waiting(OPENING, 1, LAW), Waiting(OPENING, 2, LAW, slot=slot)
    assert virtual(plain, USUAL) == virtual(booked, USUAL)


def test_every_priority_has_a_class_and_nobody_comes_after_the_ordinary() -> None:
    assert set(PRIORITIES) == set(PRIORITY_CLASS)
    assert max(PRIORITY_CLASS.values()) == PRIORITY_CLASS["none"]


# --- a day at one window ------------------------------------------------------------------------------


@st.composite
def days(draw: st.DrawFn) -> tuple[list[Waiting], list[bool]]:
    """People in the order of their coming, some taking a ticket long before; and coming and calling, mixed."""
    people = []
    for number in range(1, draw(st.integers(2, 30)) + 1):
        came = OPENING + number * 60
        away = draw(st.booleans())
        group = draw(st.sampled_from([ORDINARY] * 6 + [CARE, LAW]))
        people.append(Waiting(came, number, group, None, None if away else came))
    return people, draw(st.lists(st.booleans(), max_size=60))


def play(people: list[Waiting], turns: list[bool], policy: Policy) -> tuple[list[Waiting], int]:
    """Let them come and be called; whoever was called, in order, and how often somebody was passed at most."""
    coming, line, called = iter(people), list[Waiting](), list[Waiting]()
    most = 0
    for comes in [*turns, *[True] * len(people), *[False] * len(people)]:
        if comes:
            line.extend([person] if (person := next(coming, None)) else [])
        elif line:
            arrays = line_of(line)
            first = int(rules.rank(arrays, policy)[0])
            called.append(line[first])
            passed = rules.passed_by(arrays, first)
            line = [
                replace(each, passed=each.passed + int(by)) for each, by in zip(line, passed, strict=True)
            ]
            line.pop(first)
            most = max([most, *(each.passed for each in line)])
    return called, most


@given(day=days(), policy=policies)
def test_nobody_here_is_passed_more_often_than_the_policy_allows(
    day: tuple[list[Waiting], list[bool]], policy: Policy
) -> None:
    called, most = play(*day, policy)
    assert most <= policy.remote_passes
    assert len(called) == len(day[0])


def test_without_the_bound_somebody_here_is_passed_more_often() -> None:
    """The same morning twice: twenty tickets were taken from home before the first person came to the door."""
    people = [Waiting(OPENING + n, n, came=None) for n in range(1, 21)]
    people += [Waiting(OPENING + n, n) for n in range(21, 26)]
    everybody_first = [True] * len(people)
    bounded, most = play(people, everybody_first, USUAL)
    free, unbounded = play(people, everybody_first, replace(USUAL, remote_passes=1000))
    assert most == USUAL.remote_passes
    assert unbounded == 20 > USUAL.remote_passes
    assert [each.number for each in free] == list(range(1, 26))
    assert [each.number for each in bounded] == [*range(1, 11), *range(21, 26), *range(11, 21)]


@given(day=days(), policy=policies)
def test_people_from_afar_do_not_starve(day: tuple[list[Waiting], list[bool]], policy: Policy) -> None:
    """Once somebody is the first of those from afar, whoever comes later passes her by a head start only.

    No obstacle appears before she is called: those already tired of waiting then are the last she goes behind.
    """
    people, turns = day
    coming, line = iter(people), list[Waiting]()
    obstacle: tuple[int, float] | None = None
    for comes in [*turns, *[True] * len(people), *[False] * len(people)]:
        if comes:
            line.extend([person] if (person := next(coming, None)) else [])
        elif line:
            first = next_of(line, policy)
            if obstacle and not is_remote(first):
                assert virtual(first, policy) <= obstacle[1]
            line = after_call(line, first)
        away = [each for each in line if is_remote(each)]
        earliest = min(away, key=lambda each: each.number, default=None)
        if earliest is None:
            obstacle = None
        elif obstacle is None or obstacle[0] != earliest.number:
            tired = [each for each in line if each.came is not None and each.passed >= policy.remote_passes]
            until = max(virtual(each, policy) for each in [earliest, *tired])
            obstacle = earliest.number, until


@given(people=lines(), policy=policies, data=st.data())
def test_a_call_from_afar_passes_everybody_here_and_any_other_call_nobody(
    people: list[Waiting], policy: Policy, data: st.DataObject
) -> None:
    assume(people)
    index = data.draw(st.integers(0, len(people) - 1))
    passed = rules.passed_by(line_of(people), index)
    for place, person in enumerate(people):
        expected = is_remote(people[index]) and person.came is not None and place != index
        assert passed[place] == expected


# --- coming back --------------------------------------------------------------------------------------


@given(
    people=lines(),
    policy=policies,
    behind=st.integers(1, 6),
    group=st.sampled_from([ORDINARY, CARE, LAW]),
)
def test_who_comes_back_is_behind_as_many_as_the_policy_says(
    people: list[Waiting], policy: Policy, behind: int, group: int
) -> None:
    assume(people)
    policy = replace(policy, remote_passes=behind + 1)
    place = rules.place_behind(line_of(people), behind, group, policy)
    assert place is not None
    back = Waiting(place, 0, group, came=CLOSING)
    before = ranked(people, policy)
    after = ranked([*people, back], policy)
    assert [each for each in after if each != back] == before
    position = after.index(back)
    reached = np.maximum.accumulate([virtual(each, policy) for each in before])
    sharing = [each for each in reached if each == reached[min(behind, len(before)) - 1]]
    assert min(behind, len(people)) <= position <= min(behind, len(people)) + len(sharing) - 1


def test_who_comes_back_to_a_short_line_goes_to_its_tail() -> None:
    people = [Waiting(OPENING + n, n) for n in (1, 2)]
    place = rules.place_behind(line_of(people), 3, ORDINARY, USUAL)
    assert place is not None
    assert OPENING + 2 < place < OPENING + 2.001


def test_who_comes_back_where_nobody_has_to_be_let_ahead_is_first() -> None:
    people = [Waiting(OPENING + n, n) for n in (1, 2)]
    place = rules.place_behind(line_of(people), 0, CARE, USUAL)
    assert place is not None
    back = Waiting(place, 9, CARE)
    assert ranked([*people, back])[0] == back


def test_nobody_waits_and_any_place_is_as_good() -> None:
    assert rules.place_behind(line_of([]), 3, ORDINARY, USUAL) is None


# --- several lines ------------------------------------------------------------------------------------


@given(people=lines(), policy=policies, data=st.data())
def test_a_window_takes_the_most_urgent_head(
    people: list[Waiting], policy: Policy, data: st.DataObject
) -> None:
    of = data.draw(st.lists(st.integers(0, 2), min_size=len(people), max_size=len(people)))
    minutes = data.draw(st.lists(st.integers(1, 90), min_size=len(people), max_size=len(people)))
    line = line_of(people)
    codes, now = np.array(of, dtype=np.int64), CLOSING + 7200
    order, index = rules.rank_lines(line, codes, np.array(minutes, dtype=np.float64), now, policy)
    assume(len(set(index)) == len(index))
    left = {
        queue: in_turn([p for p, q in zip(people, of, strict=True) if q == queue], policy) for queue in of
    }
    urgency = {person.number: float(value) for person, value in zip(people, index, strict=True)}
    expected = []
    while any(left.values()):
        heads = [(urgency[queue[0].number], code) for code, queue in left.items() if queue]
        expected.append(left[max(heads)[1]].pop(0))
    assert [people[index] for index in order] == expected


@given(people=lines(), policy=policies, data=st.data())
def test_nobody_of_another_line_goes_first_who_waited_less_than_the_ratio_of_minutes(
    people: list[Waiting], policy: Policy, data: st.DataObject
) -> None:
    """No line starves beside a quicker one: its head waits at most so many times longer than who is called."""
    assume(people)
    of = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(people), max_size=len(people))))
    minutes = data.draw(st.lists(st.floats(0.1, 500), min_size=len(people), max_size=len(people)))
    line, now = line_of(people), CLOSING + 7200
    order, _ = rules.rank_lines(line, of, np.array(minutes), now, policy)
    waited = now - rules.virtual_places(line, policy)
    heads = [rules.rank(line[of == queue], policy)[0] for queue in np.unique(of)]
    longest = max(float(waited[of == queue][head]) for queue, head in zip(np.unique(of), heads, strict=True))
    assert float(waited[order[0]]) * policy.slowest_min >= longest * policy.fastest_min * (1 - 1e-9)


def test_of_two_heads_who_waited_alike_the_quicker_to_serve_is_next() -> None:
    line = line_of([Waiting(OPENING, 1), Waiting(OPENING, 2)])
    order, index = rules.rank_lines(line, np.array([0, 1]), np.array([18.0, 6.0]), OPENING + 600, USUAL)
    assert list(order) == [1, 0]
    assert index[1] == pytest.approx(10 / 15 / 6)


def test_nobody_waits_in_any_line() -> None:
    order, index = rules.rank_lines(line_of([]), np.array([], dtype=np.int64), np.array([]), OPENING, USUAL)
    assert len(order) == len(index) == 0


# --- the policy ---------------------------------------------------------------------------------------


def test_what_is_not_said_is_as_usual() -> None:
    assert Policy.of({}) == USUAL
    assert Policy.of({"remote_passes": 3}) == replace(USUAL, remote_passes=3)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"law_min": 59}, "law_min"),
        ({"law_min": 100_000}, "law_min"),
        ({"remote_passes": 0}, "remote_passes"),
        ({"target_min": 15.0}, "target_min"),
        ({"target_min": True}, "target_min"),
        ({"target_min": None}, "target_min"),
        ({"target": 15}, "target"),
        ({"care_min": 300, "law_min": 240}, "care_min"),
        ({"fastest_min": 30}, "fastest_min"),
    ],
)
def test_a_policy_out_of_bounds_is_refused_by_the_name_of_its_field(
    told: dict[str, object], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        Policy.of(told)
    assert refused.value.field == field


def test_a_stored_policy_of_another_version_is_read_as_far_as_it_is_known() -> None:
    assert Policy.stored({"remote_passes": 4, "gone": 1, "version": 2}) == replace(USUAL, remote_passes=4)
