"""Channels beyond our counters: what they count of their own use, handed over day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Counted:
    """How often an item was begun by a channel on a day, finished by it, and came back to a counter.

    Who came back is counted among those who used it, finished or not; None where nobody knows. `situation` is
    `question=answer,…`, empty where it is not known; `hall` the one it happened in, empty where there is none.
    """

    day: date
    item: str
    channel: str
    used: int
    finished: int
    came_back: int | None = None
    situation: str = ""
    hall: str = ""


@dataclass(frozen=True)
class Batch:
    """Some of what a source has, and the `cursor` after which it goes on; `more` where it has more at once.

    `rows` are as they came, unchecked: a source is somebody else.
    """

    rows: Sequence[object]
    cursor: str
    more: bool


class ChannelSource(Protocol):
    """Somebody who knows how a channel is used, such as the portal behind app and web."""

    def after(self, cursor: str | None, before: date) -> Batch | None:
        """What came since this cursor, of days before that one; None when nobody answers. Never raises.

        The same days may come again with later figures: the last ones hold.
        """
