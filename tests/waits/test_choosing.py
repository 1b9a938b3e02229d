"""Of simulation and model that one is shown which has been nearer the truth."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from dispatch.waits import choosing
from dispatch.waits.choosing import Gain
from dispatch.waits.forecast import BOOSTED, SIMULATED
from dispatch.waits.models import WaitScore
from tests.standing_city import DISTRICT_HALL, MORNING, TOWN_HALL, Town

DAY = MORNING.date()


def scored(
    town: Town,
    hall: str,
    off_s: dict[str, int],
    *,
    n: int = 100,
    ahead: int = 0,
    ago: int = 0,
    days: int = choosing.LEAST_DAYS,
) -> None:
    """Of so many people who joined at ten on each of some days, each predictor was off by so much in the mean."""
    zeros = dict.fromkeys(("over_s", "within_5_min", "ranged", "covered", "late", "width_s"), 0)
    rows = [
        {
            "hall": hall,
            "day": DAY - timedelta(days=ago + place),
            "hour": 10,
            "ahead_min": ahead,
            "predictor": name,
            "n": n,
            "off_s": n * off,
        }
        for name, off in off_s.items()
        for place in range(days)
    ]
    with town.database.work() as session:
        session.execute(insert(WaitScore), [{**row, **zeros} for row in rows])


def better(town: Town) -> dict[str, frozenset[int]]:
    with town.database.reading() as session:
        return choosing.better_of_all(session)


def test_while_nothing_is_scored_nothing_is_better_than_the_simulation(town: Town) -> None:
    assert better(town) == {}
    scored(town, TOWN_HALL, {SIMULATED: 300})
    assert better(town) == {}


def test_each_horizon_has_its_own(town: Town) -> None:
    scored(town, TOWN_HALL, {SIMULATED: 300, BOOSTED: 200})
    scored(town, TOWN_HALL, {SIMULATED: 300, BOOSTED: 400}, ahead=60)
    assert better(town) == {TOWN_HALL: frozenset({0})}


def test_a_hall_with_few_people_goes_with_the_city(town: Town) -> None:
    scored(town, TOWN_HALL, {SIMULATED: 300, BOOSTED: 200}, n=5000)
    scored(town, DISTRICT_HALL, {SIMULATED: 200, BOOSTED: 210}, n=10)
    assert better(town)[DISTRICT_HALL] == {0}
    scored(town, TOWN_HALL, {SIMULATED: 300, BOOSTED: 200}, n=5000, ahead=30)
    scored(town, DISTRICT_HALL, {SIMULATED: 200, BOOSTED: 400}, n=5000, ahead=30)
    assert better(town) == {TOWN_HALL: frozenset({0, 30}), DISTRICT_HALL: frozenset({0})}


def test_what_is_long_ago_and_what_only_one_was_asked_counts_for_nothing(town: Town) -> None:
    scored(town, TOWN_HALL, {SIMULATED: 300, BOOSTED: 100}, ago=choosing.DAYS, n=5000)
    scored(town, TOWN_HALL, {SIMULATED: 300, BOOSTED: 310})
    assert better(town) == {TOWN_HALL: frozenset()}


def test_one_good_day_is_not_enough_however_many_came(town: Town) -> None:
    scored(town, TOWN_HALL, {SIMULATED: 900, BOOSTED: 100}, n=50_000, days=1)
    assert better(town) == {TOWN_HALL: frozenset()}
    scored(town, TOWN_HALL, {SIMULATED: 300, BOOSTED: 310}, ago=1, days=choosing.LEAST_DAYS - 1)
    assert better(town) == {TOWN_HALL: frozenset()}, "all but that one were worse"


def test_a_model_that_is_nearer_on_most_days_by_a_little_is_shown(town: Town) -> None:
    for ago in range(10):
        scored(town, TOWN_HALL, {SIMULATED: 300, BOOSTED: 320 if ago == 4 else 270}, ago=ago, days=1)
    assert better(town) == {TOWN_HALL: frozenset({0})}


DAYS = st.lists(
    st.tuples(st.floats(-600, 600), st.integers(1, 500)), min_size=choosing.LEAST_DAYS, max_size=14
)


@given(days=DAYS)
def test_never_are_both_the_better_one(days: list[tuple[float, int]]) -> None:
    """What speaks for the model speaks against the simulation."""
    told, turned = (
        {DAY - timedelta(days=place): Gain(sign * each * n, n) for place, (each, n) in enumerate(days)}
        for sign in (1, -1)
    )
    assert not (choosing.is_better(told, told) and choosing.is_better(turned, turned))


@given(days=DAYS)
def test_a_model_that_is_never_nearer_is_never_shown(days: list[tuple[float, int]]) -> None:
    told = {DAY - timedelta(days=place): Gain(-abs(each) * n, n) for place, (each, n) in enumerate(days)}
    assert not choosing.is_better(told, told)
