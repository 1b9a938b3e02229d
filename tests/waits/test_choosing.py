"""Of simulation and model that one is shown which has been nearer the truth."""

from datetime import timedelta

from sqlalchemy import insert

from dispatch.waits import choosing
from dispatch.waits.forecast import BOOSTED, SIMULATED
from dispatch.waits.models import WaitScore
from tests.standing_city import DISTRICT_HALL, MORNING, TOWN_HALL, Town

DAY = MORNING.date()


def scored(
    town: Town, hall: str, off_s: dict[str, int], *, n: int = 100, ahead: int = 0, ago: int = 0
) -> None:
    """Of so many people who joined at ten, each predictor was off by so much in the mean."""
    zeros = dict.fromkeys(("over_s", "within_5_min", "ranged", "covered", "late", "width_s"), 0)
    day = DAY - timedelta(days=ago)
    rows = [
        {
            "hall": hall,
            "day": day,
            "hour": 10,
            "ahead_min": ahead,
            "predictor": name,
            "n": n,
            "off_s": n * off,
        }
        for name, off in off_s.items()
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
    scored(town, DISTRICT_HALL, {SIMULATED: 200, BOOSTED: 400}, n=5000, ago=1)
    assert better(town) == {TOWN_HALL: frozenset({0}), DISTRICT_HALL: frozenset()}


def test_what_is_long_ago_and_what_only_one_was_asked_counts_for_nothing(town: Town) -> None:
    scored(town, TOWN_HALL, {SIMULATED: 300, BOOSTED: 100}, ago=choosing.DAYS, n=5000)
    scored(town, TOWN_HALL, {SIMULATED: 300, BOOSTED: 310})
    assert better(town) == {TOWN_HALL: frozenset()}
