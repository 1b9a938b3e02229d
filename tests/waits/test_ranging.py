"""Ranges are stretched until they hold as often as they say."""

import random
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch.foundation.database import Database
from dispatch.waits.forecast import SIMULATED, Forecast
from dispatch.waits.models import WaitScore
from dispatch.waits.ranging import LEAST, MOST, Fared, Ranges, Stretch, learned
from dispatch.waits.stretching import ranges_of_all
from tests.standing_city import DISTRICT_HALL, TOWN_HALL, Town

FOUND = Forecast(600.0, 400.0, 900.0, "simulated")
NOBODY = Fared(0, 0, 0)
PEOPLE = 200

DAY = st.integers(0, 500).flatmap(
    lambda told: st.builds(Fared, st.just(told), st.integers(0, told // 2), st.integers(0, told // 2))
)


@given(st.lists(st.tuples(DAY, DAY), max_size=40), st.floats(0, 5000), st.floats(0, 5000), st.floats(0, 5000))
def test_a_stretched_range_is_a_range(
    days: list[tuple[Fared, Fared]], low: float, more: float, most: float
) -> None:
    stretch = learned(days)
    assert LEAST <= stretch.below <= MOST
    assert LEAST <= stretch.above <= MOST
    told = stretch.of(Forecast(low + more, low, low + more + most, "simulated"))
    assert 0 <= told.low_s <= told.point_s == low + more < told.high_s


def test_without_any_past_a_range_is_the_simulated_one() -> None:
    assert learned([]) == Stretch()
    assert Ranges().of(FOUND) == FOUND


def test_each_horizon_has_its_own() -> None:
    ranges = Ranges({0: Stretch(1.0, 2.0), 60: Stretch(1.0, 3.0)})
    assert ranges.of(FOUND).high_s == 1200
    assert ranges.of(FOUND, 20 * 60).high_s == 1200
    assert ranges.of(FOUND, 45 * 60).high_s == 1500
    assert ranges.of(FOUND).method == "corrected"


def fared(stretch: Stretch, chance: random.Random, people: int = PEOPLE) -> Fared:
    """A day on which waits are wider than simulated, and shifted to the late side."""
    told = stretch.of(FOUND)
    waits = [chance.gauss(720, 260) for _ in range(people)]
    early, late = (sum(test) for test in ([w < told.low_s for w in waits], [w > told.high_s for w in waits]))
    return Fared(people, early, late)


def test_ranges_that_were_too_narrow_come_to_hold_nine_times_out_of_ten() -> None:
    chance = random.Random(1)
    days: list[tuple[Fared, Fared]] = []
    for _ in range(60):
        day = fared(learned(days), chance)
        days.append((day, day))
    last = [own for own, _ in days[-30:]]
    held = 1 - sum(day.early + day.late for day in last) / sum(day.told for day in last)
    first = days[0][0]
    assert 1 - (first.early + first.late) / first.told < 0.8
    assert 0.88 <= held <= 0.92


def test_a_hall_with_few_people_goes_with_the_city() -> None:
    city = Fared(1000, 20, 200)
    alone = learned([(NOBODY, city)] * 5)
    little = learned([(Fared(2, 0, 0), city)] * 5)
    much = learned([(Fared(2000, 100, 100), city)] * 5)
    assert alone.above > 1.5
    assert abs(little.above - alone.above) < 0.15 * alone.above
    assert much.above < 1.1


def test_they_are_learned_from_the_scores(town: Town) -> None:
    keep(town.database, TOWN_HALL, told=400, covered=260, late=120)
    keep(town.database, DISTRICT_HALL, told=400, covered=360, late=20)
    with town.database.reading() as session:
        ranges = ranges_of_all(session)
    assert set(ranges) == {TOWN_HALL, DISTRICT_HALL}
    here, there = (ranges[hall].ahead[30] for hall in (TOWN_HALL, DISTRICT_HALL))
    assert here.above > there.above
    assert here.above > 1.5


def keep(database: Database, hall: str, *, told: int, covered: int, late: int) -> None:
    """Three scored days, told in two hours each."""
    with database.work() as session:
        for day in range(3):
            for hour in (9, 14):
                scored = WaitScore(
                    hall=hall,
                    day=date(2026, 11, 16) + timedelta(days=day),
                    hour=hour,
                    ahead_min=30,
                    predictor=SIMULATED,
                    n=told // 2,
                    off_s=0,
                    over_s=0,
                    within_5_min=0,
                    ranged=told // 2,
                    covered=covered // 2,
                    late=late // 2,
                    width_s=0,
                )
                session.add(scored)
