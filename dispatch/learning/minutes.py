"""How long things take in the mean, in minutes: what is known surely enough to stand in for the catalogue.

Written by night, so that a line is ordered by the same figures all day.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from pydantic_core import from_json
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from dispatch.foundation import revisions
from dispatch.foundation.prepared import Prepared, Soon, listed, of_all
from dispatch.foundation.revisions import Kept
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
_KEPT_ANYWHERE = select(_LEARNED.c.told).where(_LEARNED.c.part == PART, _LEARNED.c.format == FORMAT)


@dataclass(frozen=True)
class LearnedMinutes:
    """Mean minutes of service in one hall, by item and by queue; what is not surely known is not there."""

    items: Mapping[str, float] = field(default_factory=dict)
    queues: Mapping[str, float] = field(default_factory=dict)


def minutes_of(session: Session, hall: str) -> LearnedMinutes:
    """What was learned of a hall by last night."""
    row = _KEPT.first(session, of=hall)
    return LearnedMinutes() if row is None else LearnedMinutes(**from_json(row.told))


def ask_minutes(session: Session, halls: Collection[str]) -> Soon:
    """The same of all these halls, asked for together with what is asked next; `minutes_in` reads it."""
    return _KEPT_IN.soon(session, of=listed(halls))


def minutes_in(asked: Soon) -> dict[str, LearnedMinutes]:
    """What was learned by last night, by hall, of those of which anything was."""
    return {row.hall: LearnedMinutes(**from_json(row.told)) for row in asked.all()}


def shortest(session: Session) -> Mapping[str, float]:
    """The least of what was learned of any hall by last night, by item; kept in memory until it is another."""
    return _SHORTEST.of(session)


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
    revisions.changed(session, "minutes")


def shortest_of(halls: Iterable[Mapping[str, float]]) -> Mapping[str, float]:
    """The least that any of these halls takes for an item, of each that one of them knows."""
    found: dict[str, float] = {}
    for items in halls:
        for item, minutes in items.items():
            found[item] = min(minutes, found.get(item, minutes))
    return found


def _read_shortest(session: Session) -> Mapping[str, float]:
    told = session.connection().execute(_KEPT_ANYWHERE).scalars()
    return shortest_of(from_json(each)["items"] for each in told)


_SHORTEST = Kept(("minutes",), _read_shortest)
