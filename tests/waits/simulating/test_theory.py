"""The simulation against what is known exactly, and against another simulator."""

import math
from dataclasses import replace

import ciw
import numpy as np
import pytest
from numpy.typing import NDArray

from dispatch.waits.simulating import kernel
from dispatch.waits.simulating.casting import cast
from dispatch.waits.simulating.scene import Scene
from tests.soak_tables import tell
from tests.waits.simulating.scenes import HOUR, NOW, queues_of, scene_of, windows_of

SERVICE_S = 600.0
ERRORS = 4.0
"""By so many standard errors a mean may miss; the seeds are fixed, so a test that passes once passes always."""


def mmc_wait(rate: float, service_s: float, windows: int) -> tuple[float, float]:
    """Erlang C: the chance to wait and the mean wait of M/M/c (L. Kleinrock, *Queueing Systems I*, 1975, 3.5)."""
    load = rate * service_s
    busy = load**windows / math.factorial(windows) / (1 - load / windows)
    chance = busy / (sum(load**k / math.factorial(k) for k in range(windows)) + busy)
    return chance, chance * service_s / (windows - load)


def mmcm_wait(rate: float, service_s: float, windows: int, patience_s: float) -> float:
    """The mean wait that M/M/c+M offers somebody of endless patience.

    Birth and death give the chance of n people there; she is called after n − c + 1 of them have gone, at rates
    c·mu + k·theta. O. Garnett, A. Mandelbaum, M. Reiman, *Designing a call center with impatient customers*, M&SOM 4
    (2002) 208–227.
    """
    mu, theta = 1 / service_s, 1 / patience_s
    shares, waits = [1.0], [0.0]
    for n in range(1, 400):
        shares.append(shares[-1] * rate / (min(n, windows) * mu + max(n - windows, 0) * theta))
        waits.append(sum(1 / (windows * mu + k * theta) for k in range(n - windows + 1)))
    return float(np.average(waits, weights=shares))


def steady(windows: int, rate: float, *, sigma: float = 0.0, patience_s: float = np.inf) -> Scene:
    """A day and a half that begins empty; asked every half hour of its last 22 hours."""
    until = NOW + 36 * HOUR
    queues = queues_of(
        1, service_s=SERVICE_S, sigma=sigma, patience_s=patience_s, edges=[NOW, until], rate=[rate]
    )
    probes = np.arange(NOW + 14 * HOUR, until, HOUR / 2)
    return scene_of(queues, windows_of([[1]] * windows, ends=until + 30 * HOUR), probes=probes, until=until)


def probed(scene: Scene, paths: int, *, exponential: bool) -> NDArray[np.float64]:
    """(paths, probes) waits; service times as the scene has them, or exponential ones instead."""
    drawn = cast(scene, paths)
    if exponential:
        chance = np.random.default_rng(4)
        drawn = replace(drawn, takes=chance.exponential(SERVICE_S, drawn.takes.shape))
    return kernel.play(scene, drawn).called[:, len(drawn) :] - scene.probes


def assert_near(values: NDArray[np.float64], truth: float) -> None:
    """Each path is one independent observation."""
    error = values.std(ddof=1) / math.sqrt(len(values))
    assert abs(values.mean() - truth) < ERRORS * error
    assert error < 0.1 * truth


def test_waits_of_m_m_c_are_erlangs() -> None:
    chance, mean = mmc_wait(0.7 * 3 / SERVICE_S, SERVICE_S, 3)
    waits = probed(steady(3, 0.7 * 3 / SERVICE_S), 300, exponential=True)
    assert_near((waits > 0).mean(axis=1), chance)
    assert_near(waits.mean(axis=1), mean)


def test_waits_of_m_m_c_m_are_erlang_a_s() -> None:
    rate, patience_s = 1.1 * 3 / SERVICE_S, 2 * SERVICE_S
    waits = probed(steady(3, rate, patience_s=patience_s), 200, exponential=True)
    assert_near(waits.mean(axis=1), mmcm_wait(rate, SERVICE_S, 3, patience_s))


def test_waits_of_m_g_1_are_pollaczeks_and_khinchines() -> None:
    """Mean wait λ·E[S²] / 2(1 − ρ) (L. Kleinrock, *Queueing Systems I*, 1975, section 5.6)."""
    rate, sigma = 0.6 / SERVICE_S, 0.7
    square = SERVICE_S**2 * math.exp(sigma**2)
    waits = probed(steady(1, rate, sigma=sigma), 400, exponential=False)
    assert_near(waits.mean(axis=1), rate * square / 2 / (1 - 0.6))


@pytest.mark.soak
def test_waits_of_a_day_that_changes_are_ciws() -> None:
    """Rates and windows change by the hour: the mean wait by hour of arrival, ours and Ciw's."""
    rates, staff, sigma, runs = [12.0, 30.0, 18.0, 36.0, 6.0, 3.0], [2, 3, 4, 4, 6, 6], 0.6, 400
    theirs = np.array([_ciw_hours(rates, staff, sigma, seed) for seed in range(runs)])
    ours = _our_hours(rates, staff, sigma, runs)
    rows = []
    for hour in range(len(rates)):
        means = [np.nanmean(each[:, hour]) for each in (ours, theirs)]
        errors = [np.nanstd(each[:, hour], ddof=1) / math.sqrt(runs) for each in (ours, theirs)]
        apart = (means[0] - means[1]) / math.hypot(*errors)
        rows.append(
            {
                "hour": hour,
                "ours_s": round(means[0], 1),
                "ciw_s": round(means[1], 1),
                "errors": round(apart, 2),
            }
        )
    tell("simulation_and_ciw", rows)
    assert all(abs(float(row["errors"])) < ERRORS for row in rows)


def _our_hours(rates: list[float], staff: list[int], sigma: float, runs: int) -> NDArray[np.float64]:
    """Each shift has windows of its own, as Ciw's servers are."""
    of = np.repeat(np.arange(len(staff)), staff)
    windows = replace(
        windows_of([[1]] * len(of)),
        shift_start=NOW + HOUR * of.astype(np.float64),
        shift_end=NOW + HOUR * np.where(of == len(staff) - 1, 30, of + 1.0),
    )
    edges = NOW + HOUR * np.arange(len(rates) + 1.0)
    queues = queues_of(1, service_s=SERVICE_S, sigma=sigma, edges=edges, rate=np.array(rates) / HOUR)
    scene = scene_of(queues, windows, until=float(edges[-1]))
    drawn = cast(scene, runs)
    with np.errstate(invalid="ignore"):  # those of the last columns join in some paths only
        waits, hours = kernel.play(scene, drawn).called - drawn.joins, (drawn.joins - NOW) // HOUR
        return np.array(
            [
                [_mean(row[at == hour]) for hour in range(len(rates))]
                for row, at in zip(waits, hours, strict=True)
            ]
        )


def _ciw_hours(rates: list[float], staff: list[int], sigma: float, seed: int) -> list[float]:
    ends = [HOUR * (hour + 1) for hour in range(len(rates))]
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[
            ciw.dists.PoissonIntervals(
                rates=[rate / HOUR for rate in rates], endpoints=ends, max_sample_date=ends[-1]
            )
        ],
        service_distributions=[ciw.dists.Lognormal(math.log(SERVICE_S) - sigma**2 / 2, sigma)],
        number_of_servers=[ciw.Schedule(numbers_of_servers=staff, shift_end_dates=[*ends[:-1], 30 * HOUR])],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(20 * HOUR)
    records = simulation.get_all_records()
    return [
        _mean(np.array([each.waiting_time for each in records if each.arrival_date // HOUR == hour]))
        for hour in range(len(rates))
    ]


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else math.nan
