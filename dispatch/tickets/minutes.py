"""How long a ticket's service takes: as the hall has shown it, and by the catalogue where too little is known."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from dispatch.catalogue.models import Item, Placement
from dispatch.foundation.prepared import Prepared
from dispatch.learning import minutes as learned

USUAL = 10.0
"""Minutes, where a queue takes no item at all."""
_ITEMS, _PLACEMENTS = Item.__table__.c, Placement.__table__.c
_TAKEN = Prepared(
    select(_ITEMS.code, _ITEMS.minutes, _PLACEMENTS.queue)
    .join_from(Placement.__table__, Item.__table__, _PLACEMENTS.item == _ITEMS.code)
    .where(_PLACEMENTS.hall == bindparam("of"))
)


@dataclass(frozen=True)
class Minutes:
    """Minutes of service in one hall, by item and as the mean of what a queue takes."""

    items: Mapping[str, float]
    queues: Mapping[str, float]

    def of(self, wanted: Sequence[Mapping[str, Any]], queue: str) -> float:
        """How long all that a ticket is for takes; somebody who named no item is served as her queue usually is."""
        usual = self.queues.get(queue, USUAL)
        return sum(self.items.get(each["item"], usual) * each["count"] for each in wanted) or usual


def minutes_in(session: Session, hall: str) -> Minutes:
    """The minutes of a hall, read once in a transaction."""
    known: dict[str, Minutes] = session.info.setdefault("minutes", {})
    if hall not in known:
        rows = _TAKEN.all(session, of=hall)
        of_queue = defaultdict(list)
        for row in rows:
            of_queue[row.queue].append(row.minutes)
        shown = learned.minutes_of(session, hall)
        known[hall] = Minutes(
            {row.code: shown.items.get(row.code, row.minutes) for row in rows},
            {queue: shown.queues.get(queue, fmean(minutes)) for queue, minutes in of_queue.items()},
        )
    return known[hall]
