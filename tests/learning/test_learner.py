"""Learning goes on where it stood, forgets no sooner than it should, and bears whatever it is told."""

import json
import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.learning.happenings import Happening, Kind
from dispatch.learning.knowing import Known
from dispatch.learning.learner import Learner
from dispatch.learning.openings import COUNTED
from dispatch.learning.pool import Pool
from tests.learning.made_up_hall import ZONE, MadeUpHall

MINUTES = {"A1": 5.0, "A2": 8.0, "B1": 3.0}
BEFORE = Known.by_catalogue("hall", ZONE, MINUTES)
DAY = datetime(2026, 9, 1, tzinfo=ZONE).timestamp()


@cache
def four_days() -> tuple[Happening, ...]:
    small = MadeUpHall(per_day={"A": 8.0, "B": 12.0})
    return tuple(small.days(4, seed=7))


def taught(happenings: Iterable[Happening], learner: Learner | None = None) -> Learner:
    learner = learner or Learner(ZONE)
    for happening in happenings:
        learner.see(happening)
    return learner


def kept(learner: Learner) -> Any:  # noqa: ANN401 - JSON
    return json.loads(json.dumps(learner.plain(), allow_nan=False))


def at(hours: float, kind: Kind, ticket: str = "", *, day: int = 0, **told: Any) -> Happening:  # noqa: ANN401
    told = {"queue": "A", "window": "w", **told} if ticket else told
    return Happening(DAY + 86_400 * day + 3600 * hours, kind, "hall", ticket=ticket, **told)


@given(st.lists(st.integers(0, len(four_days())), max_size=6))
@settings(max_examples=25, deadline=None)
def test_learning_in_steps_is_learning_at_once(cuts: list[int]) -> None:
    learner = Learner(ZONE)
    edges = [0, *sorted(cuts), len(four_days())]
    for start, end in pairwise(edges):
        learner = taught(four_days()[start:end], Learner(ZONE, kept(learner)))
    assert kept(learner) == kept(taught(four_days()))


def finite(known: Known) -> None:
    """Everything that anybody may ask for is a number that can be."""
    for item in ("", "A1", "unheard of"):
        for hour in (None, 3, 11):
            service = known.service(item, "ann", hour, queue="A")
            assert math.isfinite(service.mu)
            assert 0 < service.sigma < 10
            assert 0 < service.mean_s < math.inf
    for remote in (False, True):
        for again in (False, True):
            assert 0 < known.show("A", remote, again=again) < 1
    assert 0 < known.missed_cost_s < 1e4
    assert 0 < known.call_to_start_s < 1e4
    for start in (DAY, DAY + 3 * 86_400):
        for figures in (
            known.arrivals("A", start, start + 86_400),
            known.windows("A", start, start + 86_400),
            known.open_share("w", start, start + 86_400),
        ):
            assert figures is None or (len(figures) == 96 and np.all(np.isfinite(figures) & (figures >= 0)))


ANYTHING = st.builds(
    Happening,
    at=st.floats(DAY - 1e6, DAY + 1e7),
    kind=st.sampled_from(Kind),
    hall=st.just("hall"),
    queue=st.sampled_from(["", "A", "B"]),
    ticket=st.sampled_from(["", "t1", "t2", "t3"]),
    item=st.sampled_from(["", "A1"]),
    window=st.sampled_from(["", "w", "v"]),
    clerk=st.sampled_from(["", "ann"]),
    queues=st.sampled_from([(), ("A",), ("A", "B")]),
    windows=st.integers(-1, 5),
    remote=st.booleans(),
    imputed=st.booleans(),
)


@given(st.lists(ANYTHING, max_size=60))
@settings(max_examples=60, deadline=None)
def test_whatever_is_told_figures_stay_figures(happenings: list[Happening]) -> None:
    learner = taught(happenings)
    finite(learner.known("hall", BEFORE))
    pool = Pool()
    pool.add(learner)
    finite(pool.known(MINUTES))
    finite(Learner(ZONE).known("hall", pool.known(MINUTES)))
    assert kept(Learner(ZONE, kept(learner))) == kept(learner)


def test_who_was_expected_is_none_of_those_who_come_by_themselves() -> None:
    """But served she is as anybody."""

    def day(*, expected: bool) -> list[Happening]:
        told = [at(9, Kind.ISSUED, "a"), at(9, Kind.ISSUED, "b")]
        told += [at(9, Kind.EXPECTED, "b")] if expected else []
        told += [at(9 + 0.1 * nth, kind, "b") for nth, kind in enumerate((Kind.CALLED, Kind.STARTED), 1)]
        return [*told, at(9.5, Kind.FINISHED, "b"), at(9, Kind.ISSUED, "c", day=1)]

    known, usual = taught(day(expected=True)), taught(day(expected=False))
    assert (known.came.at("A").sum(), usual.came.at("A").sum()) == (1, 2)
    assert kept(known)["people"] == kept(usual)["people"]
    assert kept(known)["going"] == kept(usual)["going"]


def test_an_undone_call_is_no_call() -> None:
    calls = taught(
        [
            at(9, Kind.ISSUED, "t"),
            at(9.1, Kind.CALLED, "t"),
            at(9.11, Kind.ISSUED, "t"),
            at(10, Kind.CALLED, "t"),
            at(10.1, Kind.FINISHED, "t"),
            at(11, Kind.ISSUED, "u"),
        ]
    )
    assert calls.calls.of.of == {"A\there": [1.0, 1.0]}
    assert calls.durations.of.of["@A"][0] == 1.0


def test_who_was_finished_by_mistake_is_served_on() -> None:
    learner = taught(
        [
            at(9, Kind.ISSUED, "t"),
            at(9.1, Kind.CALLED, "t"),
            at(9.2, Kind.FINISHED, "t"),
            at(9.201, Kind.CALLED, "t"),
            at(9.6, Kind.FINISHED, "t"),
            at(11, Kind.ISSUED, "u"),
        ]
    )
    count, total, _ = learner.durations.of.of["@A"]
    assert count == 1.0
    assert math.exp(total) == pytest.approx(1800)
    assert learner.calls.of.of == {"A\there": [1.0, 1.0]}


def test_who_missed_her_call_and_came_back_counts_twice() -> None:
    learner = taught(
        [
            at(9, Kind.ISSUED, "t", remote=True),
            at(9.1, Kind.CALLED, "t", remote=True),
            at(9.12, Kind.MISSED, "t", remote=True),
            at(9.13, Kind.ISSUED, "t"),
            at(9.3, Kind.CALLED, "t"),
            at(9.5, Kind.FINISHED, "t"),
            at(11, Kind.ISSUED, "u"),
        ]
    )
    assert learner.calls.of.of == {"A\tremote": [1.0, 0.0], "A\tagain": [1.0, 1.0]}
    assert math.exp(learner.calls.seconds.of["missed"][1]) == pytest.approx(72)


def test_what_a_parked_person_held_a_window_for_is_added_up() -> None:
    learner = taught(
        [
            at(9, Kind.ISSUED, "t"),
            at(9.1, Kind.CALLED, "t"),
            at(9.2, Kind.LEFT, "t"),
            at(11.0, Kind.CALLED, "t"),
            at(11.1, Kind.FINISHED, "t"),
            at(12, Kind.ISSUED, "u"),
        ]
    )
    count, total, _ = learner.durations.of.of["@A"]
    assert count == 1.0
    assert math.exp(total) == pytest.approx(720)
    assert learner.calls.of.of == {"A\there": [1.0, 1.0]}


def test_a_window_forgotten_over_lunch_hardly_counts() -> None:
    def served(seconds: float) -> Learner:
        learner = taught(
            happening
            for nth in range(30)
            for happening in (
                at(9 + nth / 10, Kind.ISSUED, f"t{nth}"),
                at(9 + nth / 10, Kind.CALLED, f"t{nth}"),
                at(9.09 + nth / 10, Kind.FINISHED, f"t{nth}"),
            )
        )
        held = [at(12.5, Kind.ISSUED, "last"), at(12.5, Kind.CALLED, "last")]
        return taught(
            [*held, at(12.5 + seconds / 3600, Kind.FINISHED, "last"), at(20, Kind.ISSUED, "u")], learner
        )

    usual, forgotten, over_noon = (
        served(seconds).known("hall", BEFORE).service(queue="A").mean_s for seconds in (324, 6000, 12_000)
    )
    assert usual <= forgotten < 1.05 * usual
    assert over_noon < 1.05 * usual


def test_imputed_times_weigh_half() -> None:
    learner = taught(
        [
            at(9, Kind.ISSUED, "t"),
            at(9.1, Kind.CALLED, "t"),
            at(9.2, Kind.FINISHED, "t", imputed=True),
            at(11, Kind.ISSUED, "u"),
        ]
    )
    assert learner.durations.of.of["@A"][0] == 0.5


def test_a_night_in_which_only_the_clearing_up_goes_on_is_no_day() -> None:
    learner = taught([at(9, Kind.ISSUED, "t"), at(10, Kind.ISSUED, "u")])
    for day in range(1, 4):
        taught([at(0.1, Kind.LEFT, "t", day=day), at(0.2, Kind.CLOSED, window="w", day=day)], learner)
    monday = learner.came.at(" days").sum(axis=1)
    assert monday.tolist() == [0, 5, 0, 0]  # five quarter-hours of one Tuesday, from the first sign of life


def test_an_early_close_says_nothing_of_the_afternoon() -> None:
    hall = MadeUpHall()
    days = list(hall.days(10, seed=3))
    noon = [happening for happening in days if datetime.fromtimestamp(happening.at, UTC).hour < 4]
    closed_early = taught([*days, *(_later(each, 10) for each in noon)])
    as_ever = taught(days)
    afternoons = [
        rates[:, 52:].sum()
        for learner in (closed_early, as_ever)
        if (rates := learner.known("hall", BEFORE).came.at("B")) is not None
    ]
    assert afternoons[0] == pytest.approx(afternoons[1], rel=0.06)


def _later(happening: Happening, days: int) -> Happening:
    return replace(
        happening, at=happening.at + 86_400 * days, ticket=happening.ticket and "x" + happening.ticket
    )


def test_a_queue_nobody_came_to_is_not_known_yet_and_one_nobody_was_served_in_hardly_is() -> None:
    known = taught(MadeUpHall().days(3, seed=1)).known("hall", BEFORE)
    assert known.arrivals("Z", DAY, DAY + 3600) is None
    assert known.windows("Z", DAY, DAY + 3600) is None
    assert known.service(queue="Z").weight == known.service().weight > 100


def test_windows_that_are_only_counted_are_known_by_their_number() -> None:
    happenings = [
        happening
        for day in range(6)
        for happening in (
            at(9, Kind.COUNTED, queue="A", windows=3, day=day),
            at(9, Kind.ISSUED, f"t{day}", day=day),
            at(12, Kind.COUNTED, queue="A", windows=1, day=day),
            at(16.9, Kind.COUNTED, queue="A", windows=0, day=day),
        )
    ]
    known = taught(happenings).known("hall", BEFORE)
    found = known.windows("A", DAY + 9 * 3600, DAY + 17 * 3600)
    assert found is not None
    assert found[:12] == pytest.approx(3, abs=0.01)
    assert found[12:31] == pytest.approx(1, abs=0.01)
    assert COUNTED + "A" in known.opened.of


def test_a_new_hall_starts_from_the_citys_pool() -> None:
    pool = Pool()
    for seed in range(3):
        pool.add(taught(MadeUpHall().days(8, seed=seed)))
    pool = Pool(json.loads(json.dumps(pool.plain())))
    new = Learner(ZONE).known("new", pool.known(MINUTES))
    for item in ("A1", "A3", "B2"):
        assert new.service(item).mu == pytest.approx(MadeUpHall().mu[item], abs=0.15)
        assert new.service(item).weight == 0
    assert new.show("X") == pytest.approx(0.88, abs=0.02)
    assert new.show("X", remote=True) == pytest.approx(0.62, abs=0.04)
    came = new.arrivals("X", DAY, DAY + 86_400)
    assert came is not None
    assert came.sum() == pytest.approx(0.9 * 155, rel=0.1)
    share = new.open_share("anybody's", DAY, DAY + 86_400)
    assert share is not None
    assert share[4 * 11] == pytest.approx(1.0, abs=0.01)
    assert share[4 * 12 + 1] == pytest.approx(0.5, abs=0.02)


def test_a_queue_to_which_nobody_comes_in_a_busy_hall_is_not_taken_for_a_usual_one() -> None:
    pool = Pool()
    pool.add(taught(MadeUpHall().days(3, seed=1)))
    known = taught(MadeUpHall().days(3, seed=2)).known("hall", pool.known(MINUTES))
    came = known.arrivals("Z", DAY, DAY + 86_400)
    assert came is not None
    assert 0 < came.sum() < 20


def test_today_counts_as_far_as_it_has_gone() -> None:
    hall = MadeUpHall()
    learner = taught(hall.days(15, seed=5))
    busy = list(MadeUpHall(per_day={"A": 240.0, "B": 380.0}).days(17, seed=6))
    today = [each for each in busy if each.at >= DAY + 86_400 * 14]  # the sixteenth day
    noon = DAY + 86_400 * 14 + 12 * 3600
    taught([each for each in today if each.at < noon], learner)
    known = learner.known("hall", BEFORE)
    rates = known.came.at("B")
    assert rates is not None
    later = known.arrivals("B", noon, noon + 4 * 3600)
    tomorrow = known.arrivals("B", noon + 86_400, noon + 86_400 + 4 * 3600)
    assert later is not None
    assert tomorrow is not None
    assert later.sum() == pytest.approx(rates[1, 48:64].sum() * 2, rel=0.25)
    assert tomorrow.sum() == pytest.approx(rates[1, 48:64].sum())
