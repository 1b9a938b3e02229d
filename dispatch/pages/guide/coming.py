"""Somebody who comes with the code of her journey: what she wants, and the place that she keeps elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.foundation.errors import NotFound
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.journeys.models import Journey
from dispatch.pages.shared.calls import Call
from dispatch.tickets import finding as tickets
from dispatch.tickets.life import LIVE
from dispatch.tickets.wanting import Wanted


@dataclass(frozen=True)
class Coming:
    """Her journey as the desk sees it. One to another hall, `elsewhere`, is not ended by a number of this one.

    `number` is that of her place in `left`, which she gives up with the number that she takes here.
    """

    id: str
    state: str
    elsewhere: Hall | None
    items: Sequence[Wanted]
    ticket: str | None
    left: Hall | None
    number: str


def coming(call: Call, place: Hall, ident: str) -> Coming:
    """The journey of this code; NotFound."""
    row = call.session.get(Journey, ident)
    if row is None:
        raise NotFound(what=ident, field="journey")
    here = row.hall == place.code
    kept = tickets.ticket(call.session, row.from_ticket) if row.from_ticket and here else None
    keeps = kept is not None and kept.state in LIVE and row.state == "under_way"
    return Coming(
        id=row.id,
        state=row.state,
        elsewhere=None if here else halls.hall(call.session, row.hall),
        items=[Wanted(**each) for stop in row.stops for each in stop["items"]],
        ticket=row.ticket,
        left=halls.hall(call.session, kept.hall) if kept and keeps else None,
        number=kept.number if kept and keeps else "",
    )
