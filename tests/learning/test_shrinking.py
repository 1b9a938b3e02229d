"""Little data are drawn towards their like; much data stand as they are; nothing leaves its bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.learning import shrinking
from dispatch.learning.shrinking import PSEUDO, Floats

SIZES = st.integers(0, 30)
SEEDS = st.integers(0, 10_000)


def drawn(size: int, seed: int) -> tuple[Floats, Floats, Floats]:
    """Measured figures, their noise, and where they are drawn to."""
    rng = np.random.default_rng(seed)
    return rng.normal(0, 3, size), 10 ** rng.uniform(-6, 4, size), rng.normal(0, 3, size)


@given(SIZES, SEEDS, st.floats(1e-3, 10))
def test_a_spread_solves_its_equation_or_stands_at_its_bounds(size: int, seed: int, guess: float) -> None:
    apart, noise, _ = drawn(size, seed)
    found = shrinking.spread(apart, noise, guess)
    assert guess * 0.999e-3 <= found <= guess * 1.001e3
    off = np.sum(apart**2 / (found + noise)) + PSEUDO * guess / found - size - PSEUDO
    at_bounds = found > guess * 0.99e3 or found < guess * 1.01e-3
    assert at_bounds or abs(off) < 1e-5 * (size + PSEUDO)


def test_with_nothing_measured_a_spread_is_what_was_guessed() -> None:
    assert shrinking.spread(np.empty(0), np.empty(0), 0.04) == pytest.approx(0.04)


def test_a_spread_is_found_again() -> None:
    rng = np.random.default_rng(1)
    noise = rng.uniform(0.01, 1.0, 4000)
    measured = rng.normal(0, np.sqrt(0.09 + noise))
    assert shrinking.spread(measured, noise, 1.0) == pytest.approx(0.09, rel=0.15)


@given(SIZES, SEEDS, st.floats(1e-3, 10))
def test_a_drawn_figure_lies_between_its_own_and_its_likes(size: int, seed: int, tau2: float) -> None:
    mean, noise, towards = drawn(size, seed)
    found, unsure = shrinking.normal(mean, noise, towards, tau2)
    assert np.all((found - mean) * (found - towards) <= 1e-9)
    assert np.all((unsure > 0) & (unsure <= np.minimum(noise, tau2) + 1e-12))


@given(SIZES, SEEDS, st.floats(0, 1), st.floats(1, 100))
def test_a_share_stays_between_nothing_and_all(size: int, seed: int, towards: float, guess: float) -> None:
    rng = np.random.default_rng(seed)
    trials = np.floor(10 ** rng.uniform(-1, 4, size))
    yes = np.floor(trials * rng.choice([0.0, 0.3, 1.0], size))
    found = shrinking.shares(yes, trials, np.full(size, towards), guess)
    assert np.all((found > 0) & (found < 1))
    much = trials > 5000
    assert np.all(np.abs(found - yes / np.maximum(trials, 1))[much] < 0.25)


@given(SIZES, SEEDS, st.floats(0.1, 10))
def test_a_rate_is_never_negative_and_follows_what_was_counted(size: int, seed: int, guess: float) -> None:
    rng = np.random.default_rng(seed)
    exposure = np.floor(10 ** rng.uniform(-1, 3, size))
    towards = rng.choice([0.0, 0.1, 5.0], size)
    count = rng.poisson(towards * exposure * rng.uniform(0.5, 2.0, size)).astype(float)
    found = shrinking.rates(count, exposure, towards, guess)
    assert np.all(np.isfinite(found) & (found >= 0))
    own = np.divide(count, exposure, out=towards.copy(), where=exposure > 0)
    assert np.all((found - own) * (found - towards) <= 1e-9)
