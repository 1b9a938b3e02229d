"""No number that would be worth nothing: the rule, and what issuing says no to."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.halls import finding as halls
from dispatch.halls import intake as queues
from dispatch.halls import outages
from dispatch.halls.hours import time_left
from dispatch.halls.outages import Scope, Why
from dispatch.halls.refusals import Interrupted, QueuePaused, QueueStopped
from dispatch.tickets import closing, intake
from dispatch.tickets.intake import (
    GO_ON_ABOVE,
    HORIZON_MIN,
    MARGIN_MIN,
    NOTHING_FORETOLD,
    SLACK_MIN,
    STOP_BELOW,
    Line,
    must_stop,
    must_stop_by,
    shares,
)
from dispatch.tickets.lines import candidates
from dispatch.wiring import keeping_hours
from tests.standing_city import CARD, CITY_HALL, DISTRICT_HALL, MORNING, MORTGAGE, TOWN_HALL, TRADE, Town

WORKS = system("test")
minutes = st.floats(0, 600, allow_nan=False)


def regulate(town: Town, chances: Mapping[str, float] = NOTHING_FORETOLD) -> None:
    with town.database.work() as session:
        place = halls.hall(session, town.code)
        intake.regulate(session, place, chances, now=town.now, actor=WORKS)


def state_of(town: Town, queue: str) -> str:
    with town.database.reading() as session:
        return halls.queue(session, town.code, queue).intake


def pause(town: Town, queue: str = "D", **told: Any) -> None:  # noqa: ANN401 - what the verb takes
    with town.database.work() as session:
        said: dict[str, Any] = {"reason": "staff", "now": town.now, "actor": WORKS, **told}
        queues.pause(session, halls.queue(session, town.code, queue), **said)


def resume(town: Town, queue: str = "D") -> None:
    with town.database.work() as session:
        queues.resume(session, halls.queue(session, town.code, queue), now=town.now, actor=WORKS)


def outage(town: Town, scope: Scope, **told: Any) -> str:  # noqa: ANN401 - what the verb takes
    with town.database.work() as session:
        place = halls.hall(session, town.code)
        return outages.begin(session, place, scope, Why("power"), now=town.now, actor=WORKS, **told).id


# --- the rule -----------------------------------------------------------------------------------------


@given(
    work=minutes,
    more=st.floats(0, 200),
    one=st.floats(1, 60),
    worth=st.floats(0.1, 20),
    left=minutes,
    stopped=st.booleans(),
)
def test_more_work_never_opens_a_queue_and_more_windows_never_stop_one(
    work: float, more: float, one: float, worth: float, left: float, stopped: bool
) -> None:
    line = Line("D", work, one, stopped)
    if must_stop(line, worth, left):
        assert must_stop(Line("D", work + more, one, stopped), worth, left)
        assert must_stop(line, worth / 2, left)
        assert must_stop(line, worth, left - more)


@given(work=minutes, one=st.floats(1, 60), worth=st.floats(0.1, 20), left=st.floats(0, HORIZON_MIN))
def test_whoever_is_let_in_can_be_served_by_the_rules_own_reckoning(
    work: float, one: float, worth: float, left: float
) -> None:
    if not must_stop(Line("D", work, one, False), worth, left):
        assert (work + one) / worth <= left - MARGIN_MIN


@given(work=minutes, one=st.floats(1, 60), worth=st.floats(0.1, 20), left=minutes)
def test_between_stopping_and_going_on_lies_slack(work: float, one: float, worth: float, left: float) -> None:
    """A queue that the rule has just stopped is not opened by the same figures."""
    if must_stop(Line("D", work, one, False), worth, left):
        assert must_stop(Line("D", work, one, True), worth, left)
        assert must_stop(Line("D", work, one, True), worth, left + SLACK_MIN - 0.001) or not must_stop(
            Line("D", work, one, False), worth, left + SLACK_MIN - 0.001
        )


@given(
    work=st.dictionaries(st.sampled_from("ABCD"), minutes, min_size=1),
    windows=st.lists(st.lists(st.sampled_from("ABCDE"), unique=True, max_size=4), max_size=8),
)
def test_windows_are_shared_out_and_none_is_counted_twice(
    work: dict[str, float], windows: list[list[str]]
) -> None:
    lines = [Line(queue, minutes, 10, False) for queue, minutes in work.items()]
    worth = shares(lines, windows)
    useful = sum(any(queue in work for queue in queues) for queues in windows)
    assert sum(worth.values()) <= useful + 1e-9
    for queue in work:
        own = sum(queue in queues for queues in windows)
        assert (worth.get(queue, 0) > 0) == (own > 0)
        assert worth.get(queue, 0) <= own + 1e-9


def test_a_window_of_two_queues_is_not_lost_to_the_shorter_one() -> None:
    """Many wait in D, which has windows of its own; the one window that serves both takes A's few in time."""
    lines = [Line("A", 60, 15, False), Line("D", 345, 15, False)]
    worth = shares(lines, [["D"], ["D"], ["D"], ["A", "D"]])
    assert lines[0].needed_min / worth["A"] == pytest.approx((75 + 360) / 4)


def test_hours_before_the_end_nobody_is_turned_away() -> None:
    line = Line("D", 10_000, 10, False)
    assert not must_stop(line, 1.0, HORIZON_MIN + 1)
    assert must_stop(line, 1.0, HORIZON_MIN)


def test_a_queue_that_no_window_serves_lets_nobody_in() -> None:
    assert must_stop(Line("D", 0, 10, False), 0.0, 400)


@given(chance=st.floats(0, 1), worth=st.floats(0.1, 10), left=st.floats(1, HORIZON_MIN), work=minutes)
def test_what_is_foretold_counts_for_more_than_minutes(
    chance: float, worth: float, left: float, work: float
) -> None:
    line, stopped = Line("D", work, 10, False), Line("D", work, 10, True)
    assert must_stop_by(chance, line, worth, left) == (chance < STOP_BELOW)
    assert must_stop_by(chance, stopped, worth, left) == (chance < GO_ON_ABOVE)
    assert must_stop_by(None, line, worth, left) == must_stop(line, worth, left)


@given(chance=st.floats(0, 1), work=minutes)
def test_hours_before_the_end_nobody_is_turned_away_by_a_forecast(chance: float, work: float) -> None:
    assert not must_stop_by(chance, Line("D", work, 10, False), 1.0, HORIZON_MIN + 1)
    assert must_stop_by(chance, Line("D", work, 10, False), 0.0, HORIZON_MIN + 1), "nobody is there to serve"


# --- through the day ----------------------------------------------------------------------------------


def test_in_the_morning_everything_is_open(town: Town) -> None:
    town.open("1", "3")
    town.take("D")
    before = town.head()
    regulate(town)
    assert town.head() == before


def test_a_long_line_before_the_end_is_stopped_and_goes_on_when_windows_open(town: Town) -> None:
    town.now = MORNING.replace(hour=15, minute=30)
    town.open("1")
    for _ in range(12):
        town.take(items=[CARD])
    regulate(town)
    assert (state_of(town, "D"), state_of(town, "A")) == ("stopped", "open")
    with pytest.raises(QueueStopped) as refused:
        town.take("D")
    assert refused.value.code == "queue_stopped"
    assert refused.value.data["opens_at"].startswith("2026-11-24T08:30")
    before = town.head()
    regulate(town)
    assert town.head() == before
    town.open("2", "3", "4")
    regulate(town)
    assert town.kinds()[-1] == "IntakeResumed"
    town.take("D")


def test_a_queue_is_stopped_and_goes_on_as_it_is_foretold(town: Town) -> None:
    town.now = MORNING.replace(hour=15, minute=30)
    town.open("1")
    for chance, state in ((0.4, "stopped"), (0.7, "stopped"), (0.9, "open"), (0.7, "open")):
        regulate(town, {"D": chance})
        assert state_of(town, "D") == state


def test_the_break_is_no_time_for_work(town: Town) -> None:
    """Half an hour before noon there are hours left, the break taken off."""
    with town.database.reading() as session:
        place = halls.hall(session, town.code)
        day = halls.openings(session, place, MORNING.date())
        at_noon = MORNING.replace(hour=12, minute=30)
        worked = sum((each.end - each.start for each in day), timedelta(0))
        assert time_left(day, day[0].start) == worked
        assert time_left(day, at_noon) == day[1].end - day[1].start


def test_after_the_last_opening_the_rule_has_nothing_to_say(town: Town) -> None:
    town.now = MORNING.replace(hour=20)
    before = town.head()
    regulate(town)
    assert town.head() == before


def test_a_hall_that_closes_early_stops_its_queues_early(town: Town) -> None:
    with town.database.work() as session:
        closing.close_early(
            session,
            halls.hall(session, town.code),
            at=town.now + timedelta(minutes=12),
            reason="weather",
            afterwards="serve",
            now=town.now,
            actor=WORKS,
        )
    town.open("1", "2", "3", "4")
    for _ in range(4):
        town.take("D")
    regulate(town)
    assert state_of(town, "D") == "stopped"


def test_the_job_reads_every_hall_and_writes_where_something_changes(town: Town) -> None:
    town.now = MORNING.replace(hour=16, minute=50)
    with town.database.work() as session:
        clock.begin_demo(session, town.now, speed=0)
    town.open("1")
    for _ in range(3):
        town.take(items=[CARD])
    keeping_hours.regulate_intake(town.database)
    assert state_of(town, "D") == "stopped"
    town.now = town.now + timedelta(days=1) - timedelta(hours=8)
    with town.database.work() as session:
        clock.begin_demo(session, town.now, speed=0)
    keeping_hours.regulate_intake(town.database)
    assert state_of(town, "D") == "open"


# --- paused by somebody -------------------------------------------------------------------------------


def test_a_paused_queue_gives_no_numbers_and_says_why_until_when_and_where_else(town: Town) -> None:
    until = town.now + timedelta(minutes=40)
    pause(town, until=until, note="两人开会", note_en="two are in a meeting")
    with pytest.raises(QueuePaused) as refused:
        town.take(items=[CARD])
    told = refused.value.data
    assert (refused.value.code, told["intake"], told["reason"]) == ("queue_stopped", "paused", "staff")
    assert told["why"]["name"] == "人手不够(两人开会)"
    assert told["until"] == until.isoformat()
    assert {each["code"] for each in told["elsewhere"]} == {CITY_HALL, DISTRICT_HALL}
    assert [each["distance_m"] for each in told["elsewhere"]] == sorted(
        each["distance_m"] for each in told["elsewhere"]
    )


def test_whoever_waits_in_a_paused_queue_is_served(town: Town) -> None:
    waiting = town.take("D")
    pause(town)
    town.open("1")
    assert town.called("1").id == waiting.id


def test_a_pause_ends_at_its_time(town: Town) -> None:
    pause(town, until=town.now + timedelta(minutes=10))
    town.pass_time(minutes=10)
    town.take("D")
    regulate(town)
    assert (state_of(town, "D"), town.kinds()[-1]) == ("open", "QueueResumed")


def test_pause_and_resume_said_twice_are_done_once(town: Town) -> None:
    pause(town)
    before = town.head()
    pause(town)
    assert town.head() == before
    resume(town)
    after = town.head()
    resume(town)
    assert town.head() == after


def test_the_rule_leaves_a_paused_queue_alone(town: Town) -> None:
    pause(town)
    town.now = MORNING.replace(hour=16, minute=58)
    regulate(town)
    assert state_of(town, "D") == "paused"


# --- out of order -------------------------------------------------------------------------------------


def test_an_outage_of_a_queue_refuses_numbers_and_calls_and_keeps_places(town: Town) -> None:
    first, second = town.take("D"), town.take("A")
    town.open("3")
    ident = outage(town, Scope(queues=("D",)))
    with pytest.raises(Interrupted) as refused:
        town.take("D")
    assert (refused.value.code, refused.value.data["outage"]) == ("outage", ident)
    assert town.called("3").id == second.id
    town.do("start", second.id)
    town.do("finish", second.id)
    assert town.call_next("3") is None
    assert town.ticket(first.id).state == "waiting"
    with town.database.work() as session:
        outages.end(session, outages.outage(session, ident, town.code), now=town.now, actor=WORKS)
    assert town.called("3").id == first.id


def test_an_outage_of_an_item_holds_only_who_came_for_it(town: Town) -> None:
    card, other = town.take(items=[CARD]), town.take("D")
    town.open("1")
    outage(town, Scope(items=(CARD,)))
    with pytest.raises(Interrupted):
        town.take(items=[CARD])
    town.take("D")
    with town.database.reading() as session:
        window = halls.window(session, town.window_id("1"))
        line = candidates(session, window, MORNING.date(), now=town.now)
    assert other.id in [person.id for person in line]
    assert card.id not in [person.id for person in line]


def test_who_is_being_served_is_finished_during_an_outage(town: Town) -> None:
    town.take("D")
    town.open("1")
    here = town.called("1")
    outage(town, Scope(whole=True))
    town.do("start", here.id)
    assert town.do("finish", here.id).state == "finished"


def test_an_outage_offers_no_hall_that_is_out_too(town: Town) -> None:
    with town.database.work() as session:
        place = halls.hall(session, DISTRICT_HALL)
        outages.begin(session, place, Scope(whole=True), Why("power"), now=town.now, actor=WORKS)
    with town.database.reading() as session:
        town_hall = halls.hall(session, TOWN_HALL)
        assert DISTRICT_HALL not in [
            each.code for each in intake.elsewhere(session, town_hall, "D", [CARD], town.now)
        ]
        assert intake.elsewhere(session, town_hall, "D", [TRADE, MORTGAGE], town.now) == []
