"""Among counters that are near-equal, not everybody is sent to one."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.journeys.finding import Expected
from dispatch.journeys.rules import NEAR_S
from dispatch.routing.advice import Advice
from dispatch.routing.mixing import mix
from dispatch.routing.weighing import Weighed
from tests.routing.cities import HERE, NOW, QUEUE, ROUTER, Place, advise, asked, cities, enquiry, item

draws = st.floats(0, 1, exclude_max=True)


def at_counters(advice: Advice) -> list[Weighed]:
    return [each.weighed for each in advice.options if each.weighed and each.channel == "counter"]


def firsts(*city: Place) -> Counter[str]:
    counters = at_counters(advise(list(city)))
    return Counter(mix(counters, NOW, nth / 500)[0].candidate.site.code for nth in range(500))


def beside(code: str, **different: object) -> Place:
    return Place(code, lon=HERE.lon + 0.001 * ord(code), **different)  # type: ignore[arg-type]


def test_three_alike_are_advised_in_turns() -> None:
    counts = firsts(beside("A"), beside("B"), beside("C"))
    assert set(counts) == {"A", "B", "C"}
    assert max(counts.values()) < 2 * min(counts.values())


def test_a_hall_that_is_sure_to_be_slower_is_not_mixed_in() -> None:
    assert set(firsts(beside("A"), beside("B", wait_s=4800.0))) == {"A"}


def test_a_hall_whose_wait_nobody_knows_is_not_mixed_in() -> None:
    assert set(firsts(beside("A"), beside("B", wait_s=None))) == {"A"}


def test_a_hall_from_where_papers_travel_is_not_mixed_in() -> None:
    assert set(firsts(beside("A"), beside("B", items={"CARD": "receive"}))) == {"A"}


@settings(max_examples=25)
@given(cities(), draws)
def test_a_draw_changes_only_which_goes_first_and_costs_little(city: list[Place], draw: float) -> None:
    before = at_counters(advise(city))
    after = mix(before, NOW, draw)
    assert [each for each in after[1:] if each is not before[0]] == [
        each for each in before[1:] if each is not after[0]
    ]
    if after:
        assert (after[0].finish_at - before[0].finish_at).total_seconds() <= NEAR_S
        assert mix(before, NOW, 0.0) == before


def test_whoever_has_set_out_since_the_forecast_stands_before_her() -> None:
    soon, late = (NOW + timedelta(minutes=minutes) for minutes in (1, 600))
    people = [Expected(nth, QUEUE, at.timestamp(), 0.0, 0.8) for nth, at in enumerate([soon, soon, late])]
    ask, matters = asked(item())
    place = beside("A")
    finishes = []
    for since in ({}, {QUEUE: people}, {"Z": people}):
        under_way = enquiry([place], ask, matters)
        (site,) = under_way.due()
        (trip,) = ROUTER.trips(ask.place, [site.place], ask.mode, ask.at)
        under_way.weigh({"A": replace(place.seen, since=since)}, {"A": trip}, real_now=NOW)
        (weighed,) = at_counters(under_way.advice())
        finishes.append((weighed.finish_at - NOW).total_seconds())
    plain, crowded, elsewhere = finishes
    assert crowded == plain + 2 * 0.8 * 10 * 60
    assert elsewhere == plain
