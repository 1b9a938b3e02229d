"""How long tests wait for what must come: one answer for all of them.

How fast it comes is not asked here, for a machine may be busy with others; the long proofs ask it, by `bar`.
"""

import os
import time
from collections.abc import Callable

PATIENCE_S = 120.0
LOOK_EVERY_S = 0.02


def be_patient() -> None:
    """Nothing in this process asks how long somebody waits for an answer: a slow machine must not turn waiting into
    refusal. Tests of silence put in the little patience that they want.
    """
    from httpx._config import DEFAULT_TIMEOUT_CONFIG

    from adapters.maps import osrm
    from adapters.witness import http
    from dispatch.foundation import database, driver

    every_call = DEFAULT_TIMEOUT_CONFIG  # that names no time of its own
    every_call.connect = every_call.read = PATIENCE_S
    database.WAIT_FOR_LOCK_MS = database.STATEMENT_MS = 60_000
    database.CONNECT_WITHIN_S = 60
    osrm.PATIENCE_S = http.PATIENCE_S = PATIENCE_S
    driver.ANSWER_WITHIN_S = 70


def bar(seconds: float) -> float:
    """What something may take: so long where `make soak` measures, as long as we have patience elsewhere."""
    return seconds if os.environ.get("TONGBAN_TEST_SEARCH") else max(seconds, PATIENCE_S)


def wait_for(
    what: Callable[[], object],
    within_s: float = PATIENCE_S,
    *,
    told: Callable[[], object] = lambda: "it never came",
) -> float:
    """Wait until it is so; how long that took. `told` is asked for what is known when it never is."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < within_s, f"not within {within_s:.0f} s: {told()}"
        time.sleep(LOOK_EVERY_S)
    return time.monotonic() - began
