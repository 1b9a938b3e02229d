"""What our own counters did, from the tickets of a hall's day: used by whoever sat at a window, finished if done there.

Nobody is followed from one day to another, so that it is not known of a counter who came back.
"""

from collections import Counter
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.ports.channels import Counted
from dispatch.tickets.models import Ticket


def counted(session: Session, hall: str, first: date, last: date) -> list[Counted]:
    """Every day of the hall in this span, both ends included."""
    wanted = select(Ticket.service_day, Ticket.items, Ticket.state, Ticket.started_at)
    used, finished = Counter[tuple[date, str]](), Counter[tuple[date, str]]()
    for day, items, state, started_at in session.execute(
        wanted.where(Ticket.hall == hall, Ticket.service_day.between(first, last))
    ):
        for each in items:
            times = each.get("count", 1)
            if state == "finished":
                finished[day, each["item"]] += times
            if state == "finished" or started_at is not None:
                used[day, each["item"]] += times
    return [
        Counted(day, item, "counter", count, finished[day, item], hall=hall)
        for (day, item), count in sorted(used.items())
    ]
