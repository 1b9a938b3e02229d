"""How a hall stands in the city's tables, as far as its waits depend on it. So many statements whatever the hall."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from dispatch.foundation.prepared import listed, of_all
from dispatch.foundation.tables import UtcTime, table_of
from dispatch.halls import finding as halls
from dispatch.halls import outages
from dispatch.halls.models import Hall, Window
from dispatch.journeys import finding as journeys
from dispatch.journeys.finding import Expected
from dispatch.learning.knowing import Known
from dispatch.learning.local_time import QUARTER_S
from dispatch.queues.policy import Policy
from dispatch.staffing import finding as staffing
from dispatch.staffing import skills
from dispatch.staffing.spans import Span
from dispatch.tickets import lines
from dispatch.tickets.life import AT_A_WINDOW
from dispatch.tickets.lines import Place
from dispatch.tickets.minutes import Minutes, minutes_in
from dispatch.tickets.models import Ticket
from dispatch.waits.rosters import Span as Stretch

_TICKETS, _WINDOWS = table_of(Ticket), table_of(Window)
# SQLite uses the partial index only where the states stand in the statement itself.
_SERVED = of_all(
    lambda those: (
        select(*(_TICKETS.c[name] for name in ("window", "queue", "items", "called_at", "state")))
        .join_from(_WINDOWS, _TICKETS, _TICKETS.c.window == _WINDOWS.c.id)
        .where(
            _WINDOWS.c.hall.in_(those),
            _TICKETS.c.state.in_([literal_column(f"'{state}'") for state in AT_A_WINDOW]),
        )
        .order_by(_TICKETS.c.window, _TICKETS.c.seat)
    )
)
_ISSUED = of_all(
    lambda those: (
        select(_TICKETS.c.hall, _TICKETS.c.queue, func.count().label("people"))
        .where(
            _TICKETS.c.hall.in_(those),
            _TICKETS.c.service_day == bindparam("day"),
            _TICKETS.c.issued_at >= bindparam("since", type_=UtcTime),
        )
        .group_by(_TICKETS.c.hall, _TICKETS.c.queue)
    )
)
LATELY = timedelta(hours=1)


@dataclass(frozen=True)
class Served:
    """Somebody at a window, since when she is called there, and whether she has sat down."""

    queue: str
    items: Sequence[Mapping[str, Any]]
    called_at: float
    sits: bool = True


@dataclass(frozen=True)
class Standing:
    """A hall at one moment. Moments are Unix seconds.

    `queues`, `windows` and `shifts` are rows like `Queue`, `Window` and `Shift`.
    `openings` are what is left of the service day's; `served` is by window, `barred` the items that the clerk of a
    window may not serve, `shifts` the plan for the rest of the day, `out` the outages. `lately` are people a second
    who have taken numbers in the last hour without having been expected, by queue; `under_way` is whoever has said
    that she comes. `referred` are those who wait and are on their way to another hall, by ticket, with the chance that
    they get there.
    """

    place: Hall
    now: datetime
    policy: Policy
    openings: Sequence[Stretch]
    queues: Sequence[Any]
    windows: Sequence[Any]
    waiting: Sequence[Place]
    served: Mapping[str, Sequence[Served]]
    minutes: Minutes
    known: Known
    lately: Mapping[str, float] = field(default_factory=dict)
    barred: Mapping[str, frozenset[str]] = field(default_factory=dict)
    shifts: Sequence[Any] = ()
    out: Sequence[Any] = ()
    under_way: Sequence[Expected] = ()
    referred: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def at(self) -> float:
        """The moment."""
        return self.now.timestamp()

    @cached_property
    def local(self) -> datetime:
        """The moment by the hall's clock."""
        return self.now.astimezone(ZoneInfo(self.place.tz))

    @cached_property
    def quarters(self) -> NDArray[np.float64]:
        """The edges of the quarter-hours by the hall's clock, from the one that holds now to the end of the day."""
        local = self.local
        first = self.at - (local.minute % 15) * 60 - local.second - local.microsecond / 1e6
        count = max(1, math.ceil((self.closes - first) / QUARTER_S))
        edges: NDArray[np.float64] = first + QUARTER_S * np.arange(count + 1, dtype=np.float64)
        return edges

    @property
    def closes(self) -> float:
        """When the last opening of the day ends; now, if it has."""
        return max((end for _, end in self.openings), default=self.at)

    def is_open(self, at: float) -> bool:
        """Whether the hall serves then, today."""
        return any(start <= at < end for start, end in self.openings)

    def frozen_until(self, queue: str, items: Sequence[str] = ()) -> float:
        """Until when nobody of this queue, with these items, is called; −inf where nothing holds her."""
        ends = [
            float("inf") if each.until is None else each.until.timestamp()
            for each in self.out
            if each.whole or queue in each.queues or not set(items).isdisjoint(each.items)
        ]
        return max(ends, default=float("-inf"))


def read(
    session: Session, places: Sequence[Hall], known: Mapping[str, Known], now: datetime
) -> list[Standing]:
    """The halls as they stand, `known` by their codes; the session's view must be of one moment."""
    codes = [place.code for place in places]
    days = {place.code: halls.service_day(session, place, now) for place in places}
    left = {
        place.code: [each for each in halls.openings(session, place, days[place.code]) if each.end > now]
        for place in places
    }
    ends = {code: spans[-1].end for code, spans in left.items() if spans}
    queues, windows = halls.queues_in(session, codes), halls.windows_in(session, codes)
    clerks = {window.staff for those in windows.values() for window in those if window.staff is not None}
    waiting, lately = _waiting(session, days), _lately(session, days, now)
    served, barred = _served(session, codes), skills.barred_of(session, clerks, now=now)
    shifts = staffing.shifts_in_halls(session, codes, Span(now, max(ends.values(), default=now)))
    under_way, referred = journeys.expected_in(session, codes), journeys.referred_from(session, codes)
    outages.fetch(session, codes)
    return [
        Standing(
            place=place,
            now=now,
            policy=Policy.stored(place.policy),
            openings=[(max(each.start, now).timestamp(), each.end.timestamp()) for each in left[code]],
            queues=queues[code],
            windows=windows[code],
            waiting=_of_queues(waiting[code], queues[code]),
            served=served,
            minutes=minutes_in(session, code),
            known=known[code],
            lately=lately[code],
            barred=barred,
            shifts=[each for each in shifts[code] if code in ends and each.starts < ends[code]],
            out=outages.holding(session, code, now),
            under_way=under_way[code] if left[code] else (),
            referred=referred[code] if left[code] else {},
        )
        for code, place in zip(codes, places, strict=True)
    ]


def _by_day(days: Mapping[str, date]) -> Mapping[date, list[str]]:
    """The halls of each service day, which nearly always is the same everywhere."""
    found: defaultdict[date, list[str]] = defaultdict(list)
    for hall, day in days.items():
        found[day].append(hall)
    return found


def _waiting(session: Session, days: Mapping[str, date]) -> Mapping[str, Sequence[Place]]:
    return {
        hall: people
        for day, those in _by_day(days).items()
        for hall, people in lines.everybody_in(session, those, day).items()
    }


def _of_queues(people: Sequence[Place], queues: Sequence[Any]) -> Sequence[Place]:
    """Whoever waits in one of the queues that are in use."""
    codes = {queue.code for queue in queues}
    return [person for person in people if person.queue in codes]


def _served(session: Session, halls: Sequence[str]) -> Mapping[str, Sequence[Served]]:
    found: dict[str, list[Served]] = defaultdict(list)
    for row in _SERVED.all(session, of=listed(halls)):
        sits = row.state == "serving"
        found[row.window].append(Served(row.queue, row.items, row.called_at.timestamp(), sits))
    return found


def _lately(session: Session, days: Mapping[str, date], now: datetime) -> Mapping[str, Mapping[str, float]]:
    found: dict[str, dict[str, float]] = {hall: {} for hall in days}
    expected = journeys.joined_since(session, list(days), now - LATELY)
    for day, those in _by_day(days).items():
        for row in _ISSUED.all(session, of=listed(those), day=day, since=now - LATELY):
            people = max(0, row.people - expected.get((row.hall, row.queue), 0))
            found[row.hall][row.queue] = people / LATELY.total_seconds()
    return found
