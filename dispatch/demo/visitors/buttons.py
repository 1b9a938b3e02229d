"""A window's buttons: pressed once, and pressed again with the same key while nobody knows whether it worked."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import Any

from dispatch.demo.visitors.asking import Answer, Errand
from dispatch.demo.visitors.world import World

Done = Callable[[datetime, Answer], datetime | None]


class Buttons(ABC):
    """What every clerk does with her console."""

    def __init__(self, world: World, window: str) -> None:
        self.world, self.id = world, window
        self.who = world.asker.demo.at_window(window)
        self._pending: tuple[Errand, Done] | None = None

    def _press(self, now: datetime, path: str, body: dict[str, Any], done: Done) -> datetime | None:
        """Press; `done` goes on from the answer once it worked. When to be woken again."""
        self._pending = (Errand("POST", path, body, self.who), done)
        return self._retry(now)

    def _retry(self, now: datetime) -> datetime | None:
        assert self._pending is not None
        errand, done = self._pending
        answer = self.world.asker.do(errand)
        if answer.later:
            return self.world.soon(now)
        self._pending = None
        return done(now, answer) if answer.ok else self._refused(now)

    @abstractmethod
    def _refused(self, now: datetime) -> datetime | None:
        """The press was refused: things are not as she thought; when to be woken again."""
