"""A hall's tables as a scene that can be played."""

import math
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from dispatch.halls import finding as halls
from dispatch.halls import outages
from dispatch.halls.models import Window
from dispatch.halls.outages import Scope, Why
from dispatch.journeys.beginning import Left
from dispatch.journeys.weighing import COMES
from dispatch.learning.halls_known import HallsKnown
from dispatch.queues import rules
from dispatch.queues.policy import Policy
from dispatch.staffing.models import SkillKind, SkillNeeded
from dispatch.tickets import lines
from dispatch.waits import scenes, standing
from dispatch.waits.simulating.scene import Scene
from dispatch.waits.standing import Standing
from tests.journeys.walkers import arrive, give_up, set_out
from tests.standing_city import BUILDER, CARD, CLERK, DISTRICT_HALL, MORNING, TOWN_HALL, Town

DESK: dict[str, Any] = {"channel": "counter", "actor": CLERK}
D, A = 1, 0


def read(town: Town) -> Standing:
    with town.database.reading() as session:
        place = halls.hall(session, town.code)
        (hall,) = standing.read(session, [place], HallsKnown().of_all(session, [town.code]), town.now)
        session.expunge_all()
        return hall


def scene_of(town: Town) -> Scene:
    return scenes.scene_of(read(town))


def test_everybody_stands_in_the_scene_as_she_will_be_called(town: Town) -> None:
    for number in range(8):
        town.take("D", priority="elderly" if number == 6 else "none", **DESK)
        town.pass_time(minutes=2)
    hall = read(town)
    scene = scenes.scene_of(hall)
    ranked = rules.rank(scene.waiting.line, Policy())
    with town.database.reading() as session:
        line = lines.line_of(session, TOWN_HALL, "D", MORNING.date())
    assert [hall.waiting[index].id for index in ranked] == [person.id for person in line]


def test_a_window_at_work_is_busy_since_its_call(town: Town) -> None:
    town.open("1", "2")
    town.take("D")
    town.pass_time(minutes=5)
    called = town.called("1")
    called_at = town.now.timestamp()
    town.pass_time(minutes=3)
    windows = scene_of(town).windows
    assert called.window == town.window_id("1")
    assert windows.busy_since[0] == called_at
    assert np.isnan(windows.busy_since[1:]).all()
    assert [list(serves) for serves in windows.serves] == [
        [False, True],
        [False, True],
        [True, True],
        [True, False],
    ]


def test_windows_call_until_lunch_and_after_it(town: Town) -> None:
    town.open("1")
    windows = scene_of(town).windows
    with town.database.reading() as session:
        openings = halls.openings(session, halls.hall(session, TOWN_HALL), MORNING.date())
    assert windows.shift_window.tolist() == [0] * len(openings)
    assert windows.shift_start.tolist() == [max(each.start, town.now).timestamp() for each in openings]
    assert windows.shift_end.tolist() == [each.end.timestamp() for each in openings]


def test_a_paused_window_is_expected_back_and_a_silent_one_is_not(town: Town) -> None:
    town.open("1", "2")
    town.change_window("1", "pause")
    paused = scene_of(town).windows
    assert paused.shift_start[paused.shift_window == 0].min() > town.now.timestamp()
    town.pass_time(minutes=2)
    town.let_lapse()
    assert (scene_of(town).windows.shift_window == 0).all()


def test_somebody_kept_for_a_window_waits_for_it(town: Town) -> None:
    town.open("1", "2")
    town.take("D")
    town.called("1")
    town.pass_time(minutes=2)
    town.heartbeat("2")
    assert town.let_lapse() == ["1"]
    (kept,) = read(town).waiting
    assert kept.kept_until is not None
    assert kept.kept_for == town.window_id("1")
    (row,) = scene_of(town).waiting.callable_from
    assert row[0] == -math.inf
    assert (row[1:] == kept.kept_until.timestamp()).all()


def test_what_a_clerk_may_not_serve_is_never_called_there(town: Town) -> None:
    town.open("1", "2")
    town.take(items=[CARD])
    with town.database.work() as session:
        session.scalars(select(Window).where(Window.id == town.window_id("2"))).one().staff = None
        session.add(SkillKind(code="cards", name="社保卡", name_en="cards"))
        session.flush()
        session.add(SkillNeeded(item=CARD, skill="cards", grade=1))
    (row,) = scene_of(town).waiting.callable_from
    assert (row[0], row[1]) == (math.inf, -math.inf)


def test_places_freeze_until_an_outage_is_over(town: Town) -> None:
    town.take("D")
    town.take("A")
    until = town.now + timedelta(hours=1)
    with town.database.work() as session:
        place = halls.hall(session, TOWN_HALL)
        outages.begin(
            session, place, Scope(queues=("D",)), Why("power"), until=until, now=town.now, actor=BUILDER
        )
    waiting = scene_of(town).waiting
    assert (waiting.callable_from[waiting.queue == D] == until.timestamp()).all()
    assert (waiting.callable_from[waiting.queue == A] == -math.inf).all()


def test_where_nothing_was_learned_people_come_as_in_the_last_hour(town: Town) -> None:
    for _ in range(12):
        town.take("D")
        town.pass_time(minutes=5)
    queues = scene_of(town).queues
    gone = queues.edges[:-1] - town.now.timestamp()
    assert np.allclose(queues.rate[gone < scenes.PERSISTS_S, D], 12 / 3600)
    assert not queues.rate[gone >= scenes.PERSISTS_S].any()
    assert not queues.rate[:, A].any()


def test_whoever_has_come_as_expected_is_none_of_those_who_come_unexpected(town: Town) -> None:
    for _ in range(6):
        town.take("D")
    for _ in range(4):
        arrive(town, set_out(town).id)
    assert scene_of(town).queues.rate[0, D] == pytest.approx(6 / 3600)


def test_whoever_is_referred_elsewhere_will_hardly_answer_her_call(town: Town) -> None:
    stays, goes = town.take("D"), town.take("D")
    elsewhere = Town(town.database, DISTRICT_HALL, town.now)

    def shows() -> dict[str, float]:
        hall = read(town)
        people = (person.id for person in hall.waiting)
        return dict(zip(people, scenes.scene_of(hall).waiting.show.tolist(), strict=True))

    before = shows()
    journey = set_out(elsewhere, left=Left(town.code, goes.id))
    assert shows()[stays.id] == before[stays.id]
    assert shows()[goes.id] == pytest.approx((1 - COMES) * before[goes.id])
    give_up(elsewhere, journey.id)
    assert shows() == before


def test_whoever_is_under_way_is_expected_until_she_stands_in_line(town: Town) -> None:
    town.open("1")
    first = set_out(town)
    town.pass_time(seconds=1)
    second = set_out(town, "A")
    scene = scene_of(town)
    assert scene.coming.queue.tolist() == [D, A]
    assert scene.coming.at.tolist() == [each.arrives_at.timestamp() for each in (first, second)]
    assert (scene.coming.comes > 0.5).all()
    arrive(town, first.id)
    assert (scene_of(town).coming.queue.tolist(), len(scene_of(town).waiting)) == ([A], 1)
