"""The compiled simulation equals the plain one, and ghosts are told what a real further person would meet."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.queues.rules import Line
from dispatch.waits.simulating import kernel, rule
from dispatch.waits.simulating.casting import CLASSES, cast
from dispatch.waits.simulating.scene import FROM_AFAR, KINDS, USUAL, Scene
from tests.waits.simulating.scenes import HOUR, NOW, queues_of, scene_of, scenes, waiting_of, windows_of

MINUTE = 60.0


def equal_for_all(scene: Scene, paths: int, seed: int) -> None:
    drawn = cast(scene, paths, seed)
    plain, quick = rule.play(scene, drawn), kernel.play(scene, drawn)
    np.testing.assert_array_equal(quick.called, plain.called)
    np.testing.assert_array_equal(quick.window, plain.window)


@settings(max_examples=60, deadline=None)
@given(scene=scenes(), seed=st.integers(0, 9))
def test_who_is_called_when_and_where_is_the_same(scene: Scene, seed: int) -> None:
    equal_for_all(scene, 2, seed)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@settings(max_examples=5000, deadline=None)
@given(scene=scenes(), seed=st.integers(0, 999))
def test_who_is_called_when_and_where_is_the_same_in_thousands_of_halls(scene: Scene, seed: int) -> None:
    equal_for_all(scene, 3, seed)


@settings(max_examples=30, deadline=None)
@given(scene=scenes(), seed=st.integers(0, 9), data=st.data())
def test_a_ghost_waits_as_a_real_further_person_would(scene: Scene, seed: int, data: st.DataObject) -> None:
    """Where lines are not shared and nobody comes from afar, for every kind of person and whatever else happens."""
    windows = scene.windows
    one_each = np.zeros_like(windows.serves)
    one_each[np.arange(len(windows)), np.arange(len(windows)) % len(scene.queues)] = True
    mix = np.tile([0.05, 0.2, 0.75, 0.0], (len(scene.queues), 1))
    here = replace(scene.waiting.line, came=scene.waiting.line.place)
    scene = replace(
        scene,
        windows=replace(windows, serves=one_each),
        queues=replace(scene.queues, mix=mix, patience_s=np.full(len(scene.queues), np.inf)),
        waiting=replace(scene.waiting, line=here),
        probes=np.array([NOW, NOW + 700.0]),
        newcomers=np.arange(KINDS),
    )
    queue, kind = data.draw(st.integers(0, len(scene.queues) - 1)), data.draw(st.integers(0, KINDS - 1))
    ghosts = kernel.play(scene, cast(scene, 4, seed)).called[:, -len(scene.queues) * scene.asked :]
    mine = ghosts[:, queue * scene.asked :]
    joined = joined_by_one(scene, queue, kind)
    real = kernel.play(joined, cast(joined, 4, seed)).called[:, len(scene.waiting)]
    np.testing.assert_array_equal(mine[:, len(scene.probes) + kind], real)
    if kind == USUAL:
        np.testing.assert_array_equal(mine[:, 0], real)


@settings(max_examples=30, deadline=None)
@given(scene=scenes(), seed=st.integers(0, 9), data=st.data())
def test_with_a_ticket_from_afar_she_waits_as_a_real_one_would(
    scene: Scene, seed: int, data: st.DataObject
) -> None:
    """Whoever else comes from afar, passes others, and is passed: only her own call is another's hindrance."""
    windows = scene.windows
    one_each = np.zeros_like(windows.serves)
    one_each[np.arange(len(windows)), np.arange(len(windows)) % len(scene.queues)] = True
    scene = replace(
        scene,
        windows=replace(windows, serves=one_each),
        queues=replace(scene.queues, patience_s=np.full(len(scene.queues), np.inf)),
        probes=np.empty(0),
        newcomers=np.array([FROM_AFAR]),
    )
    queue = data.draw(st.integers(0, len(scene.queues) - 1))
    ghost = kernel.play(scene, cast(scene, 4, seed)).called[:, queue - len(scene.queues)]
    joined = joined_by_one(scene, queue, FROM_AFAR)
    real = kernel.play(joined, cast(joined, 4, seed)).called[:, len(scene.waiting)]
    np.testing.assert_array_equal(ghost, real)


def joined_by_one(scene: Scene, queue: int, kind: int) -> Scene:
    """The same with somebody of this kind more in the queue, who has joined just now."""
    waiting, line = scene.waiting, scene.waiting.line
    return replace(
        scene,
        waiting=replace(
            waiting,
            line=Line(
                place=np.append(line.place, NOW),
                classes=np.append(line.classes, CLASSES[kind]),
                slot=np.append(line.slot, np.nan),
                came=np.append(line.came, np.nan if kind == FROM_AFAR else NOW),
                passed=np.append(line.passed, 0),
                number=np.append(line.number, 99),
            ),
            queue=np.append(waiting.queue, queue),
            service_s=np.append(waiting.service_s, 600.0),
            sigma=np.append(waiting.sigma, 0.5),
            minutes=np.append(waiting.minutes, scene.queues.minutes[queue]),
            show=np.append(waiting.show, 1.0),
            callable_from=np.vstack([waiting.callable_from, np.full((1, len(scene.windows)), -np.inf)]),
        ),
    )


def test_everybody_is_called_in_turn_and_windows_close() -> None:
    queues = queues_of(1)
    scene = scene_of(queues, windows_of([[1]], ends=NOW + 25 * MINUTE), [0, 0, 0, 0])
    called = kernel.play(scene, cast(scene, 1)).called[0]
    assert [(at - NOW) / MINUTE for at in called] == [0, 10, 20, np.inf]


def test_a_call_nobody_follows_costs_its_seconds_only() -> None:
    queues = queues_of(1, show=0.0)
    scene = scene_of(queues, windows_of([[1]]), [0, 0, 0], missed_s=90)
    called = kernel.play(scene, cast(scene, 1)).called[0]
    assert list(called - NOW) == [0, 90, 180]


def test_a_service_under_way_is_only_as_long_as_is_left_of_it() -> None:
    windows = replace(windows_of([[1]]), busy_since=np.array([NOW - 400.0]))
    scene = scene_of(queues_of(1), windows, [0])
    assert kernel.play(scene, cast(scene, 1)).called[0] - NOW == pytest.approx(200)


def test_lunch_parts_two_shifts() -> None:
    windows = replace(
        windows_of([[1]]),
        shift_window=np.array([0, 0]),
        shift_start=np.array([NOW, NOW + HOUR]),
        shift_end=np.array([NOW + 15 * MINUTE, NOW + 2 * HOUR]),
    )
    scene = scene_of(queues_of(1), windows, [0, 0, 0], probes=[NOW, NOW + 50 * MINUTE])
    called = kernel.play(scene, cast(scene, 1)).called[0]
    assert [(at - NOW) / MINUTE for at in called] == [0, 10, 60, 70, 70]


def test_whoever_is_kept_for_a_window_waits_for_it_until_then() -> None:
    queues = queues_of(1)
    waiting = waiting_of([0, 0], 2, queues)
    waiting.callable_from[0, 0] = NOW + 15 * MINUTE
    windows = replace(windows_of([[1], [1]]), busy_since=np.array([np.nan, NOW]), busy_s=np.full(2, 3600.0))
    scene = replace(scene_of(queues, windows, probes=[NOW]), waiting=waiting)
    played = kernel.play(scene, cast(scene, 1))
    assert [(at - NOW) / MINUTE for at in played.called[0]] == [15, 0, 10]


def test_one_more_window_changes_nobodys_luck() -> None:
    """Common random numbers: with a window more nobody of one plain line waits longer, in any path."""
    queues = queues_of(1, sigma=0.7, show=0.8, edges=[NOW, NOW + HOUR], rate=[0.004])
    few, many = (
        scene_of(queues, windows_of([[1]] * count), [0] * 8, probes=[NOW + HOUR]) for count in (2, 3)
    )
    slow, quick = (kernel.play(scene, cast(scene, 64)).called for scene in (few, many))
    assert (quick <= slow).all()
    assert (quick < slow).any()


def test_it_is_compiled_once_for_every_hall() -> None:
    assert len(kernel._play_all.signatures) == 1  # type: ignore[attr-defined]
