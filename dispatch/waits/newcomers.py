"""Of which kind somebody is who has just taken a number: not all wait as long as whoever is ordinary and here."""

from datetime import datetime
from typing import Protocol

from dispatch.queues.rules import CARE, LAW, PRIORITY_CLASS
from dispatch.tickets.life import REMOTE

BY_LAW, BY_CARE, FROM_AFAR = "law", "care", "afar"


class Newcomer(Protocol):
    """A ticket, as far as her kind depends on it."""

    @property
    def priority(self) -> str:
        """The group that the law or care puts first, or `none`."""

    @property
    def channel(self) -> str:
        """By which way she took it."""

    @property
    def arrived_at(self) -> datetime | None:
        """Since when she is here."""


def kind_of(ticket: Newcomer) -> str | None:
    """By law, by care, or from afar and not here yet; None for whoever is ordinary and here."""
    group = PRIORITY_CLASS[ticket.priority]
    if group == LAW:
        return BY_LAW
    if group == CARE:
        return BY_CARE
    return FROM_AFAR if ticket.channel in REMOTE and ticket.arrived_at is None else None
