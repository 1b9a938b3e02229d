"""Lives at random in a standing city, as Hypothesis plays them."""

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from dispatch.foundation.database import Database
from tests.standing_city import Standing


class Life(RuleBasedStateMachine):
    """What people do in a city; `played` counts each kind of news that was seen."""

    database: Database
    played: Counter[str]


def play(life: type[Life], standing: Standing, **chosen: Any) -> Counter[str]:  # noqa: ANN401 - what Hypothesis takes
    """Play lives; what was seen of each kind of news."""
    played: Counter[str] = Counter()

    class Played(life):  # type: ignore[misc, valid-type] # known when it is played
        database = standing.database

        def __init__(self) -> None:
            super().__init__()
            standing.restore()

    Played.played = played
    told = settings(deadline=timedelta(minutes=10), suppress_health_check=list(HealthCheck), **chosen)
    run_state_machine_as_test(Played, settings=told)
    return played
