"""The play: the world with its actors in it, from the city as it is found."""

from collections.abc import Callable
from datetime import datetime

import httpx

from dispatch.demo.visitors.asking import Asker
from dispatch.demo.visitors.clocks import Clock
from dispatch.demo.visitors.demo_file import DemoFile
from dispatch.demo.visitors.figures import Figures
from dispatch.demo.visitors.looking import Watch
from dispatch.demo.visitors.pace import Pace
from dispatch.demo.visitors.parameters import Parameters
from dispatch.demo.visitors.pulses import Pulse
from dispatch.demo.visitors.world import World


def play(
    client: httpx.Client,
    clock_of: Callable[[Asker], Clock],
    demo: DemoFile,
    pace: Pace,
    *,
    seed: int = 1,
    until: datetime | None = None,
    parameters: Parameters | None = None,
    beating: bool = False,
    between: Callable[[World, datetime], None] = lambda _world, _now: None,
) -> Figures:
    """Play citizens and clerks over this client, starting from the city as it is found.

    With `beating` the consoles also give their signs of life, as they must where real time passes.
    """
    world = World(
        asker := Asker(client, demo, pace, Figures()), clock_of(asker), seed, parameters or Parameters()
    )
    world.at(now := world.clock.now(), watch := Watch(world))
    if beating:
        world.at(now, Pulse(world, watch.desks))
    world.run(until, lambda now: between(world, now))
    return world.figures
