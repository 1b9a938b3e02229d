"""A wait as it is foretold."""

from dataclasses import dataclass

LEVEL = 0.9
"""How often the truth shall lie within the range."""
SIMULATED, BOOSTED = "simulated", "boosted"
"""The two methods of ours: the hall played forward, and the model fitted to its log."""
LONGEST_S = 12 * 3600.0
"""No wait is foretold longer than that: a service day ends."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Seconds from joining to being called: the middle, and the range that holds nine times out of ten.

    0 ≤ low_s ≤ point_s ≤ high_s, all finite.
    """

    point_s: float
    low_s: float
    high_s: float
    method: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No wait is known, and why; never a made-up number."""

    because: str
