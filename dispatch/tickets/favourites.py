"""What a hall's people come for most, so that it needs no search."""

from collections import Counter
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.tickets.models import Ticket

LOOKED_AT = 1000


def most_wanted(session: Session, hall: str, since: date, limit: int) -> list[str]:
    """Codes of the items most often wanted by the hall's latest tickets since that day, the most wanted first."""
    rows = session.scalars(
        select(Ticket.items)
        .where(Ticket.hall == hall, Ticket.service_day >= since)
        .order_by(Ticket.service_day.desc(), Ticket.letter, Ticket.n.desc())
        .limit(LOOKED_AT)
    )
    wanted = Counter(row["item"] for items in rows for row in items)
    ranked = sorted(wanted.items(), key=lambda counted: (-counted[1], counted[0]))
    return [code for code, _ in ranked[:limit]]
