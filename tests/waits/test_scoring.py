"""What was announced against what happened: figures as one gets them by hand, on both databases."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update

from dispatch.foundation import clock
from dispatch.halls import finding
from dispatch.learning.happenings import Happening, Kind
from dispatch.waits import accuracy, scoring
from dispatch.waits.accuracy import OURS, Accuracy, Asked
from dispatch.waits.forecast import SIMULATED, Forecast
from dispatch.waits.models import Announcement, ScoredDay, WaitScore
from dispatch.waits.scoring import Answer, Case, Sums, cases_among
from dispatch.wiring.scoring_waits import score_waits
from tests.standing_city import CLERK, MORNING, TOWN_HALL, Town

DAY = MORNING.date()
AFTERWARDS = MORNING.replace(hour=7) + timedelta(days=1)


def announce(town: Town, at: datetime, point_min: float, *, ahead_min: int = 0, queue: str = "D") -> None:
    """So many minutes are announced, give or take five."""
    row = {
        "hall": town.code,
        "at": at,
        "queue": queue,
        "ahead_min": ahead_min,
        "point_s": round(60 * point_min),
        "low_s": round(60 * (point_min - 5)),
        "high_s": round(60 * (point_min + 5)),
        "method": "test",
        "based_on": 1,
    }
    with town.database.work() as session:
        session.execute(insert(Announcement), [row])


def score(town: Town, day: date = DAY) -> int:
    with town.database.work() as session:
        return scoring.score(session, finding.hall(session, town.code), day)


def overall(town: Town, first: date = DAY, last: date = DAY) -> dict[tuple[str, int], Accuracy]:
    with town.database.reading() as session:
        found = accuracy.overall(session, Asked(first, last))
    return {(each.predictor, each.ahead_min): each for each in found}


def three_people(town: Town) -> None:
    """Three take numbers at 9:30, 9:31 and 9:32, and are called at 9:40, 9:50 and 10:12: they wait 10, 19 and 40."""
    town.open("1")
    for minute, point in ((0, 8), (1, 20), (2, 25)):
        town.now = MORNING + timedelta(minutes=minute)
        announce(town, town.now, point)
        town.take()
    for minute in (10, 20, 42):
        town.now = MORNING + timedelta(minutes=minute)
        town.call_next("1", finish=True)


def test_the_figures_are_those_of_a_hand(town: Town) -> None:
    three_people(town)
    assert score(town) == 3
    ours = overall(town)[OURS, 0]
    # Foretold 8, 20, 25 with 5 on either side; waited 10, 19, 40.
    assert ours.n == 3
    assert ours.mae_s == 60 * (2 + 1 + 15) / 3
    assert ours.bias_s == 60 * (-2 + 1 - 15) / 3
    assert ours.within_5_min == 2 / 3
    assert ours.coverage_90 == 2 / 3
    assert ours.late_90 == 1 / 3
    assert ours.width_90_s == 600


def test_the_rules_answer_the_same_people_from_the_log_alone(town: Town) -> None:
    three_people(town)
    town.now = MORNING + timedelta(minutes=45)
    announce(town, town.now, 3)
    town.take()
    town.now += timedelta(minutes=5)
    town.call_next("1", finish=True)
    score(town)
    found = overall(town)
    # Nobody had been called when the first three joined; the fourth is told the mean of 10, 19 and 40, and waits 5.
    mean = found["mean_so_far", 0]
    assert (mean.n, mean.mae_s) == (1, 60 * (23 - 5))
    assert mean.coverage_90 is None
    # Nobody is ahead of her, and there were three calls in the 42 minutes in which somebody stood in line: 14 minutes.
    rate = found["ql_live", 0]
    assert (rate.n, rate.mae_s) == (1, 60 * (14 - 5))


def test_a_number_from_afar_is_held_against_what_was_told_of_such(town: Town) -> None:
    town.open("1")
    announce(town, MORNING, 12)
    announce(town, MORNING - timedelta(minutes=30), 12, ahead_min=30)
    with town.database.work() as session:
        own = {OURS: [1500, 1200, 1800], SIMULATED: [1200, 1200, 1800]}
        session.execute(update(Announcement).where(Announcement.at == MORNING).values(afar=own))
    town.take(channel="web")
    town.take(channel="counter", actor=CLERK)
    town.now += timedelta(minutes=10)
    town.call_next("1")
    town.call_next("1", finish=True)
    score(town)
    found = overall(town)
    assert found[OURS, 0].mae_s == 60 * ((25 - 10) + (12 - 10)) / 2
    assert found[SIMULATED, 0].mae_s == 60 * ((20 - 10) + (12 - 10)) / 2
    assert found[OURS, 30].n == 1, "nobody was told of numbers that are taken from afar later"


def test_what_was_announced_ahead_is_held_against_whoever_joins_then(town: Town) -> None:
    town.open("1")
    announce(town, MORNING, 12, ahead_min=30)
    announce(town, MORNING + timedelta(minutes=29), 100, ahead_min=30)
    town.now = MORNING + timedelta(minutes=31)
    town.take(channel="counter", actor=CLERK)
    town.now += timedelta(minutes=10)
    town.call_next("1")
    score(town)
    found = overall(town)
    assert found[OURS, 30].mae_s == 120
    assert (OURS, 0) not in found  # nothing was announced for whoever joined at once


def test_what_was_announced_long_ago_was_not_shown_any_more(town: Town) -> None:
    town.open("1")
    announce(town, MORNING, 12)
    town.now = MORNING + timedelta(minutes=5)
    town.take()
    town.call_next("1")
    assert score(town) == 1
    assert overall(town) == {}


def test_scoring_a_day_twice_changes_nothing(town: Town) -> None:
    three_people(town)
    score(town)
    first = overall(town)
    score(town)
    assert overall(town) == first


def test_by_hour_and_hall_add_up_to_the_whole(town: Town) -> None:
    three_people(town)
    score(town)
    whole = overall(town)[OURS, 0]
    with town.database.reading() as session:
        by_hour = accuracy.by_hour(session, Asked(DAY, DAY))
        by_hall = accuracy.by_hall(session, Asked(DAY, DAY))
        elsewhere = accuracy.by_hall(session, Asked(DAY, DAY, "H-331000"))
    assert {each.hour for each in by_hour} == {9}
    assert [each.hall for each in by_hall if each.predictor == OURS] == [TOWN_HALL]
    assert sum(each.n for each in by_hall if each.predictor == OURS) == whole.n
    assert elsewhere == []


def test_the_job_scores_every_day_that_is_over_once(town: Town) -> None:
    three_people(town)
    with town.database.work() as session:
        clock.begin_demo(session, MORNING.replace(hour=23))
    score_waits(town.database)
    assert overall(town) == {}  # the day is not over yet
    with town.database.work() as session:
        clock.set_demo(session, to=AFTERWARDS)
    score_waits(town.database)
    first = overall(town)
    assert first[OURS, 0].n == 3
    with town.database.work() as session:
        rows = session.scalars(select(WaitScore)).all()
        for row in rows:
            row.n = 100  # would be put right, were the day scored anew
    score_waits(town.database)
    assert overall(town)[OURS, 0].n == 100


def test_a_day_on_which_nobody_came_is_scored_too(town: Town) -> None:
    announce(town, MORNING, 5)
    with town.database.work() as session:
        clock.begin_demo(session, AFTERWARDS)
    score_waits(town.database)
    with town.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ScoredDay)) == 1
        assert scoring.unscored(session, finding.hall(session, town.code), AFTERWARDS) == []


def test_the_newest_weeks_are_told_where_no_days_are_named(town: Town) -> None:
    with town.database.reading() as session:
        assert accuracy.asked(session, None, None) is None
    three_people(town)
    score(town)
    with town.database.reading() as session:
        assert accuracy.asked(session, None, None) == Asked(DAY - timedelta(days=27), DAY)
        assert accuracy.asked(session, DAY, None) == Asked(DAY, DAY)
        assert accuracy.asked(session, None, DAY, "H-331000") is None


def happening(at: float, kind: Kind, ticket: str, *, queue: str = "A", priority: str = "none") -> Happening:
    return Happening(at=at, kind=kind, hall="H", queue=queue, ticket=ticket, priority=priority)


def test_who_goes_before_others_leaves_or_comes_back_is_no_case() -> None:
    told = [
        happening(0, Kind.ISSUED, "plain"),
        happening(1, Kind.ISSUED, "soldier", priority="soldier"),
        happening(2, Kind.ISSUED, "leaves"),
        happening(3, Kind.ISSUED, "missed"),
        happening(4, Kind.LEFT, "leaves"),
        happening(5, Kind.CALLED, "soldier"),
        happening(6, Kind.CALLED, "missed"),
        happening(7, Kind.MISSED, "missed"),
        happening(8, Kind.ISSUED, "missed"),
        happening(9, Kind.CALLED, "plain"),
        happening(10, Kind.CALLED, "missed"),
        happening(11, Kind.ISSUED, "tomorrow"),
        happening(12, Kind.CALLED, "tomorrow"),
    ]
    assert list(cases_among(told, until=11)) == [Case("missed", "A", 3, 3), Case("plain", "A", 0, 9)]


TIMES = st.floats(0, 7200)


@given(st.lists(st.tuples(TIMES, TIMES, TIMES, TIMES), min_size=1))
def test_sums_agree_with_one_another(told: list[tuple[float, float, float, float]]) -> None:
    sums = Sums()
    for waited, *three in told:
        low, point, high = sorted(three)
        sums.add(Answer(Case("t", "A", 0.0, waited), 0, OURS, Forecast(point, low, high, "m"), ranged=True))
    assert sums.n == sums.ranged == len(told)
    assert abs(sums.over_s) <= sums.off_s + 1e-6
    assert 0 <= sums.covered + sums.late <= sums.n
    assert sums.width_s >= 0
    assert sums.columns()["n"] == len(told)


@pytest.mark.parametrize("ranged", [True, False])
def test_only_who_was_told_a_range_counts_for_ranges(ranged: bool) -> None:
    sums = Sums()
    sums.add(Answer(Case("t", "A", 0.0, 100.0), 0, OURS, Forecast(50, 50, 50, "m"), ranged=ranged))
    assert (sums.ranged, sums.late) == (int(ranged), int(ranged))
