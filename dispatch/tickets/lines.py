"""The lines of a hall as they stand: who waits, in which order, and how many are ahead of whom."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.orm import Session

from dispatch.queues import rules
from dispatch.tickets.models import Ticket, number_text

_TICKETS = Ticket.__table__.c
# SQLite uses the partial index only where the state stands in the statement itself.
_WAITING = select(
    _TICKETS.id,
    _TICKETS.queue,
    _TICKETS.letter,
    _TICKETS.n,
    _TICKETS.service_day,
    _TICKETS.priority,
    _TICKETS.place,
).where(
    _TICKETS.hall == bindparam("of"),
    _TICKETS.queue.in_(bindparam("lines", expanding=True)),
    _TICKETS.service_day == bindparam("day"),
    _TICKETS.state == literal_column("'waiting'"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """One waiting person, as far as the order of the line needs to know her."""

    id: str
    queue: str
    letter: str
    n: int
    service_day: date
    priority: str
    place: datetime

    @property
    def number(self) -> str:
        """What the slip says."""
        return number_text(self.letter, self.n)


def waiting_in(session: Session, hall: str, queues: list[str], day: date) -> list[Place]:
    """Whoever waits in these queues of a hall on this service day, the next first.

    Yesterday's numbers stand on today's slips again: whoever was left over is never called among today's.
    """
    rows = session.connection().execute(_WAITING, {"of": hall, "lines": queues, "day": day})
    return in_order([Place(*row) for row in rows])


def in_order(waiting: list[Place]) -> list[Place]:
    """The queue discipline applied."""
    ranked = rules.rank(
        np.array([rules.PRIORITY_CLASS[person.priority] for person in waiting], dtype=np.int64),
        np.array([person.place.timestamp() for person in waiting], dtype=np.float64),
        np.array([person.n for person in waiting], dtype=np.int64),
    )
    return [waiting[index] for index in ranked]


def ahead(session: Session, ticket: Ticket) -> int | None:
    """How many will be called before this ticket; None when it does not wait."""
    if ticket.state != "waiting":
        return None
    line = waiting_in(session, ticket.hall, [ticket.queue], ticket.service_day)
    return next((index for index, person in enumerate(line) if person.id == ticket.id), None)
