"""What is done to a running city, by name, and within how many seconds it must serve again."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults import doomed
from tests.faults.city import City
from tests.patience import wait_for


@dataclass(frozen=True)
class Hurt:
    """Something that happens to a city."""

    do: Callable[[City], None]
    within_s: float


def _kill(role: str) -> Callable[[City], None]:
    return lambda city: os.kill(city.processes[role].pid, signal.SIGKILL)


AFTER_A_WORKER_S = 2.0
AFTER_THE_DATABASE_S = 10.0

PROCESSES = {
    "a core worker": Hurt(City.kill_worker, AFTER_A_WORKER_S),
    "display": Hurt(_kill("display"), AFTER_A_WORKER_S),
    "clock": Hurt(_kill("clock"), AFTER_A_WORKER_S),
    "forecast": Hurt(_kill("forecast"), AFTER_A_WORKER_S),
}
"""kill -9 of a process of the city."""

DATABASE = {
    "its connections": Hurt(City.terminate_backends, AFTER_THE_DATABASE_S),
    "a backend": Hurt(City.kill_backend, AFTER_THE_DATABASE_S),
    "the postmaster": Hurt(lambda city: city.restart_postgres(signal.SIGKILL), AFTER_THE_DATABASE_S),
    "the server at once": Hurt(lambda city: city.restart_postgres(signal.SIGQUIT), AFTER_THE_DATABASE_S),
}
"""pg_terminate_backend of all, kill -9 of one backend and of the postmaster, and an immediate stop."""


def strike(city: City, point: str, passes: int) -> None:
    """Let a process of the city die at a named point, and wait until it has."""
    doomed.arm(city.doom, point, passes)
    wait_for(lambda: doomed.has_struck(city.doom, point), told=lambda: f"nobody passed {point}")
