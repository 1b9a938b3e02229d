"""Tickets that a change of their hall would touch, by their numbers."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.ports.previews import Change, Touch
from dispatch.tickets.life import AT_A_WINDOW, LIVE
from dispatch.tickets.models import Ticket, number_text


def touched(session: Session, hall: str, changes: Iterable[Change]) -> list[Touch]:
    """Live tickets of queues that would go or become others, and those at windows that would.

    Losing the queue, its letter or the window blocks; another name or other windows do not.
    """
    changed = {(change.part, change.code): change for change in changes}
    found: dict[tuple[str, str], list[str]] = {}
    for ticket in _live(session, hall):
        number = number_text(ticket.letter, ticket.n)
        at = (ticket.window or "").removeprefix(f"{hall}-") if ticket.state in AT_A_WINDOW else ""
        for key in (("queue", ticket.queue), ("window", at)):
            if key in changed:
                found.setdefault(key, []).append(number)
    return [
        Touch("tickets", change.part, change.code, tuple(found[key]), _blocks(change))
        for key, change in changed.items()
        if key in found
    ]


def _blocks(change: Change) -> bool:
    return change.what == "retired" or "letter" in change.after


def _live(session: Session, hall: str) -> Iterable[Ticket]:
    wanted = select(Ticket).where(Ticket.hall == hall, Ticket.state.in_(LIVE))
    return session.scalars(wanted.order_by(Ticket.queue, Ticket.n))
