"""The lines of a hall as they stand: who waits, in which order, and how many are ahead of whom."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.queues import rules
from dispatch.tickets.models import Ticket, number_text


@dataclass(frozen=True)
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


def waiting_in(session: Session, hall: str, queues: list[str]) -> list[Place]:
    """Whoever waits in these queues of a hall, the next first."""
    columns = Ticket.__table__.c
    rows = session.execute(
        select(
            columns.id,
            columns.queue,
            columns.letter,
            columns.n,
            columns.service_day,
            columns.priority,
            columns.place,
        ).where(columns.hall == hall, columns.queue.in_(queues), columns.state == "waiting")
    )
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
    line = waiting_in(session, ticket.hall, [ticket.queue])
    return next((index for index, person in enumerate(line) if person.id == ticket.id), None)
