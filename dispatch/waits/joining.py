"""What a play says of whoever joins a queue: at each moment asked for, and of each kind of person."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.waits import correcting, scenes
from dispatch.waits.announcing import AHEAD_MIN
from dispatch.waits.correcting import ByAhead, Correction, Says
from dispatch.waits.forecast import Forecast, Unknown
from dispatch.waits.newcomers import FROM_AFAR
from dispatch.waits.ranging import Ranges
from dispatch.waits.simulating.reading import Reading
from dispatch.waits.simulating.scene import USUAL, Scene
from dispatch.waits.standing import Standing

Told = Forecast | Unknown


@dataclass(frozen=True)
class Joining:
    """One queue's: who joins at each of the probes, `ahead_s` (G,) from now, and those of other kinds who join now.

    As played, ranges as they are shown; `simulated` are the minutes ahead at which it is scored, `correction` what
    brings it to what a model says.
    """

    ahead_s: NDArray[np.float64]
    arrivals: list[Told]
    newcomers: Mapping[str, Told]
    simulated: ByAhead
    correction: Correction

    def arriving(self) -> list[Told]:
        """What is shown to whoever joins at each of the probes."""
        return [
            self.correction.of(each, later) if isinstance(each, Forecast) else each
            for each, later in zip(self.arrivals, self.ahead_s, strict=True)
        ]

    def joining_as(self) -> dict[str, Told]:
        """What is shown to whoever joins now, by kind."""
        return {
            kind: self.of_waiting(each) if isinstance(each, Forecast) else each
            for kind, each in self.newcomers.items()
        }

    def of_waiting(self, found: Forecast) -> Forecast:
        """What is shown to somebody in the line, or of another kind: as she stands to whoever joins behind them."""
        return self.correction.of_waiting(found, self.arrivals[0])


def of_queue(
    hall: Standing, scene: Scene, played: Reading, queue: int, ranges: Ranges, says: Says
) -> Joining:
    """What was played of this queue, with what the model says of it."""
    ahead_s, code = scene.probes - hall.at, hall.queues[queue].code
    arrivals = [
        _told(hall, scene, queue, at, played.arrivals.of(queue, place), ranges)
        for place, at in enumerate(scene.probes)
    ]
    newcomers = {
        kind: _told(hall, scene, queue, scene.now, played.newcomers.of(queue, place), ranges)
        for place, kind in enumerate(scenes.NEWCOMERS)
    }
    simulated = correcting.by_ahead(arrivals, ahead_s, AHEAD_MIN)
    everybody = correcting.of_everybody(simulated, newcomers[FROM_AFAR], _share_from_afar(scene, queue))
    correction = correcting.correction(everybody, says.waits.get(code, {}), says.better)
    return Joining(ahead_s, arrivals, newcomers, simulated, correction)


def is_served(scene: Scene, queue: int, since: float) -> bool:
    """Whether any window calls from this queue from then on."""
    later = scene.windows.shift_end + scene.windows.shift_stays.max(axis=1) > since
    return bool(scene.windows.serves[scene.windows.shift_window[later], queue].any())


def _told(hall: Standing, scene: Scene, queue: int, at: float, found: Told, ranges: Ranges) -> Told:
    """How long somebody waits who joins a queue at that moment, or why nobody knows."""
    why = _why_not(hall, scene, queue, at)
    if why is not None:
        return Unknown(why)
    return ranges.of(found, at - hall.at) if isinstance(found, Forecast) else found


def _why_not(hall: Standing, scene: Scene, queue: int, at: float) -> str | None:
    """What stands against a number of this queue at that moment."""
    row = hall.queues[queue]
    if not hall.is_open(at):
        return "closed"
    if hall.frozen_until(row.code) > at:
        return "outage"
    if scenes.no_numbers_until(hall, row.code) > at:
        return f"intake_{row.intake}"
    if not is_served(scene, queue, at):
        return "no_window_open"
    if not scenes.is_foreseen(hall, row.code, at):
        return "not_learned_yet"
    return None


def _share_from_afar(scene: Scene, queue: int) -> float:
    """How many of the ordinary ones take their numbers from afar."""
    here, afar = scene.queues.mix[queue, [USUAL, scenes.NEWCOMERS[FROM_AFAR]]]
    return float(afar / (here + afar)) if here + afar else 0.0
