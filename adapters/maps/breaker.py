"""A breaker: whoever has failed some times in a row is left alone for a while, so that nobody waits for nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

FAILURES = 3
REST_S = 30.0


@dataclass
class Breaker:
    """Opens after so many failures in a row; after a rest one call may try again. Shared by threads."""

    clock: Callable[[], float] = time.monotonic
    _failures: int = 0
    _tries_again: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def is_open(self) -> bool:
        """Whether to leave him alone; the one who is told no after a rest is the one who tries."""
        with self._lock:
            if self._failures < FAILURES:
                return False
            now = self.clock()
            if now < self._tries_again:
                return True
            self._tries_again = now + REST_S
            return False

    def failed(self) -> None:
        """He did not answer."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES:
                self._tries_again = self.clock() + REST_S

    def answered(self) -> None:
        """He is well."""
        with self._lock:
            self._failures = 0
