"""How a crowd is advised: what must hold of any places and any ranges."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.journeys import rules
from dispatch.journeys.finding import Expected
from dispatch.journeys.rules import LEAST_GAIN_S, NEAR_S, REFERRED_S, Prospect

seconds = st.floats(0, 14_400)
sides = st.floats(0, 3600)
prospects = st.builds(
    lambda done, less, more: Prospect(done, done - less, done + more), seconds, sides, sides
)
several = st.lists(prospects, min_size=1, max_size=12)
draws = st.floats(0, 1, exclude_max=True)


def prospect(minutes: float, give_or_take: float = 0.0) -> Prospect:
    return Prospect(60 * minutes, 60 * (minutes - give_or_take), 60 * (minutes + give_or_take))


def firsts(places: list[Prospect], draws: int = 2000) -> Counter[int]:
    return Counter(rules.mixed(places, nth / draws)[0] for nth in range(draws))


@given(several, draws)
def test_one_place_goes_first_and_the_others_stay_as_they_stood(places: list[Prospect], draw: float) -> None:
    first, *rest = rules.mixed(places, draw)
    assert rest == [index for index in range(len(places)) if index != first]


@given(several)
def test_without_a_draw_everything_stays_as_it_stood(places: list[Prospect]) -> None:
    assert rules.mixed(places, 0.0) == list(range(len(places)))


@given(several, draws)
def test_the_first_may_be_the_quickest_as_far_as_anybody_knows(places: list[Prospect], draw: float) -> None:
    places.sort(key=lambda each: each.done_s)
    first = places[rules.mixed(places, draw)[0]]
    assert first.low_s <= places[0].high_s
    assert first.done_s - places[0].done_s <= NEAR_S


def test_places_that_differ_by_more_than_the_ranges_are_not_mixed() -> None:
    assert set(firsts([prospect(40, 2), prospect(44, 2), prospect(60, 60)])) == {0}


def test_without_any_doubt_the_quickest_is_first() -> None:
    assert set(firsts([prospect(30), prospect(30.1), prospect(31)])) == {0}


def test_equal_places_are_advised_equally_often() -> None:
    counts = firsts([prospect(30, 6)] * 4)
    assert max(counts.values()) - min(counts.values()) <= 1


def test_the_nearer_to_the_quickest_the_more_often() -> None:
    counts = firsts([prospect(minutes, 10) for minutes in (30, 32, 34, 36)])
    assert counts[0] > counts[1] > counts[2] > counts[3] == 0


def test_a_place_is_advised_about_as_often_as_it_is_the_quicker() -> None:
    """Of two, with ranges as of normal errors: by how much the chance differs from the share."""
    from statistics import NormalDist

    for behind in (1, 2, 3, 5):
        share = firsts([prospect(30, 8), prospect(30 + behind, 8)])[1] / 2000
        chance = NormalDist(0, 8 / 1.645 * 2**0.5).cdf(-behind)
        assert share == pytest.approx(chance, abs=0.02)


@given(prospects, prospects)
def test_a_switch_is_advised_only_for_more_than_the_ranges(going: Prospect, other: Prospect) -> None:
    if rules.worth_a_switch(going, other):
        gain = going.done_s - other.done_s
        assert gain >= LEAST_GAIN_S
        assert gain > max(going.done_s - going.low_s, other.high_s - other.done_s)


@given(prospects, prospects)
def test_nobody_is_sent_to_and_fro(here: Prospect, there: Prospect) -> None:
    assert not (rules.worth_a_switch(here, there) and rules.worth_a_switch(there, here))
    assert not (rules.worth_a_referral(here, there) and rules.worth_a_switch(there, here))


@given(prospects, prospects)
def test_whoever_waits_is_sent_on_for_twenty_minutes_at_least(here: Prospect, there: Prospect) -> None:
    if rules.worth_a_referral(here, there):
        assert here.done_s - there.done_s >= REFERRED_S
        assert rules.worth_a_switch(here, there)


@pytest.mark.parametrize(
    ("saved", "doubt", "offered"), [(25, 5, True), (19.9, 0, False), (20, 0, True), (25, 20, False)]
)
def test_a_referral_needs_twenty_minutes_beyond_doubt(saved: float, doubt: float, offered: bool) -> None:
    assert rules.worth_a_referral(prospect(60, doubt), prospect(60 - saved, doubt)) is offered


def test_whoever_set_out_since_and_is_there_first_is_counted() -> None:
    people = [
        Expected(1, "D", 100.0, 0.0, 0.8),
        Expected(2, "D", 300.0, 0.0, 1.0),
        Expected(3, "D", 900.0, 0.0, 1.0),
    ]
    assert rules.more_s(people, joins_at=500.0, each_s=100.0) == 180.0
    assert rules.more_s([], joins_at=500.0, each_s=100.0) == 0.0
