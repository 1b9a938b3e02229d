"""What happens to the order of channels, as the city's log tells it."""

from dataclasses import dataclass
from typing import Any

from dispatch.foundation.log import Event


@dataclass(frozen=True)
class OrderProposed(Event):
    """The figures of these days speak for another order; with what was counted of each channel."""

    proposal: str
    item: str
    situation: str
    before: list[str]
    after: list[str]
    first_day: str
    last_day: str
    counts: dict[str, Any]


@dataclass(frozen=True)
class OrderLapsed(Event):
    """The figures speak for it no more; nobody had decided."""

    proposal: str
    item: str
    situation: str


@dataclass(frozen=True)
class OrderApproved(Event):
    """From now on the channels are offered in this order."""

    proposal: str
    item: str
    situation: str
    before: list[str]
    after: list[str]
    counts: dict[str, Any]


@dataclass(frozen=True)
class OrderRejected(Event):
    """The channels stay as they are."""

    proposal: str
    item: str
    situation: str


@dataclass(frozen=True)
class OrderUndone(Event):
    """The channels are offered as before it was approved."""

    proposal: str
    item: str
    situation: str
    after: list[str] | None
