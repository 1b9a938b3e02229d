"""A hall's waits, foretold from the city's tables and read from the hall's row."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.halls import finding as halls
from dispatch.halls import intake, outages
from dispatch.halls.models import Hall
from dispatch.halls.outages import Scope, Why
from dispatch.learning.halls_known import HallsKnown
from dispatch.waits import accuracy, announcing, forecasting, scoring
from dispatch.waits.finding import NOTHING, OVERDUE_S, HallWaits
from dispatch.waits.models import AnnouncedHour, Announcement, HallForecast, ScoredDay, WaitScore
from dispatch.waits.ranging import Ranges
from dispatch.wiring import keeping_hours
from dispatch.wiring.forecasting_waits import Foretelling
from dispatch.wiring.rolling_up_announcements import roll_up_announcements
from dispatch.wiring.scoring_waits import score_waits
from tests.standing_city import BUILDER, DISTRICT_HALL, MORNING, NIGHT, TOWN_HALL, Town
from tests.waits.foretelling import foretell, promised, statements, told


def because(town: Town, queue: str = "D") -> str | None:
    return foretell(town).joining(queue).because


def test_whoever_joins_waits_longer_than_whoever_stands_before_her(town: Town) -> None:
    town.open("1", "2")
    tickets = [town.take("D") for _ in range(8)]
    for window in "12":
        town.called(window)
    joining = foretell(town).joining("D").wait
    waits = [promised(town, ticket.id).wait for ticket in tickets[2:]]
    points = [wait["point_s"] for wait in waits if wait]
    assert len(points) == 6
    assert joining is not None
    assert points == sorted(points)
    assert 0 < points[0] <= points[-1] < joining["point_s"]
    assert joining["low_s"] <= joining["point_s"] <= joining["high_s"]
    assert (joining["level"], joining["method"], joining["as_of"]) == (0.9, "simulated", town.now.isoformat())


def test_nobody_waits_where_a_window_is_free(town: Town) -> None:
    town.open("1")
    wait = foretell(town).joining("D").wait
    assert wait is not None
    assert wait["point_s"] == 0


def test_more_windows_mean_shorter_waits(town: Town) -> None:
    town.open("1")
    for _ in range(12):
        town.take("D")
    one = foretell(town).joining("D").wait
    town.open("2", "3")
    three = foretell(town).joining("D").wait
    assert one is not None
    assert three is not None
    assert three["high_s"] < one["low_s"]


def test_what_is_not_known_has_a_reason(town: Town) -> None:
    town.take("D")
    assert told(town) == NOTHING
    assert told(town).joining("D").because == "not_learned_yet"
    assert because(town) == "no_window_open"
    town.open("1")
    assert because(town) is None
    assert because(town, "A") == "no_window_open"
    town.now = NIGHT
    assert because(town) == "closed"


def test_a_queue_that_gives_out_no_numbers_says_why(town: Town) -> None:
    town.open("1", "4")
    with town.database.work() as session:
        intake.stop(session, halls.queue(session, TOWN_HALL, "D"), now=town.now, actor=BUILDER)
        paused, until = halls.queue(session, TOWN_HALL, "A"), town.now + timedelta(minutes=40)
        intake.pause(session, paused, reason="staff", until=until, now=town.now, actor=BUILDER)
    waits = foretell(town)
    assert waits.joining("D").because == "intake_stopped"
    assert waits.joining("A").because == "intake_paused"
    assert waits.arriving("A", until - timedelta(minutes=20)).because == "intake_paused"
    assert waits.arriving("A", until + timedelta(minutes=20)).because != "intake_paused"


def test_an_outage_freezes_the_waits_it_hits(town: Town) -> None:
    town.open("1", "4")
    ticket = town.take("D")
    with town.database.work() as session:
        place = halls.hall(session, TOWN_HALL)
        outages.begin(session, place, Scope(queues=("D",)), Why("power"), now=town.now, actor=BUILDER)
    waits = foretell(town)
    assert waits.joining("D").because == "outage"
    assert promised(town, ticket.id).because == "outage"
    assert waits.joining("A").wait is not None


def test_a_forecast_that_nobody_renews_is_shown_no_more(town: Town) -> None:
    town.open("1")
    foretell(town)
    town.pass_time(seconds=forecasting.RENEWED_S + OVERDUE_S)
    assert told(town).joining("D").wait is not None
    town.pass_time(seconds=1)
    assert told(town).joining("D").because == "stale"


def test_the_newest_ticket_is_told_what_its_queue_is_told(town: Town) -> None:
    town.open("1")
    joining = foretell(town).joining("D")
    assert joining.wait is not None
    assert promised(town, town.take("D").id) == joining


def test_after_closing_there_is_nothing_to_wait_for(town: Town) -> None:
    town.open("1")
    waits = foretell(town)
    assert waits.arriving("D", MORNING.replace(hour=21)).because == "closed"
    assert waits.arriving("D", MORNING.replace(hour=12, minute=45)).because == "closed", "lunch"
    assert waits.arriving("D", town.now - timedelta(minutes=1)) == waits.joining("D")


def test_the_same_moment_is_foretold_the_same(town: Town) -> None:
    town.open("1", "3")
    for queue in "DDADA":
        town.take(queue)
    assert foretell(town) == foretell(town)


def test_a_promise_moves_later_only_when_the_estimate_leaves_its_range(town: Town) -> None:
    town.open("1", "2", "3")
    tickets = [town.take("D") for _ in range(12)]
    foretell(town)
    last = tickets[-1].id
    before = promised(town, last).wait
    assert before is not None
    town.change_window("2", "close")
    foretell(town)
    after = promised(town, last).wait
    assert after is not None
    assert after["point_s"] == before["point_s"] or after["point_s"] > before["high_s"]


def test_a_promise_that_slips_says_so_though_it_was_only_her_queues(town: Town) -> None:
    town.open("1", "2", "3")
    foretell(town)
    for _ in range(9):
        town.take("D")
    foretell(town)
    newest = town.take("D").id
    by_queue = promised(town, newest).wait
    assert by_queue is not None, "she has only been told what her queue is"
    for name in ("2", "3"):
        town.change_window(name, "close")
    town.pass_time(minutes=1)
    foretell(town)
    after = promised(town, newest).wait
    assert after is not None
    assert after["point_s"] > by_queue["high_s"], "two of three windows have closed"
    assert after["slipped_at"] == town.now.isoformat()
    town.pass_time(minutes=1)
    foretell(town)
    still = promised(town, newest).wait
    assert still is not None
    assert still["slipped_at"] == after["slipped_at"], "it slips once"


# --- when ------------------------------------------------------------------------------------------------


def due(town: Town) -> list[str]:
    with town.database.reading() as session:
        return forecasting.due(session, town.now)


def test_a_hall_is_foretold_anew_when_it_moves_and_when_time_has_passed(town: Town) -> None:
    town.open("1")
    assert TOWN_HALL in due(town)
    foretell(town)
    assert TOWN_HALL not in due(town)
    town.take("D")
    assert TOWN_HALL in due(town)
    foretell(town)
    town.pass_time(seconds=forecasting.RENEWED_S)
    assert TOWN_HALL in due(town)


def test_a_hall_that_is_closed_and_empty_is_left_alone(town: Town) -> None:
    town.now = NIGHT
    foretell(town)
    town.pass_time(minutes=50)
    assert TOWN_HALL not in due(town)
    assert told(town).joining("D").because == "closed"


@pytest.fixture
def at_morning(town: Town) -> Town:
    """The town with its clock standing still."""
    with town.database.work() as session:
        clock.begin_demo(session, town.now, speed=0.0)
    return town


def test_the_job_foretells_every_hall_and_then_asks_one_question(at_morning: Town) -> None:
    job, heard = Foretelling(), []
    at_morning.database.on_commit = lambda hall, seq: heard.append(hall)
    job.forecast_waits(at_morning.database)
    assert sorted(heard) == sorted(due_once(at_morning))
    with statements(at_morning.database) as asked:
        job.forecast_waits(at_morning.database)
    assert [text.split()[1].partition(".")[0] for text in asked] == ["demo_clock", "hall"]


def due_once(town: Town) -> list[str]:
    with town.database.reading() as session:
        return [hall.code for hall in halls.all_halls(session)]


def test_a_hall_costs_as_many_statements_however_many_wait(at_morning: Town) -> None:
    town, job = at_morning, Foretelling()
    town.open("1")
    town.take("D")
    job.forecast_waits(town.database)
    counts = []
    for people in (1, 30):
        for _ in range(people):
            town.take("D")
        with statements(town.database) as asked:
            job.forecast_waits(town.database)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 24


def test_later_arrivals_are_told_anew_each_minute_and_when_windows_change(at_morning: Town) -> None:
    town, job = at_morning, Foretelling()
    town.open("1")
    for _ in range(6):
        town.take("D")

    def look(seconds: int) -> tuple[list[float], HallWaits]:
        town.pass_time(seconds=seconds)
        with town.database.work() as session:
            clock.set_demo(session, to=town.now)
        town.take("D")
        job.forecast_waits(town.database)
        waits = told(town)
        later = waits.arriving("D", town.now + timedelta(hours=1)).wait
        assert later is not None
        joining = waits.joining("D").wait
        assert joining is not None
        assert joining["as_of"] == town.now.isoformat()
        made = [(town.now - datetime.fromisoformat(later["as_of"])).total_seconds()]
        return made, waits

    assert look(0)[0] == [0]
    assert look(20)[0] == [20 - 1], "the rest is of this very moment"
    town.open("2")
    assert look(5)[0] == [0]
    assert look(40)[0] == [0], "another minute has begun"


def test_whatever_is_said_of_later_arrivals_the_rest_is_the_same(town: Town) -> None:
    town.open("1", "3")
    for name in "DDADADD":
        town.take(name)
    with town.database.reading() as session:
        known = HallsKnown().of_all(session, [town.code])
        (moment,) = forecasting.read(session, [town.code], known, town.now)
    whole, short = (forecasting.foretell(moment, Ranges(), later=later) for later in (True, False))
    assert whole.arrivals is not None
    assert short.arrivals is None
    for said in ("queues", "newcomers", "tickets", "slips", "served"):
        assert getattr(short, said) == getattr(whole, said)


def test_one_halls_trouble_stays_its_own(at_morning: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    true = forecasting.foretell

    def fails(moment: forecasting.Moment, *told: object, **how: object) -> forecasting.Foretold:
        if moment.hall.place.code == DISTRICT_HALL:
            raise ValueError
        return true(moment, *told, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(forecasting, "foretell", fails)
    Foretelling().forecast_waits(at_morning.database)
    with at_morning.database.reading() as session:
        rows = set(session.scalars(select(HallForecast.hall)))
    assert TOWN_HALL in rows
    assert DISTRICT_HALL not in rows


def test_a_queue_that_will_not_be_reached_today_is_stopped_by_the_forecast(at_morning: Town) -> None:
    town, job = at_morning, Foretelling()
    town.now = MORNING.replace(hour=15, minute=30)
    with town.database.work() as session:
        clock.set_demo(session, to=town.now)
    town.open("1")
    for _ in range(25):
        town.take("D")
    job.forecast_waits(town.database)
    (stopped,) = [entry for entry in town.entries() if entry.kind == "IntakeStopped"]
    assert stopped.data["queue"] == "D"
    assert '"actor":"system:forecast_waits"' in stopped.body
    keeping_hours.regulate_intake(town.database)
    assert town.kinds()[-1] == "IntakeStopped", "what is foretold is not judged twice"
    town.open("2", "3")
    for window in "123":
        town.called(window)
    job.forecast_waits(town.database)
    assert town.kinds()[-1] == "IntakeResumed"


# --- what was shown is kept --------------------------------------------------------------------------------


def announced(town: Town, ahead_min: int = 0) -> list[tuple[str, int]]:
    """The queue and the point of each wait that was kept."""
    wanted = select(Announcement.queue, Announcement.point_s).where(Announcement.ahead_min == ahead_min)
    with town.database.reading() as session:
        rows = session.execute(wanted.order_by(Announcement.at))
        return [(row.queue, row.point_s) for row in rows]


def test_what_is_shown_is_kept_once_a_minute(town: Town) -> None:
    town.open("1")
    town.take("D")
    waits = foretell(town)
    joining, later = waits.joining("D").wait, waits.arriving("D", town.now + timedelta(minutes=30)).wait
    assert joining is not None
    assert later is not None
    assert announced(town) == [("D", joining["point_s"])], "of A nothing is known"
    assert announced(town, ahead_min=30) == [("D", later["point_s"])]
    for seconds, kept in ((30, 1), (20, 1), (10, 2)):
        town.pass_time(seconds=seconds)
        foretell(town)
        assert len(announced(town)) == kept


def hours(town: Town) -> list[AnnouncedHour]:
    with town.database.reading() as session:
        return list(
            session.scalars(select(AnnouncedHour).order_by(AnnouncedHour.at, AnnouncedHour.ahead_min))
        )


def test_what_was_shown_long_ago_becomes_means_of_hours(
    at_morning: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = at_morning
    monkeypatch.setenv("TONGBAN_ANNOUNCEMENTS_DAYS", "2")
    town.open("1")
    points = []
    for people in (2, 3, 1):
        for _ in range(people):
            town.take("D")
        wait = foretell(town).joining("D").wait
        points.append(wait["point_s"] if wait else 0)
        town.pass_time(minutes=20)
    kept = announced(town)

    def roll_up(days: float) -> None:
        with town.database.work() as session:
            clock.set_demo(session, to=MORNING + timedelta(days=days))
        roll_up_announcements(town.database)

    roll_up(2.9)
    assert announced(town) == kept, "the day is not scored yet"
    score_waits(town.database)
    monkeypatch.setenv("TONGBAN_ANNOUNCEMENTS_DAYS", "3")
    roll_up(2.95)
    assert announced(town) == kept, "it is not old enough"
    roll_up(3.5)
    assert announced(town) == []
    now = [row for row in hours(town) if not row.ahead_min]
    assert [(row.at, row.queue, row.n) for row in now] == [
        (MORNING.replace(minute=0), "D", 2),
        (MORNING.replace(hour=10, minute=0), "D", 1),
    ]
    assert [row.point_s for row in now] == [pytest.approx(sum(points[:2]) / 2, abs=1), points[2]]
    assert all(row.low_s <= row.point_s <= row.high_s for row in hours(town))


def test_hours_are_forgotten_after_a_year_and_more(town: Town) -> None:
    with town.database.work() as session:
        ends = {"point_s": 60, "low_s": 0, "high_s": 90}
        session.add(AnnouncedHour(hall=TOWN_HALL, at=town.now, queue="D", ahead_min=0, n=60, **ends))
        day = town.now.date()
        sums = dict.fromkeys(
            ("n", "off_s", "over_s", "within_5_min", "ranged", "covered", "late", "width_s"), 1
        )
        session.add(WaitScore(hall=TOWN_HALL, day=day, hour=9, ahead_min=0, predictor=accuracy.OURS, **sums))
        session.add(ScoredDay(hall=TOWN_HALL, day=day))
    for later, left in ((timedelta(0), 1), (timedelta(days=1), 0)):
        with town.database.work() as session:
            announcing.forget_old(session, now=town.now + announcing.HOURS_KEPT + later)
        assert len(hours(town)) == left
        with town.database.reading() as session:
            kept = [len(session.scalars(select(table)).all()) for table in (WaitScore, ScoredDay)]
        assert kept == [left, left]


def test_a_day_that_cannot_be_scored_keeps_no_other_from_it_and_nothing_for_ever(
    at_morning: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = at_morning
    town.open("1")
    for _ in range(2):
        foretell(town)
        town.pass_time(days=1)
    first, score = MORNING.date(), scoring.score

    def fails_once(session: Session, place: Hall, day: date) -> int:
        if day == first:
            raise ValueError
        return score(session, place, day)

    monkeypatch.setattr(scoring, "score", fails_once)
    monkeypatch.setenv("TONGBAN_ANNOUNCEMENTS_DAYS", "3")

    def after(days: float) -> list[date]:
        with town.database.work() as session:
            clock.set_demo(session, to=MORNING + timedelta(days=days))
        score_waits(town.database)
        roll_up_announcements(town.database)
        with town.database.reading() as session:
            return sorted({at.date() for at in session.scalars(select(Announcement.at))})

    second = first + timedelta(days=1)
    assert after(6) == [first, second], "the first is not scored yet, and stands before the other"
    with town.database.reading() as session:
        assert session.scalars(select(ScoredDay.day)).all() == [second]
    assert after(91) == []
