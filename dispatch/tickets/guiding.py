"""What the guide desk watches: who is called and does not come, whose turn is near, who missed it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.halls.models import Window
from dispatch.tickets import fetching, lines
from dispatch.tickets.models import Ticket

_NUMBER = re.compile(r"([A-Z]{1,4})(\d{1,6})", re.ASCII)
FROM_AFAR = ("app", "web")
NEAR = 3
"""With fewer people ahead than this her turn is near."""


@dataclass(frozen=True)
class Called:
    """A number being called now: to which window, how often, and since when she is on her way, if she was found."""

    ticket: Ticket
    window: Window
    coming: datetime | None


@dataclass(frozen=True)
class Near:
    """Somebody who took her number from afar, and how few are ahead of her now."""

    ticket: Ticket
    ahead: int


def called_in(session: Session, hall: str) -> list[Called]:
    """Everybody a window of this hall is calling just now, the longest called first."""
    rows = session.execute(
        select(Ticket, Window)
        .join(Window, Window.id == Ticket.window)
        .where(Ticket.hall == hall, Ticket.state == "called")
        .order_by(Ticket.called_at, Ticket.id)
    ).all()
    coming = fetching.coming(session, [ticket.id for ticket, _ in rows])
    return [Called(ticket, window, coming.get(ticket.id)) for ticket, window in rows]


def near_in(session: Session, hall: str, queues: Sequence[str], day: date) -> list[Near]:
    """Who took a number from afar, has not been seen here, and is about to be called; the next first."""
    near: list[tuple[int, str]] = []
    for queue in queues:
        line = lines.line_of(session, hall, queue, day)
        near += [(ahead, place.id) for ahead, place in enumerate(line[:NEAR])]
    found = _by_id(session, [ident for _, ident in near])
    return [
        Near(found[ident], ahead)
        for ahead, ident in sorted(near)
        if found[ident].channel in FROM_AFAR and found[ident].arrived_at is None
    ]


def missed_in(session: Session, hall: str, day: date) -> list[Ticket]:
    """Who was called and did not come on this service day, the latest first."""
    wanted = select(Ticket).where(Ticket.hall == hall, Ticket.service_day == day, Ticket.state == "missed")
    return list(session.scalars(wanted.order_by(Ticket.called_at.desc(), Ticket.id)))


def of_number(session: Session, hall: str, number: str, day: date) -> Ticket | None:
    """The ticket of this number on this service day; None when there is none."""
    said = _NUMBER.fullmatch(number.strip().upper())
    if said is None:
        return None
    return session.scalars(
        select(Ticket).where(
            Ticket.hall == hall,
            Ticket.service_day == day,
            Ticket.letter == said[1],
            Ticket.n == int(said[2]),
        )
    ).one_or_none()


def of_persons(session: Session, refs: Collection[str], since: date) -> list[Ticket]:
    """The tickets of these persons in all halls since that service day, the newest first."""
    if not refs:
        return []
    wanted = select(Ticket).where(Ticket.person.in_(refs), Ticket.service_day >= since)
    return list(session.scalars(wanted.order_by(Ticket.issued_at.desc(), Ticket.id)))


def _by_id(session: Session, ids: Collection[str]) -> dict[str, Ticket]:
    if not ids:
        return {}
    return {ticket.id: ticket for ticket in session.scalars(select(Ticket).where(Ticket.id.in_(ids)))}
