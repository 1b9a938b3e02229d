"""How a hall stands in the city's tables, as far as its waits depend on it. So many statements whatever the hall."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from dispatch.foundation.prepared import Prepared
from dispatch.foundation.tables import UtcTime, table_of
from dispatch.halls import finding as halls
from dispatch.halls import outages
from dispatch.halls.models import Hall, Queue, Window
from dispatch.journeys import finding as journeys
from dispatch.journeys.finding import Expected
from dispatch.learning.knowing import Known
from dispatch.queues.policy import Policy
from dispatch.staffing import finding as staffing
from dispatch.staffing import skills
from dispatch.staffing.models import Shift
from dispatch.staffing.spans import Span
from dispatch.tickets import lines
from dispatch.tickets.life import AT_A_WINDOW
from dispatch.tickets.lines import Place
from dispatch.tickets.minutes import Minutes, minutes_in
from dispatch.tickets.models import Ticket
from dispatch.waits.rosters import Span as Stretch

_TICKETS, _WINDOWS = table_of(Ticket), table_of(Window)
# SQLite uses the partial index only where the states stand in the statement itself.
_SERVED = Prepared(
    select(*(_TICKETS.c[name] for name in ("window", "queue", "items", "called_at", "state")))
    .join_from(_WINDOWS, _TICKETS, _TICKETS.c.window == _WINDOWS.c.id)
    .where(
        _WINDOWS.c.hall == bindparam("of"),
        _TICKETS.c.state.in_([literal_column(f"'{state}'") for state in AT_A_WINDOW]),
    )
    .order_by(_TICKETS.c.window, _TICKETS.c.seat)
)


_ISSUED = Prepared(
    select(_TICKETS.c.queue, func.count().label("people"))
    .where(
        _TICKETS.c.hall == bindparam("of"),
        _TICKETS.c.service_day == bindparam("day"),
        _TICKETS.c.issued_at >= bindparam("since", type_=UtcTime),
    )
    .group_by(_TICKETS.c.queue)
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
    queues: Sequence[Queue]
    windows: Sequence[Window]
    waiting: Sequence[Place]
    served: Mapping[str, Sequence[Served]]
    minutes: Minutes
    known: Known
    lately: Mapping[str, float] = field(default_factory=dict)
    barred: Mapping[str, frozenset[str]] = field(default_factory=dict)
    shifts: Sequence[Shift] = ()
    out: Sequence[Any] = ()
    under_way: Sequence[Expected] = ()
    referred: Mapping[str, float] = field(default_factory=dict)

    @property
    def at(self) -> float:
        """The moment."""
        return self.now.timestamp()

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


def read(session: Session, place: Hall, known: Known, now: datetime) -> Standing:
    """The hall as it stands; the session's view must be of one moment."""
    day = halls.service_day(session, place, now)
    left = [each for each in halls.openings(session, place, day) if each.end > now]
    queues, windows = halls.queues_of(session, place.code), halls.windows_of(session, place.code)
    until = left[-1].end if left else now
    clerks = {window.staff for window in windows if window.staff is not None}
    return Standing(
        place=place,
        now=now,
        policy=Policy.stored(place.policy),
        openings=[(max(each.start, now).timestamp(), each.end.timestamp()) for each in left],
        queues=queues,
        windows=windows,
        waiting=lines.everybody(session, place.code, [queue.code for queue in queues], day),
        served=_served(session, place.code),
        minutes=minutes_in(session, place.code),
        known=known,
        lately=_lately(session, place.code, day, now),
        barred=skills.barred_of(session, clerks, now=now),
        shifts=staffing.shifts_in(session, place.code, Span(now, until)) if left else (),
        out=outages.holding(session, place.code, now),
        under_way=journeys.expected(session, place.code) if left else (),
        referred=journeys.referred(session, place.code) if left else {},
    )


def _served(session: Session, hall: str) -> Mapping[str, Sequence[Served]]:
    found: dict[str, list[Served]] = defaultdict(list)
    for row in _SERVED.all(session, of=hall):
        sits = row.state == "serving"
        found[row.window].append(Served(row.queue, row.items, row.called_at.timestamp(), sits))
    return found


def _lately(session: Session, hall: str, day: date, now: datetime) -> Mapping[str, float]:
    rows = _ISSUED.all(session, of=hall, day=day, since=now - LATELY)
    expected = journeys.joined_since(session, hall, now - LATELY)
    people = {row.queue: max(0, row.people - expected.get(row.queue, 0)) for row in rows}
    return {queue: number / LATELY.total_seconds() for queue, number in people.items()}
