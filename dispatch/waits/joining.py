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
    why = _why_not(hall, scene, queue)
    arrivals = [
        _told(found, ranges, because, ahead)
        for found, because, ahead in zip(played.arrivals.each(queue), why, ahead_s.tolist(), strict=True)
    ]
    newcomers = {
        kind: _told(found, ranges, why[0])
        for kind, found in zip(scenes.NEWCOMERS, played.newcomers.each(queue), strict=True)
    }
    simulated = correcting.by_ahead(arrivals, ahead_s, AHEAD_MIN)
    everybody = correcting.of_everybody(simulated, newcomers[FROM_AFAR], _share_from_afar(scene, queue))
    correction = correcting.correction(everybody, says.waits.get(code, {}), says.better)
    return Joining(ahead_s, arrivals, newcomers, simulated, correction)


def served_until(scene: Scene, queue: int) -> float:
    """Until when any window calls from this queue; −inf where none does."""
    windows = scene.windows
    ends = windows.shift_end + windows.shift_stays.max(axis=1)
    return float(ends[windows.serves[windows.shift_window, queue]].max(initial=-np.inf))


def _told(found: Told, ranges: Ranges, because: str | None, ahead_s: float = 0.0) -> Told:
    """How long somebody waits who joins a queue so much later, or why nobody knows."""
    if because is not None:
        return Unknown(because)
    return ranges.of(found, ahead_s) if isinstance(found, Forecast) else found


def _why_not(hall: Standing, scene: Scene, queue: int) -> list[str | None]:
    """(G,) what stands against a number of this queue at each of the probes."""
    row = hall.queues[queue]
    frozen, shut = hall.frozen_until(row.code), scenes.no_numbers_until(hall, queue)
    served, foreseen = served_until(scene, queue), scenes.foreseen_until(hall, row.code)

    def why(at: float) -> str | None:
        if not hall.is_open(at):
            return "closed"
        if frozen > at:
            return "outage"
        if shut > at:
            return f"intake_{row.intake}"
        if served <= at:
            return "no_window_open"
        return None if at <= foreseen else "not_learned_yet"

    return [why(at) for at in scene.probes.tolist()]


def _share_from_afar(scene: Scene, queue: int) -> float:
    """How many of the ordinary ones take their numbers from afar."""
    here, afar = scene.queues.mix[queue, [USUAL, scenes.NEWCOMERS[FROM_AFAR]]]
    return float(afar / (here + afar)) if here + afar else 0.0
