"""What is drawn is distributed as the scene says, and belongs to the person."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from dispatch.waits.simulating.casting import cast
from tests.waits.simulating.scenes import HOUR, NOW, queues_of, scene_of, windows_of

SEEN = 1e-3
"""The seed is fixed: a p-value that is above this once is so always."""


def test_services_are_log_normal_with_the_mean_that_is_said() -> None:
    queues = queues_of(1, service_s=600.0, sigma=0.7)
    takes = cast(scene_of(queues, windows_of([[1]]), [0] * 40), 200).takes.ravel()
    deviates = (np.log(takes / 600.0) + 0.7**2 / 2) / 0.7
    assert stats.kstest(deviates, "norm").pvalue > SEEN
    assert takes.mean() == pytest.approx(600.0, rel=0.03)


def test_people_come_at_the_rate_of_each_period_and_give_up_in_exponential_time() -> None:
    edges = [NOW, NOW + HOUR, NOW + 2 * HOUR, NOW + 3 * HOUR]
    queues = queues_of(1, patience_s=900.0, edges=edges, rate=[0.01, 0.0, 0.03])
    drawn = cast(scene_of(queues, windows_of([[1]])), 500)
    coming = np.isfinite(drawn.joins)
    counts = np.array([np.histogram(row[row < np.inf], edges)[0] for row in drawn.joins])
    assert counts.mean(axis=0) == pytest.approx([36, 0, 108], rel=0.02)
    assert counts.var(axis=0) == pytest.approx([36, 0, 108], rel=0.2)
    assert (drawn.joins[:, 1:] >= drawn.joins[:, :-1]).all()
    stays = drawn.leaves[coming] - drawn.joins[coming]
    assert stats.kstest(stays[:4000] / 900.0, "expon").pvalue > SEEN


def test_whoever_was_called_and_may_not_come_frees_the_window_sooner() -> None:
    busy = replace(windows_of([[1]]), busy_since=np.array([NOW - 20.0]), busy_show=np.array([0.25]))
    frees = cast(scene_of(queues_of(1), busy, missed_s=60.0), 2000).frees - NOW
    assert set(np.unique(frees)) == {40.0, 580.0}
    assert (frees == 580.0).mean() == pytest.approx(0.25, abs=0.04)


def test_everybody_keeps_her_luck_whoever_else_is_there() -> None:
    queues = queues_of(2, sigma=0.7, show=0.5, edges=[NOW, NOW + HOUR], rate=[0.01])
    few, many = (cast(scene_of(queues, windows_of([[1, 1]]), [0] * n), 8, seed=3) for n in (3, 5))
    np.testing.assert_array_equal(few.takes[:, :3], many.takes[:, :3])
    np.testing.assert_array_equal(few.shows[:, :3], many.shows[:, :3])
    for queue in (0, 1):
        one, other = (each.joins[:, each.starts[queue] : each.starts[queue + 1]] for each in (few, many))
        np.testing.assert_array_equal(one, other)
    other_seed = cast(scene_of(queues, windows_of([[1, 1]]), [0] * 3), 8, seed=4)
    assert (other_seed.takes[:, :3] != few.takes[:, :3]).any()
