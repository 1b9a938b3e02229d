"""How long things take in the mean, in minutes: what is known surely enough to stand in for the catalogue.

Written by night, so that a line is ordered by the same figures all day.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pydantic_core import from_json
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from dispatch.foundation.prepared import Prepared, listed, of_all
from dispatch.foundation.tables import table_of
from dispatch.learning.durations import EVERYTHING, ServiceTimes, queue_name
from dispatch.learning.keeping import FORMAT
from dispatch.learning.models import Learned

SURE = 20.0
"""A figure rests on so many services of the hall, older ones counting less."""
PART = "minutes"
_LEARNED = table_of(Learned)
_KEPT = Prepared(
    select(_LEARNED.c.told).where(
        _LEARNED.c.hall == bindparam("of"), _LEARNED.c.part == PART, _LEARNED.c.format == FORMAT
    )
)
_KEPT_IN = of_all(
    lambda those: select(_LEARNED.c.hall, _LEARNED.c.told).where(
        _LEARNED.c.hall.in_(those), _LEARNED.c.part == PART, _LEARNED.c.format == FORMAT
    )
)


@dataclass(frozen=True)
class LearnedMinutes:
    """Mean minutes of service in one hall, by item and by queue; what is not surely known is not there."""

    items: Mapping[str, float] = field(default_factory=dict)
    queues: Mapping[str, float] = field(default_factory=dict)


def minutes_of(session: Session, hall: str) -> LearnedMinutes:
    """What was learned of a hall by last night."""
    row = _KEPT.first(session, of=hall)
    return LearnedMinutes() if row is None else LearnedMinutes(**from_json(row.told))


def minutes_in(session: Session, halls: Collection[str]) -> dict[str, LearnedMinutes]:
    """The same of all these halls of which anything was learned; one statement."""
    rows = _KEPT_IN.all(session, of=listed(halls))
    return {row.hall: LearnedMinutes(**from_json(row.told)) for row in rows}


def keep_minutes(session: Session, hall: str, times: ServiceTimes, day: int) -> None:
    """Keep what is surely known by now, as of this day."""
    sure = {name: round(time.mean_s / 60, 2) for name, time in times.of.items() if time.weight >= SURE}
    items = {name: minutes for name, minutes in sure.items() if not name.startswith(EVERYTHING)}
    queues = {
        name.removeprefix(EVERYTHING): minutes
        for name, minutes in sure.items()
        if name.startswith(queue_name("")) and name != EVERYTHING
    }
    text = json.dumps({"items": items, "queues": queues})
    session.merge(Learned(hall=hall, part=PART, format=FORMAT, seq=day, told=text))
