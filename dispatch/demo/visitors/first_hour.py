"""The city's first hour, played as fast as it goes before anybody looks."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from dispatch.demo.visitors.asking import Asker
from dispatch.demo.visitors.clocks import PushedClock
from dispatch.demo.visitors.demo_file import DemoFile
from dispatch.demo.visitors.figures import Figures as Summary
from dispatch.demo.visitors.pace import Budget
from dispatch.demo.visitors.parameters import Parameters
from dispatch.demo.visitors.playing import play
from dispatch.demo.visitors.world import World

MOST_CALLS = 2200
TELLS_EVERY = timedelta(minutes=10)


def play_first_hour(
    client: httpx.Client,
    demo: Mapping[str, Any],
    start: datetime,
    end: datetime,
    seed: int,
    report: Callable[[str], None],
    parameters: Parameters | None = None,
) -> Summary:
    """Play the city from `start` to `end` over this client, pushing the demo's clock as its administrator.

    Meanwhile the clock stands still between two pushes; afterwards it is at `end` and runs as before. Whoever is
    then at a window is picked up by the live visitors.
    """
    clocks: list[PushedClock] = []
    tells_at = [start + TELLS_EVERY]

    def push(asker: Asker) -> PushedClock:
        clocks.append(PushedClock(asker, start, end))
        return clocks[0]

    def between(world: World, now: datetime) -> None:
        if now >= tells_at[0]:
            tells_at[0] = now + TELLS_EVERY
            figures = world.figures
            report(f"{figures.issued} tickets, {figures.served} served, {world.waiting()} waiting")

    try:
        return play(
            client, push, DemoFile.of(demo), Budget(MOST_CALLS),
            seed=seed, until=end, parameters=parameters, between=between,
        )  # fmt: skip
    finally:
        for clock in clocks:
            clock.release()
