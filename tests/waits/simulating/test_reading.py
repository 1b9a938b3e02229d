"""What is read out of paths: quantiles, never nonsense, and no wait where most are not served today."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from dispatch.waits import fluid
from dispatch.waits.forecast import Forecast, Unknown
from dispatch.waits.simulating import kernel, reading
from dispatch.waits.simulating.casting import cast
from dispatch.waits.simulating.rule import Calls
from dispatch.waits.simulating.scene import ImpossibleScene, Scene
from tests.waits.simulating.scenes import HOUR, NOW, queues_of, scene_of, scenes, windows_of

MINUTE = 60.0


@settings(max_examples=60, deadline=None)
@given(scene=scenes())
def test_every_wait_is_a_range_within_the_day(scene: Scene) -> None:
    read = reading.read(scene, kernel.play(scene, cast(scene, 8)))
    for waits in (read.tickets, read.arrivals, read.newcomers):
        assert np.isfinite(waits.high_s).all()
        assert (waits.low_s >= 0).all()
        assert (waits.low_s <= waits.point_s).all()
        assert (waits.point_s <= waits.high_s).all()
        assert (waits.high_s <= scene.ends - scene.now).all()
    assert read.tickets.point_s.shape == (len(scene.waiting),)
    assert read.arrivals.point_s.shape == (len(scene.queues), len(scene.probes))
    assert read.newcomers.point_s.shape == (len(scene.queues), len(scene.newcomers))


def test_quantiles_are_those_of_the_paths() -> None:
    scene = scene_of(queues_of(1), windows_of([[1]]), [0], probes=[NOW])
    waits = np.linspace(0, 1000, 21)[:, None]
    calls = Calls(NOW + np.hstack([waits, 2 * waits]), np.zeros((21, 1), dtype=np.int16))
    read = reading.read(scene, calls)
    for found, scale in ((read.tickets, 1), (read.arrivals, 2)):
        told = [float(each.flat[0]) for each in (found.point_s, found.low_s, found.high_s)]
        assert told == pytest.approx([500 * scale, 50 * scale, 950 * scale])


def test_whoever_is_mostly_not_served_today_is_told_no_wait() -> None:
    scene = scene_of(queues_of(1), windows_of([[1]], ends=NOW + HOUR), [0, 0])
    called = np.array([[NOW, np.inf]] * 3 + [[NOW + 600, NOW + 1200]] * 2)
    read = reading.read(scene, Calls(called, np.zeros((5, 2), dtype=np.int16)))
    assert isinstance(read.tickets.of(0), Forecast)
    assert read.tickets.of(1) == Unknown("not_today")
    assert list(read.tickets.unserved) == [0, 0.6]


def test_a_hall_without_windows_serves_nobody_today() -> None:
    scene = scene_of(queues_of(2), windows_of(np.zeros((0, 2))), [0, 1], probes=[NOW])
    read = reading.read(scene, kernel.play(scene, cast(scene, 4)))
    assert read.tickets.of(1) == read.arrivals.of(0, 0) == Unknown("not_today")
    found = fluid.waits(scene)
    assert np.isinf(found.tickets).all()
    assert np.isinf(found.arrivals[:, 0]).all()


@settings(max_examples=60, deadline=None)
@given(scene=scenes())
def test_the_fluid_is_never_nonsense(scene: Scene) -> None:
    found = fluid.waits(scene)
    for waits in (found.tickets, found.arrivals):
        assert not np.isnan(waits).any()
        assert (waits >= 0).all()


@pytest.mark.parametrize("count", [1, 4])
def test_the_fluid_is_exact_where_nothing_is_left_to_chance(count: int) -> None:
    """Windows evenly out of step call evenly; behind them everybody's place is reached as the sum says."""
    windows = windows_of([[1]] * count)
    step = 600.0 / count
    windows = replace(windows, busy_since=NOW - step * np.arange(count, dtype=np.float64))
    scene = scene_of(queues_of(1), windows, [0] * 12, probes=[NOW])
    played = kernel.play(scene, cast(scene, 1)).called[0] - NOW
    np.testing.assert_allclose(fluid.waits(scene).tickets, played[:12], atol=0.5 * 600)
    assert fluid.waits(scene).arrivals[0, 0] == pytest.approx(played[12], abs=0.5 * 600)


def test_the_fluid_waits_over_lunch() -> None:
    windows = replace(
        windows_of([[1]]),
        shift_window=np.array([0, 0]),
        shift_start=np.array([NOW, NOW + HOUR]),
        shift_end=np.array([NOW + 20 * MINUTE, NOW + 9 * HOUR]),
    )
    scene = scene_of(queues_of(1), windows, [0] * 5, probes=[NOW])
    assert list(fluid.waits(scene).tickets / MINUTE) == pytest.approx([0, 10, 20, 70, 80], abs=0.1)


def test_the_fluid_is_near_the_middle_of_a_busy_hall() -> None:
    queues = queues_of(3, sigma=0.5, show=0.9, edges=[NOW, NOW + 3 * HOUR], rate=[0.005])
    serves = np.eye(3, dtype=np.bool_)[np.arange(9) % 3]
    busy = replace(windows_of(serves), busy_since=np.full(9, NOW - 200.0), busy_sigma=np.full(9, 0.5))
    scene = scene_of(queues, busy, [0] * 20 + [1] * 30 + [2] * 40, probes=[NOW, NOW + HOUR])
    read = reading.read(scene, kernel.play(scene, cast(scene, 128)))
    found = fluid.waits(scene)
    far = read.tickets.point_s > 600
    assert np.abs(found.tickets / read.tickets.point_s - 1)[far].max() < 0.2
    assert np.abs(found.arrivals / read.arrivals.point_s - 1).max() < 0.2


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        (lambda scene: replace(scene, now=float("nan")), "now"),
        (lambda scene: replace(scene, probes=np.array([NOW - 1])), "probes"),
        (lambda scene: replace(scene, missed_s=-1.0), "missed_s"),
        (lambda scene: replace(scene, queues=replace(scene.queues, mix=scene.queues.mix / 2)), "mix"),
        (lambda scene: replace(scene, queues=replace(scene.queues, sigma=np.array([np.nan]))), "sigma"),
        (lambda scene: replace(scene, queues=replace(scene.queues, show=np.array([1.5]))), "show"),
        (
            lambda scene: replace(scene, windows=replace(scene.windows, shift_end=np.array([NOW - 1]))),
            "shift_end",
        ),
        (
            lambda scene: replace(scene, windows=replace(scene.windows, shift_window=np.array([1]))),
            "shift_window",
        ),
        (lambda scene: replace(scene, waiting=replace(scene.waiting, queue=np.array([0, 1]))), "queue"),
        (lambda scene: replace(scene, waiting=replace(scene.waiting, show=np.ones(3))), "show"),
    ],
)
def test_what_cannot_be_is_refused_by_name(broken: object, named: str) -> None:
    scene = scene_of(queues_of(1), windows_of([[1]]), [0, 0])
    with pytest.raises(ImpossibleScene, match=named):
        broken(scene)  # type: ignore[operator]
