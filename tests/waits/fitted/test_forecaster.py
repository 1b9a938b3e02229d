"""The forecaster answers from the past alone, soundly whatever happens, and learns what queues are like."""

import math
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.learning.happenings import Happening, Kind
from dispatch.waits.fitted.forecaster import Forecaster
from dispatch.waits.forecast import Forecast, Unknown
from dispatch.waits.racing import Question
from tests.waits.fitted.test_watching import happenings
from tests.waits.mornings import FIRST, ZONE, asked_of, days, taught

LEARNED = 5


@pytest.fixture(scope="module")
def state() -> bytes:
    """What five days taught."""
    return taught(LEARNED).state()


def restored(state: bytes) -> Forecaster:
    forecaster = Forecaster(ZONE)
    forecaster.restore(state)
    return forecaster


@pytest.fixture(scope="module")
def forecaster(state: bytes) -> Forecaster:
    """One that goes on from there; whoever uses it begins a day."""
    return restored(state)


def lived(forecaster: Forecaster, told: Sequence[Happening]) -> list[Forecast | Unknown]:
    """The answers of a day after those that were learned from."""
    forecaster.begin_day(FIRST + timedelta(days=LEARNED))
    for happening in told:
        asked_of(forecaster, happening)
    return list(forecaster.answers())


def next_day() -> list[Happening]:
    return list(days(LEARNED + 1))[-1][1]


def test_nobody_knows_how_long_it_takes_where_nobody_was_ever_served() -> None:
    forecaster = Forecaster(ZONE)
    forecaster.begin_day(FIRST)
    forecaster.see(Happening(0.0, Kind.ISSUED, "city_hall", "A", "1"))
    assert forecaster.foretell([Question(0.0, "city_hall", "A")]) == [Unknown("nobody_served_yet")]


def test_on_the_first_day_a_queue_is_as_fast_as_its_hall_is_called() -> None:
    forecaster = Forecaster(ZONE)
    forecaster.begin_day(FIRST)
    for number in range(40):
        forecaster.see(Happening(60.0 * number, Kind.ISSUED, "city_hall", "A", str(number)))
        forecaster.see(Happening(60.0 * number + 60, Kind.CALLED, "city_hall", "A", str(number)))
    forecaster.see(Happening(2400.0, Kind.ISSUED, "city_hall", "B", "first"))
    (answer,) = forecaster.foretell([Question(2400.0, "city_hall", "B")])
    assert isinstance(answer, Forecast)
    assert 55 <= answer.point_s <= 65
    assert answer.method == "usual_rate"


def test_after_some_days_it_knows_the_queues_better_than_their_rates_do(forecaster: Forecaster) -> None:
    told = next_day()
    answers = lived(forecaster, told)
    called = {each.ticket: each.at for each in told if each.kind is Kind.CALLED}
    waits = [called[each.ticket] - each.at for each in told if each.kind is Kind.ISSUED]
    now = [each for each in answers[::2] if isinstance(each, Forecast)]
    assert {each.method for each in now} == {"boosted"}
    off = [abs(each.point_s - wait) for each, wait in zip(now, waits, strict=True)]
    held = [each.low_s <= wait <= each.high_s for each, wait in zip(now, waits, strict=True)]
    usual = sum(waits) / len(waits)
    assert sum(off) < 0.5 * sum(abs(usual - wait) for wait in waits)
    assert sum(held) >= 0.75 * len(held)


def test_what_it_learned_goes_on_elsewhere(state: bytes, forecaster: Forecaster) -> None:
    assert lived(restored(state), next_day()) == lived(forecaster, next_day())


def test_the_future_changes_no_earlier_answer(forecaster: Forecaster) -> None:
    told = next_day()
    noon = told[len(told) // 2].at
    earlier = [each for each in told if each.at <= noon]
    short = lived(forecaster, earlier)
    assert lived(forecaster, told)[: len(short)] == short


def test_questions_asked_together_or_one_by_one_have_the_same_answers(forecaster: Forecaster) -> None:
    forecaster.begin_day(FIRST + timedelta(days=LEARNED))
    told = next_day()
    for happening in told[:100]:
        forecaster.see(happening)
    questions = [
        Question(told[99].at, hall, queue, ahead_s=ahead_s)
        for hall, queue in (("city_hall", "A"), ("town_hall", "A"), ("town_hall", "never seen"))
        for ahead_s in (0.0, 900.0, 7200.0)
    ]
    together = forecaster.foretell(questions)
    assert [forecaster.foretell([question])[0] for question in questions] == together
    assert forecaster.answers() == []


@settings(deadline=None, max_examples=8)
@given(st.lists(happenings(), max_size=30), st.floats(-1e6, 1e6))
def test_whatever_happens_answers_are_finite_and_in_order(
    forecaster: Forecaster, told: list[Happening], asked_at: float
) -> None:
    for each in (Forecaster(ZONE), forecaster):
        each.begin_day(FIRST)
        for happening in told:
            each.see(happening)
        for answer in each.foretell(
            [Question(asked_at, "city_hall", name, ahead_s=s) for name in "AC" for s in (0.0, 1800.0, 1e5)]
        ):
            if isinstance(answer, Forecast):
                assert 0 <= answer.low_s <= answer.point_s <= answer.high_s < math.inf


def test_a_day_without_calls_teaches_nothing_and_harms_nothing(state: bytes) -> None:
    idle = restored(state)
    idle.begin_day(FIRST + timedelta(days=LEARNED))
    asked_of(idle, Happening(0.0, Kind.ISSUED, "city_hall", "A", "alone"))
    idle.end_day()
    assert lived(idle, next_day()) == lived(restored(state), next_day())
