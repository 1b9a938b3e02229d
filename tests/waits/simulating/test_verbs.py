"""A simulated hall calls first whom the verbs call from the same state: who, at which window, and when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dispatch.foundation.errors import Refusal
from dispatch.tickets import arriving
from dispatch.tickets import finding as tickets
from dispatch.tickets.models import Ticket
from dispatch.waits import scenes
from dispatch.waits.simulating import kernel, rule
from dispatch.waits.simulating.casting import Cast, cast
from dispatch.waits.simulating.scene import Coming, Scene
from dispatch.waits.standing import Standing as HallStanding
from tests.soak_tables import tell
from tests.standing_city import BUILDER, CITIZEN, CLERK, TOWN_WINDOWS, Standing, Town
from tests.waits.test_scenes import read

HORIZON_S = 2400.0
"""So far the calls are compared: before lunch."""
Call = tuple[float, str, str]
WINDOWS = sorted(TOWN_WINDOWS)
ACTS = st.one_of(
    st.tuples(st.just("take"), st.sampled_from("DDA"), st.sampled_from(["web", "web", "counter"])),
    st.tuples(st.just("first"), st.sampled_from("DDA"), st.sampled_from(["elderly", "soldier", "pregnant"])),
    st.tuples(st.just("book"), st.sampled_from("DA"), st.sampled_from([-40, -10, 5, 20, 90])),
    st.tuples(st.just("call"), st.sampled_from(WINDOWS)),
    st.tuples(st.sampled_from(["miss", "park", "come back", "arrive"]), st.integers(0, 9)),
    st.tuples(st.just("pass"), st.sampled_from([20, 61, 240])),
    st.tuples(st.just("fall silent")),
)
Acts = list[tuple[str | int, ...]]
MANY: Acts = [("take", queue, channel) for queue in "DDA" for channel in ("web", "web", "counter")]
"""So many stand there at first that somebody from afar is passed."""


def compare(town: Town, acts: Acts) -> int:
    """Play the town both ways from where these acts leave it; how many calls were alike."""
    town.open("1", "2")
    for act in MANY + acts:
        _do(town, str(act[0]), *act[1:])
    for name in WINDOWS[:3]:
        if town.window(name).state == "open":
            town.heartbeat(name)
        else:
            town.open(name)
    hall = read(town)
    scene = _with_nobody_new(scenes.scene_of(hall))
    drawn = _exactly(scene, cast(scene, 1))
    foretold = _first_calls(hall, scene, drawn, kernel.play(scene, drawn))
    assert foretold == _first_calls(hall, scene, drawn, rule.play(scene, drawn))
    made = _really(town, hall, scene, drawn)
    assert foretold == made
    return len(made)


def _do(town: Town, act: str, *told: str | int) -> None:
    """One deed of somebody in the hall, if it can be done now."""
    try:
        if act == "take":
            town.take(str(told[0]), channel=str(told[1]), actor=CITIZEN if told[1] == "web" else CLERK)
        elif act == "first":
            town.take(str(told[0]), priority=str(told[1]), channel="counter", actor=CLERK)
        elif act == "book":
            _book(town, str(told[0]), int(told[1]))
        elif act == "call":
            town.call_next(str(told[0]), finish=True)
        elif act == "pass":
            town.pass_time(seconds=float(told[0]))
        elif act == "fall silent":
            town.pass_time(minutes=2)
            town.heartbeat("2")
            town.let_lapse()
        else:
            _to_somebody(town, act, int(told[0]))
    except Refusal:
        pass  # it cannot


def _book(town: Town, queue: str, minutes: int) -> None:
    ticket = town.take(queue)
    with town.database.work() as session:
        tickets.ticket(session, ticket.id).booked_for = town.now + timedelta(minutes=minutes)


def _to_somebody(town: Town, act: str, nth: int) -> None:
    """A verb on one of those in the state that it asks for."""
    state = {"miss": "called", "park": "called", "come back": "missed", "arrive": "waiting"}[act]
    with town.database.reading() as session:
        found = sorted(session.scalars(select(Ticket.id).where(Ticket.state == state)))
    if not found:
        return
    ticket = found[nth % len(found)]
    if act == "arrive":
        with town.database.work() as session:
            arriving.arrive(session, tickets.ticket(session, ticket), now=town.now, actor=BUILDER)
    else:
        town.do({"miss": "missed", "park": "park", "come back": "reactivate"}[act], ticket)


def _with_nobody_new(scene: Scene) -> Scene:
    return replace(
        scene,
        queues=replace(scene.queues, rate=np.zeros_like(scene.queues.rate)),
        coming=Coming.nobody(),
        probes=scene.probes[:0],
    )


def _exactly(scene: Scene, drawn: Cast) -> Cast:
    """Everybody comes, and takes her own few minutes; so whoever is at a window, though called only now."""
    busy = ~np.isnan(scene.windows.busy_since)
    ready = scene.now + np.where(busy, 60.0 + 7.0 * np.arange(len(busy)), 0.0)
    return replace(
        drawn,
        takes=60.0 * (1 + drawn.number % 5)[None, :].astype(np.float64),
        shows=np.ones_like(drawn.shows),
        frees=ready[None, :],
    )


def _first_calls(hall: HallStanding, scene: Scene, drawn: Cast, calls: rule.Calls) -> list[Call]:
    called, window = calls.called[0, : len(drawn)], calls.window[0]
    soon = np.flatnonzero(called < scene.now + HORIZON_S).tolist()
    order = sorted(soon, key=lambda person: (called[person], window[person]))
    return [
        (float(called[each] - scene.now), hall.windows[window[each]].name, hall.waiting[each].id)
        for each in order
    ]


def _really(town: Town, hall: HallStanding, scene: Scene, drawn: Cast) -> list[Call]:
    """Every window that is free calls, by the verb; one that finds nobody looks again when somebody is kept no more."""
    number = {person.id: index for index, person in enumerate(hall.waiting)}
    until = scene.waiting.callable_from
    wakes = [*np.unique(until[np.isfinite(until) & (until > scene.now)]), np.inf]
    ready = np.where([window.state == "open" for window in hall.windows], drawn.frees[0], np.inf)
    begun, made = town.now, list[Call]()
    while (now := ready.min()) < scene.now + HORIZON_S:
        window = int(ready.argmin())
        town.now = begun + timedelta(seconds=now - scene.now)
        ticket = town.call_next(hall.windows[window].name, finish=True)
        if ticket is None:
            ready[window] = next(wake for wake in wakes if wake > now)
        else:
            made.append((float(now - scene.now), hall.windows[window].name, ticket.id))
            ready[window] = now + drawn.takes[0, number[ticket.id]]
    return made


@pytest.mark.parametrize(
    "acts",
    [
        [("first", "D", "elderly"), ("first", "A", "soldier"), ("book", "D", 5), ("book", "A", 90)],
        [("call", "1"), ("call", "2"), ("miss", 0), ("pass", 240), ("come back", 0), ("park", 0)],
        [("call", "1"), ("call", "2"), ("fall silent",), ("arrive", 1), ("arrive", 2)],
        [("call", "1")] * 9 + [("take", "D", "counter")] * 3 + [("take", "A", "web")] * 14,
    ],
)
def test_the_first_calls_are_those_of_the_verbs(town: Town, acts: Acts) -> None:
    assert compare(town, acts) > 0


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_in_many_halls_the_first_calls_are_those_of_the_verbs(standing: Standing) -> None:
    made: list[int] = []

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(acts=st.lists(ACTS, max_size=25))
    def always(acts: Sequence[tuple[str | int, ...]]) -> None:
        made.append(compare(Town(standing.restore()), list(acts)))

    always()
    tell("simulated_and_made_calls", [{"halls": len(made), "calls": sum(made)}])
    assert sum(made) > len(made)
