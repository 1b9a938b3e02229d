"""The made-up days on which the simulation is measured go as days of a hall go."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from benchmarks.visitors_world.days import POSTS, HallDay
from benchmarks.visitors_world.pricing import City
from dispatch.demo.visitors.parameters import Parameters
from dispatch.learning.happenings import Happening, Kind
from dispatch.waits.forecast import Forecast

MONDAY = date(2026, 8, 31)
TO_THE_MINUTE = replace(Parameters(), overtime_min=0.0)


def played(parameters: Parameters, load: float = 1.1) -> tuple[HallDay, list[Happening]]:
    day = HallDay("hall", MONDAY, load, seed=3, parameters=parameters)
    return day, list(day.play())


@pytest.mark.parametrize("parameters", [Parameters(), TO_THE_MINUTE], ids=["visitors", "to the minute"])
def test_everybody_joins_once_and_is_called_once_or_leaves_or_waits_to_the_end(
    parameters: Parameters,
) -> None:
    day, told = played(parameters)
    assert [each.at for each in told] == sorted(each.at for each in told)
    of = {kind: Counter(each.ticket for each in told if each.kind is kind) for kind in Kind}
    assert set(of[Kind.ISSUED].values()) == {1}
    ends = of[Kind.CALLED] + of[Kind.LEFT] + Counter(person.id for person in day.waiting)
    assert ends == of[Kind.ISSUED]
    assert of[Kind.CALLED] == of[Kind.FINISHED] + of[Kind.MISSED]


def test_a_window_calls_while_it_is_open_and_for_its_queues() -> None:
    _, told = played(Parameters())
    queues = {post.window: post.queues for post in POSTS}
    works: set[str] = set()
    for each in told:
        if each.kind is Kind.OPENED:
            works.add(each.window)
        elif each.kind is Kind.CLOSED:
            works.remove(each.window)
        elif each.kind is Kind.CALLED:
            assert each.window in works
            assert each.queue in queues[each.window]
    assert not works


def test_who_keeps_the_roster_to_the_minute_calls_nobody_after_it() -> None:
    for parameters, kept in ((TO_THE_MINUTE, True), (Parameters(), False)):
        day, told = played(parameters, load=2.0)
        spans = {post.window: [day.moment(end).timestamp() for _, end in post.spans] for post in POSTS}
        late = [
            each
            for each in told
            if each.kind is Kind.CALLED and any(0 <= each.at - end < 900 for end in spans[each.window])
        ]
        assert (not late) == kept


def test_a_day_can_be_foretold_at_any_moment() -> None:
    city, day = City("hall"), HallDay("hall", MONDAY, load=1.1, seed=3)
    city.plan(day)
    told = []
    for number, happening in enumerate(day.play()):
        city.see(happening)
        if happening.kind is Kind.ISSUED and number % 40 == 0:
            told += [city.foretold(day), city.by_textbook(day)]
    waits = [each for each in told if isinstance(each, Forecast)]
    assert len(waits) > 5
    assert all(0 <= each.low_s <= each.point_s <= each.high_s for each in waits)
