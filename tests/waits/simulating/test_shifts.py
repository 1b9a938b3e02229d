"""Shifts as they are really kept: begun late, and not over while somebody waits."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.waits.simulating import kernel, rule
from dispatch.waits.simulating.casting import cast
from dispatch.waits.simulating.scene import Scene
from tests.waits.simulating.scenes import HOUR, NOW, queues_of, scene_of, scenes, waiting_of, windows_of

MINUTE = 60.0


def hall(*, stays_min: float = 0.0, late_min: float = 0.0, waiting: int = 4) -> Scene:
    """One window, half an hour of work before lunch, services of ten minutes; and a probe right after the end."""
    queues = queues_of(1)
    windows = replace(
        windows_of([[True]]),
        shift_window=np.array([0, 0]),
        shift_start=np.array([NOW, NOW + 2 * HOUR]),
        shift_end=np.array([NOW + 25 * MINUTE, NOW + 8 * HOUR]),
        shift_late=np.array([[0.0], [late_min * MINUTE]]),
        shift_stays=np.full((2, 1), stays_min * MINUTE),
    )
    scene = scene_of(queues, windows, until=NOW + 4 * HOUR)
    return replace(
        scene,
        waiting=waiting_of(np.zeros(waiting, dtype=int), 1, queues),
        probes=np.array([NOW + 26 * MINUTE]),
        newcomers=np.empty(0, dtype=np.int64),
    )


def called(scene: Scene) -> list[float]:
    drawn = cast(scene, 1)
    plain, quick = rule.play(scene, drawn), kernel.play(scene, drawn)
    np.testing.assert_array_equal(quick.called, plain.called)
    return [round((at - NOW) / MINUTE, 6) for at in quick.called[0]]


def test_who_still_waits_at_the_end_is_called_while_she_stays() -> None:
    assert called(hall()) == [0, 10, 20, 120, 130]
    assert called(hall(stays_min=6)) == [0, 10, 20, 30, 120]
    assert called(hall(stays_min=20)) == [0, 10, 20, 30, 40]


def test_who_finds_nobody_at_the_end_goes_home_however_long_she_would_stay() -> None:
    assert called(hall(stays_min=20, waiting=2)) == [0, 10, 120]


def test_who_goes_early_calls_nobody_after_it_and_who_comes_late_calls_late() -> None:
    assert called(hall(stays_min=-6, late_min=5)) == [0, 10, 125, 135, 145]


@settings(max_examples=60, deadline=None)
@given(scene=scenes())
def test_shifts_are_drawn_one_after_the_other(scene: Scene) -> None:
    drawn = cast(scene, 8)
    assert (drawn.begins <= drawn.may_go).all()
    assert (drawn.may_go <= drawn.stays).all()
    same = np.diff(scene.windows.shift_window) == 0
    late = drawn.begins[:, 1:] < np.minimum(drawn.stays[:, :-1], drawn.stays[:, 1:])
    assert not late[:, same].any()
    assert (drawn.stays <= scene.ends).all()


@given(st.integers(0, 9))
def test_a_quantile_is_drawn_as_often_as_it_says(seed: int) -> None:
    scene = hall()
    windows = replace(scene.windows, shift_stays=np.linspace(0.0, 600.0, 11)[None, :])
    drawn = cast(replace(scene, windows=windows), 400, seed)
    assert 240 < np.median(drawn.stays[:, 0] - scene.windows.shift_end[0]) < 360
