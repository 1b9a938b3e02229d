"""What happens to tickets, as the hall's log tells it."""

from dataclasses import dataclass
from typing import Any

from dispatch.foundation.log import Event


@dataclass(frozen=True)
class TicketIssued(Event):
    """Somebody stands in line. `commitment` binds the person's data, which lie elsewhere."""

    ticket: str
    number: str
    queue: str
    letter: str
    n: int
    service_day: str
    channel: str
    priority: str
    items: list[dict[str, Any]]
    person: str | None
    commitment: str | None


@dataclass(frozen=True)
class TicketCalled(Event):
    """A window calls her; `claim` is its fencing number, `by` how she was chosen.

    `instead_of` names the window that had called her before and was not heard of since.
    """

    ticket: str
    number: str
    queue: str
    service_day: str
    window: str
    window_name: str
    claim: int
    by: str = "next"
    instead_of: str | None = None


@dataclass(frozen=True)
class TicketRecalled(Event):
    """Called again, for the `times`-th time."""

    ticket: str
    number: str
    queue: str
    service_day: str
    window: str
    window_name: str
    claim: int
    times: int


@dataclass(frozen=True)
class TicketStarted(Event):
    """She sits at the window."""

    ticket: str
    number: str
    queue: str
    window: str
    claim: int


@dataclass(frozen=True)
class TicketFinished(Event):
    """She is done. `start_imputed`: nobody pressed start, the call is taken for it."""

    ticket: str
    number: str
    queue: str
    window: str
    claim: int
    start_imputed: bool


@dataclass(frozen=True)
class TicketMissed(Event):
    """She was called and did not come."""

    ticket: str
    number: str
    queue: str
    window: str
    claim: int


@dataclass(frozen=True)
class TicketCancelled(Event):
    """She gave the place up herself; `was` is the state before."""

    ticket: str
    number: str
    queue: str
    was: str


@dataclass(frozen=True)
class TicketExpired(Event):
    """The service day ended without her; `was` is the state before."""

    ticket: str
    number: str
    queue: str
    was: str


@dataclass(frozen=True)
class TicketKept(Event):
    """Her window was not heard of; she waits again, kept for that window until a while has passed."""

    ticket: str
    number: str
    queue: str
    service_day: str
    window: str
    until: str


@dataclass(frozen=True)
class TicketParked(Event):
    """She fetches something; the window is free for others, her place is kept."""

    ticket: str
    number: str
    queue: str
    window: str
    was: str
    reason: str


@dataclass(frozen=True)
class TicketResumed(Event):
    """She is back and sits at the window again."""

    ticket: str
    number: str
    queue: str
    window: str
    claim: int


@dataclass(frozen=True)
class TicketChanged(Event):
    """What she wants done, or how often, is other than the ticket said."""

    ticket: str
    number: str
    items: list[dict[str, Any]]


@dataclass(frozen=True)
class TicketMoved(Event):
    """She waits in another queue, or for one window, under the same number and in the same place.

    `stage` counts the services under this number: it rises when she moves on from a window that served her.
    """

    ticket: str
    number: str
    from_queue: str
    queue: str
    service_day: str
    for_window: str | None
    was: str
    from_window: str | None
    stage: int


@dataclass(frozen=True)
class TicketSent(Event):
    """She is on her way to another hall, which has until `until` to take her; her place here is kept so long.

    With a `journey` she is there already, and checks in by herself.
    """

    ticket: str
    number: str
    queue: str
    was: str
    move: str
    to_hall: str
    until: str
    journey: str | None = None


@dataclass(frozen=True)
class TicketLeft(Event):
    """The other hall has taken her; her place here is gone."""

    ticket: str
    number: str
    queue: str
    move: str
    to_hall: str
    to_ticket: str
    to_number: str


@dataclass(frozen=True)
class TicketBack(Event):
    """The other hall has not taken her; she waits here again, in her old place."""

    ticket: str
    number: str
    queue: str
    service_day: str
    move: str
    to_hall: str
    because: str


@dataclass(frozen=True)
class TicketTakenIn(Event):
    """This hall has taken somebody whom another hall has sent; the ticket she has now is `ticket`."""

    move: str
    ticket: str
    number: str
    from_hall: str
    from_ticket: str


@dataclass(frozen=True)
class MoveDeclined(Event):
    """This hall cannot take somebody whom another hall has sent."""

    move: str
    ticket: str
    from_hall: str
    because: str


@dataclass(frozen=True)
class TicketReactivated(Event):
    """She missed her call, came back and waits again."""

    ticket: str
    number: str
    queue: str
    service_day: str
    place: str


@dataclass(frozen=True)
class TicketVoided(Event):
    """The staff ended it; `was` is the state before."""

    ticket: str
    number: str
    queue: str
    was: str
    reason: str


@dataclass(frozen=True)
class TicketUndone(Event):
    """The last verb was a mis-click: everything is as before it."""

    ticket: str
    number: str
    queue: str
    service_day: str
    verb: str
    was: str
    state: str
    window: str | None
    claim: int | None
