"""What is learned from: happenings of a hall, the same whether its log tells them or another machine's file."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What happened."""

    ISSUED = "issued"
    """Somebody stands in a line (again, if she was moved to it or came back)."""
    EXPECTED = "expected"
    """She who stands in this line had said that she would come: whoever foretells the line had counted her already."""
    CALLED = "called"
    """She is called to a window."""
    STARTED = "started"
    """She sits at the window."""
    FINISHED = "finished"
    """She is done."""
    MISSED = "missed"
    """She was called and did not come."""
    LEFT = "left"
    """She stands in this line no more, without having been served from it: cancelled, moved, void, expired, parked."""
    OPENED = "opened"
    """A window calls from now on, for its queues."""
    CLOSED = "closed"
    """It calls no more: closed, paused or not heard from."""
    COUNTED = "counted"
    """So many windows serve this queue from now on; all that is known where windows have no names."""
    PLANNED = "planned"
    """A window is to call in these spans, or where none is named, whichever its clerk sits at."""
    DROPPED = "dropped"
    """That shift is off."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; what does not belong to its kind, or is not known, is empty.

    `at` is in Unix seconds, and never goes backwards within a hall; `due` when somebody booked was to come;
    `remote`: taken from afar; `imputed`: nobody pressed that key, the time was taken from a neighbouring one. `spans`
    of a planned `shift`, breaks taken out, in order.
    """

    at: float
    kind: Kind
    hall: str
    queue: str = ""
    ticket: str = ""
    item: str = ""
    window: str = ""
    clerk: str = ""
    queues: tuple[str, ...] = ()
    windows: int = 0
    priority: str = "none"
    due: float | None = None
    remote: bool = False
    imputed: bool = False
    shift: str = ""
    spans: tuple[tuple[float, float], ...] = ()
