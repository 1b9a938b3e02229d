"""The forecaster in the running city: it sees what its logs tell again, and learns by night what days were like."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from dispatch.foundation import clock, log
from dispatch.halls import finding as halls
from dispatch.learning import hall_logs
from dispatch.learning.halls_known import HallsKnown
from dispatch.learning.happenings import Happening, Kind
from dispatch.learning.reading import Reading
from dispatch.waits import standing
from dispatch.waits.announcing import AHEAD_MIN
from dispatch.waits.fitted import teaching
from dispatch.waits.fitted.features import Sights
from dispatch.waits.fitted.following import Following
from dispatch.waits.fitted.forecaster import Forecaster
from dispatch.waits.fitted.watching import Watcher
from dispatch.waits.forecast import BOOSTED, SIMULATED, Forecast, Unknown
from dispatch.waits.models import Announcement, TaughtForecaster
from dispatch.waits.racing import Question
from dispatch.waits.standing import Standing
from dispatch.wiring.forecasting_waits import Foretelling
from dispatch.wiring.teaching_forecaster import Taught, Teaching
from tests.standing_city import MORNING, TOWN_HALL, ZONE, Town
from tests.waits.fitted.test_watching import happenings
from tests.waits.foretelling import told
from tests.waits.mornings import taught
from tests.waits.test_choosing import scored

MIDNIGHT = MORNING.replace(hour=0, minute=0)
NEXT_DAY = MORNING + timedelta(days=1)


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    """One that a few days elsewhere have taught, enough for models to be fitted."""
    forecaster = taught(3)
    forecaster.foretell([])
    return forecaster


def stands(town: Town) -> Standing:
    with town.database.reading() as session:
        place = halls.hall(session, town.code)
        return standing.read(session, [place], HallsKnown().of_all(session, [town.code]), town.now)[0]


def hear(following: Following, town: Town) -> None:
    with town.database.reading() as session:
        head = log.head_of(session, town.code)
        following.hear(session, town.code, head.epoch if head else 0, town.now)


def a_morning(town: Town, *hearing: Following) -> None:
    """People come and go, windows open and close; some hear each step."""
    town.open("1", "4")
    for step in range(12):
        town.take("DDA"[step % 3])
        if step % 2:
            town.call_next("1", finish=True)
        if step == 5:
            town.open("2")
        if step == 7:
            town.change_window("4", "close")
        town.pass_time(minutes=3)
        for each in hearing:
            hear(each, town)


def replayed(town: Town) -> list[Happening]:
    """The day as its log tells it afterwards."""
    with town.database.reading() as session:
        return list(hall_logs.happenings_of(session, hall_logs.begin(session, TOWN_HALL, MIDNIGHT)))


def test_what_was_heard_step_by_step_is_what_the_log_tells_again(town: Town, fitted: Forecaster) -> None:
    always = Following(fitted, ZONE)
    a_morning(town, always)
    hall = stands(town)
    said = always.says([hall])[TOWN_HALL]
    late = Following(fitted, ZONE)
    hear(late, town)
    assert said == late.says([hall])[TOWN_HALL]
    assert {queue: sorted(waits) for queue, waits in said.items()} == {
        queue.code: list(AHEAD_MIN) for queue in hall.queues
    }
    again = fitted
    again.begin_day(MORNING.date())
    for happening in replayed(town):
        again.see(happening)
    for queue, waits in said.items():
        for ahead in AHEAD_MIN[1:]:
            (later,) = again.foretell([Question(hall.at, TOWN_HALL, queue, ahead_s=60.0 * ahead)])
            assert later == waits[ahead]
    for queue, waits in said.items():
        her = Happening(hall.at, Kind.ISSUED, TOWN_HALL, queue, "she takes a number after all")
        again.see(her)
        assert again.foretell([Question(hall.at, TOWN_HALL, queue)]) == [waits[0]]
        again.see(Happening(hall.at, Kind.LEFT, TOWN_HALL, queue, her.ticket))


def test_the_log_tells_of_as_many_people_as_stand_in_the_tables(town: Town) -> None:
    a_morning(town)
    watcher, hall = Watcher(), stands(town)
    for happening in replayed(town):
        watcher.see(happening)
    for queue in ("D", "A"):
        waiting = [person.id for person in hall.waiting if person.queue == queue]
        assert sorted(watcher.queue(TOWN_HALL, queue).line) == sorted(waiting)
        serving = [each for each in hall.windows if each.state == "open" and queue in each.queues]
        assert watcher.queue(TOWN_HALL, queue).windows == len(serving)


@given(st.lists(happenings(), max_size=30), st.sampled_from("AB"))
def test_somebody_who_is_only_supposed_leaves_no_trace(told: Sequence[Happening], queue: str) -> None:
    def seen(*more: Happening) -> tuple[Watcher, float]:
        watcher = Watcher()
        for happening in (*told, *more):
            watcher.see(happening)
        return watcher, watcher.not_before("city_hall", 1e5)

    def row(watcher: Watcher, at: float) -> str:
        return str(Sights(watcher, 0.0, 1).row(Question(at, "city_hall", queue)))

    watcher, at = seen()
    watcher.queue("city_hall", queue)
    before = watcher.day.queue("city_hall", queue).line.copy(), row(watcher, at)
    with watcher.one_more("city_hall", queue, at):
        supposed = row(watcher, at)
    assert (watcher.day.queue("city_hall", queue).line, row(watcher, at)) == before
    assert supposed == row(seen(Happening(at, Kind.ISSUED, "city_hall", queue, "she"))[0], at)


def test_a_new_day_begins_with_nobody(town: Town, fitted: Forecaster) -> None:
    following = Following(fitted, ZONE)
    a_morning(town)
    hear(following, town)
    town.now = NEXT_DAY
    hear(following, town)
    hall = stands(town)
    said = following.says([hall])
    fresh = Following(fitted, ZONE)
    hear(fresh, town)
    assert said == fresh.says([hall])


# --- by night --------------------------------------------------------------------------------------------


@pytest.fixture
def after_a_day(town: Town) -> Town:
    """A day with people is over."""
    a_morning(town)
    town.now = NEXT_DAY
    with town.database.work() as session:
        clock.begin_demo(session, town.now, speed=0.0)
    return town


def questions(town: Town) -> list[Question]:
    return [Question(town.now.timestamp(), TOWN_HALL, queue) for queue in ("D", "A")]


def test_a_day_is_learned_once_and_another_process_goes_on_with_it(after_a_day: Town) -> None:
    town, first, second = after_a_day, Teaching(), Teaching()
    assert first.newest(town.database) is None
    first.teach_forecaster(town.database)
    with town.database.reading() as session:
        (kept,) = session.query(TaughtForecaster).all()
    assert (kept.format, kept.day, kept.fitted_at) == (teaching.FORMAT, MORNING.date(), NEXT_DAY)
    second.teach_forecaster(town.database)
    mine, hers = first.newest(town.database), second.newest(town.database)
    assert mine is not None
    assert hers is not None
    assert mine.day == hers.day == MORNING.date()
    for each in (mine, hers):
        each.forecaster.begin_day(NEXT_DAY.date())
    answers = mine.forecaster.foretell(questions(town))
    assert answers == hers.forecaster.foretell(questions(town))
    assert all(isinstance(answer, Forecast) for answer in answers), "the queues are known by now"
    first.teach_forecaster(town.database)
    assert first.newest(town.database) is mine, "nothing was new"


def test_what_cannot_be_read_is_learned_anew(after_a_day: Town) -> None:
    town = after_a_day
    Teaching().teach_forecaster(town.database)
    with town.database.work() as session:
        sound = session.query(TaughtForecaster).one().state
        session.execute(update(TaughtForecaster).values(state=b"no archive"))
    Teaching().teach_forecaster(town.database)
    with town.database.reading() as session:
        assert len(session.query(TaughtForecaster).one().state) == len(sound)


def test_days_are_learned_when_they_are_settled_and_never_more_than_so_many() -> None:
    night = NEXT_DAY.replace(hour=5)
    assert teaching.unlearned(ZONE, night, None)[-1] == MORNING.date() - timedelta(days=1)
    assert teaching.unlearned(ZONE, NEXT_DAY, None)[-1] == MORNING.date()
    assert len(teaching.unlearned(ZONE, NEXT_DAY, None)) == teaching.DAYS
    assert len(teaching.unlearned(ZONE, NEXT_DAY, MORNING.date() - timedelta(days=500))) == teaching.DAYS
    assert teaching.unlearned(ZONE, NEXT_DAY, MORNING.date() - timedelta(days=1)) == [MORNING.date()]
    assert teaching.unlearned(ZONE, NEXT_DAY, MORNING.date()) == []


# --- what is shown ---------------------------------------------------------------------------------------


class Fails(Forecaster):
    """One that cannot be asked."""

    def foretell_newcomers(self, questions: Sequence[Question]) -> Sequence[Forecast | Unknown]:
        """Never."""
        raise ValueError(len(questions))


def shown_with(town: Town, forecaster: Forecaster, rounds: int = 1) -> tuple[str, Announcement]:
    """By what method the wait of whoever joins now is shown after so many rounds, and what is kept of it."""
    with town.database.work() as session:
        clock.begin_demo(session, town.now, speed=0.0)
    made = Taught(town.database.url, town.now.date(), ZONE, forecaster)
    job = Foretelling(lambda _: made)
    for name in ("D", "D", "A"):
        town.take(name)
    for _ in range(rounds):
        job.forecast_waits(town.database)
    wait = told(town).joining("D").wait
    assert wait is not None
    with town.database.reading() as session:
        kept = session.query(Announcement).filter_by(hall=TOWN_HALL, queue="D", ahead_min=0).one()
    assert kept.point_s == wait["point_s"]
    return wait["method"], kept


def test_until_it_was_better_the_model_is_kept_beside_what_is_shown(town: Town, fitted: Forecaster) -> None:
    town.open("1")
    method, kept = shown_with(town, fitted)
    assert method == "simulated"
    assert kept.boosted is not None
    assert kept.simulated == pytest.approx([kept.point_s, kept.low_s, kept.high_s], abs=1)


def test_where_it_was_better_the_model_is_shown(town: Town, fitted: Forecaster) -> None:
    scored(town, TOWN_HALL, {SIMULATED: 300, BOOSTED: 100})
    town.open("1")
    method, kept = shown_with(town, fitted)
    assert method == "boosted"
    assert kept.simulated is not None
    assert kept.boosted == pytest.approx([kept.point_s, kept.low_s, kept.high_s], abs=1)


def test_a_model_that_fails_leaves_the_simulation(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    scored(town, TOWN_HALL, {SIMULATED: 300, BOOSTED: 100})
    town.open("1")
    method, kept = shown_with(town, Fails(ZONE))
    assert (method, kept.simulated, kept.boosted) == ("simulated", None, None)
    assert "the fitted forecaster fails" in caplog.text


def test_a_database_that_fails_for_a_moment_does_not_cost_the_model(
    town: Town, fitted: Forecaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored(town, TOWN_HALL, {SIMULATED: 300, BOOSTED: 100})
    town.open("1")
    heard, breaks = hall_logs.happenings_of, iter([True])

    def breaks_once(session: Session, reading: Reading) -> Iterator[Happening]:
        yield from heard(session, reading)
        if next(breaks, False):
            raise OperationalError("", {}, Exception("the line is cut"))

    monkeypatch.setattr(hall_logs, "happenings_of", breaks_once)
    method, _ = shown_with(town, fitted, rounds=2)
    assert method == "boosted"


def test_one_that_was_not_fitted_yet_leaves_it_too(town: Town) -> None:
    town.open("1")
    method, kept = shown_with(town, Forecaster(ZONE))
    assert (method, kept.boosted) == ("simulated", None)
