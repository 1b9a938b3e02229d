"""How much the visitors may ask of the server."""

import time
from collections.abc import Callable
from typing import Protocol


class Pace(Protocol):
    """A share of the server's time."""

    def take(self) -> None:
        """Return when one more request may be made."""

    def spare(self) -> bool:
        """Whether there is room for something that may as well not happen."""


class TokenBucket:
    """At most `burst + rate × t` requests in any stretch of t seconds; only the first may have `first` more."""

    def __init__(
        self,
        rate: float,
        *,
        burst: float | None = None,
        first: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if rate <= 0:
            raise ValueError("the rate must be above nothing")
        self.rate = rate
        self.burst = max(1.0, rate if burst is None else burst)
        self._clock, self._sleep = clock, sleep
        self._tokens, self._filled = self.burst + first, clock()

    def take(self) -> None:
        """Sleep until a token is there, and take it."""
        self._fill()
        while self._tokens < 1 - 1e-9:
            self._sleep((1 - self._tokens) / self.rate)
            self._fill()
        self._tokens -= 1

    def spare(self) -> bool:
        """A quarter of the bucket is left for those who must ask."""
        self._fill()
        return self._tokens >= 1 + (self.burst - 1) / 4

    def _fill(self) -> None:
        now = self._clock()
        full = max(self.burst, self._tokens)
        self._tokens = min(full, self._tokens + max(0.0, now - self._filled) * self.rate)
        self._filled = now


class Budget:
    """So many calls altogether, for playing as fast as it goes: beyond them nobody new comes."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def take(self) -> None:
        """Never waits."""
        self.left -= 1

    def spare(self) -> bool:
        """Whether there are calls left."""
        return self.left > 0
