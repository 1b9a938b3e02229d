"""A bus within one process, for a city that runs in one and for tests."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Empty, SimpleQueue
from threading import Event, Lock

# How often a listener looks whether it should stop.
GLANCE_S = 0.1


class InProcessBus:
    """Keeps the promise of `dispatch.ports.bus.Bus` between the threads of one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._listeners: list[SimpleQueue[str]] = []

    def tell(self, hall: str, seq: int) -> None:
        """Say that `hall` has reached `seq`."""
        with self._lock:
            for heard in self._listeners:
                heard.put(hall)

    def listen(self, stop: Event) -> Iterator[set[str] | None]:
        """Yield the halls told since the last yield; ends soon after `stop` is set."""
        heard: SimpleQueue[str] = SimpleQueue()
        with self._lock:
            self._listeners.append(heard)
        try:
            yield None
            while not stop.is_set():
                halls = _gather(heard)
                if halls:
                    yield halls
        finally:
            with self._lock:
                self._listeners.remove(heard)


def _gather(heard: SimpleQueue[str]) -> set[str]:
    """Wait a moment for one hall, then take along all that are already there."""
    halls: set[str] = set()
    try:
        halls.add(heard.get(timeout=GLANCE_S))
        while True:
            halls.add(heard.get_nowait())
    except Empty:
        return halls
