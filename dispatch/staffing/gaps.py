"""Who waits for something that nobody at an open window may serve. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Server:
    """An open window: the queues it calls from, and the items whoever sits there may not serve."""

    queues: frozenset[str]
    barred: frozenset[str]

    def serves(self, queue: str, items: Iterable[str]) -> bool:
        """Whether somebody of this queue with these items may be called here."""
        return queue in self.queues and self.barred.isdisjoint(items)


@dataclass(frozen=True)
class Gap:
    """So many wait in a queue with such items, and nobody may call them: no window is open, or no skill is there."""

    queue: str
    items: tuple[str, ...]
    waiting: int
    because: str


NO_WINDOW, NO_SKILL = "no_window", "no_skill"
REASONS = (NO_WINDOW, NO_SKILL)


def gaps(waiting: Iterable[tuple[str, Sequence[str]]], servers: Sequence[Server]) -> list[Gap]:
    """Whom none of these windows may call, by queue and items, where most wait first.

    Each of the waiting is a queue with the items of one ticket.
    """
    counted = Counter((queue, tuple(sorted(set(items)))) for queue, items in waiting)
    staffed = frozenset(queue for server in servers for queue in server.queues)
    found = [
        Gap(queue, items, count, NO_SKILL if queue in staffed else NO_WINDOW)
        for (queue, items), count in counted.items()
        if not any(server.serves(queue, items) for server in servers)
    ]
    return sorted(found, key=lambda gap: (-gap.waiting, gap.queue, gap.items))
