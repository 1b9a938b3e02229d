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
    """A window calls her; `claim` is its fencing number."""

    ticket: str
    number: str
    queue: str
    service_day: str
    window: str
    window_name: str
    claim: int


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
