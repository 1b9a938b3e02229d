"""What is foretold, read: from a hall's row and from nothing else, for whoever answers people."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, bindparam, select
from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.prepared import Prepared, Soon, listed, of_all
from dispatch.foundation.tables import table_of
from dispatch.halls.models import Hall
from dispatch.tickets.models import Ticket
from dispatch.waits.forecast import LEVEL, Unknown
from dispatch.waits.models import HallForecast
from dispatch.waits.newcomers import kind_of
from dispatch.waits.packing import Packed, slipped_at, unpack
from dispatch.waits.wording import NOTHING as NOTHING_FORETOLD
from dispatch.waits.wording import Foretold

OVERDUE_S = 45
"""What should have been made anew so long ago is shown no more."""

_ROWS = table_of(HallForecast)
_SHORT = [_ROWS.c[name] for name in ("hall", "epoch", "based_on", "as_of", "due_at", "queues")]
_NEWCOMERS = [*_SHORT, _ROWS.c.newcomers]
_OF_HALL = Prepared(select(*_NEWCOMERS, _ROWS.c.arrivals).where(_ROWS.c.hall == bindparam("of")))
_JOINING = Prepared(select(*_NEWCOMERS).where(_ROWS.c.hall == bindparam("of")))
_OF_HALLS = select(*_SHORT).where(_ROWS.c.hall.in_(bindparam("of", expanding=True)))
_JOINING_IN_HALLS = select(*_NEWCOMERS).where(_ROWS.c.hall.in_(bindparam("of", expanding=True)))
_LATER_IN_HALLS = of_all(lambda those: select(*_SHORT, _ROWS.c.arrivals).where(_ROWS.c.hall.in_(those)))
_VERSIONS = select(_ROWS.c.hall, _ROWS.c.as_of, _ROWS.c.due_at).where(
    _ROWS.c.hall.in_(bindparam("of", expanding=True))
)
_HERS = _ROWS.c.tickets[bindparam("ticket", type_=JSON.JSONStrIndexType())].label("hers")
_OF_TICKET = Prepared(select(*_NEWCOMERS, _HERS).where(_ROWS.c.hall == bindparam("of")))


@dataclass(frozen=True)
class HallWaits:
    """What is foretold in one hall, as it was read; times are told in the hall's own zone.

    `queues`, `newcomers` and `arrivals` are those of `HallForecast`; all is unknown where there is no row, or a `stale`
    one. Who reads a list of halls has only the `queues`.
    """

    epoch: int = 0
    based_on: int = 0
    as_of: datetime | None = None
    stale: bool = False
    queues: Mapping[str, Packed] = field(default_factory=dict)
    arrivals: Mapping[str, Any] = field(default_factory=dict)
    newcomers: Mapping[str, Mapping[str, Packed]] = field(default_factory=dict)

    @property
    def version(self) -> "Version | None":
        """What tells it from any other of its hall."""
        return None if self.as_of is None else (self.as_of, self.stale)

    def joining(self, queue: str, kind: str | None = None) -> Foretold:
        """How long somebody waits who joins the queue now, as `newcomers.kind_of` tells kinds."""
        of_all = self.queues.get(queue)
        return self.told(of_all if kind is None else self.newcomers.get(queue, {}).get(kind, of_all))

    def arriving(self, queue: str, at: datetime) -> Foretold:
        """How long somebody waits who joins the queue then, on the same service day."""
        moments: Sequence[float] = self.arrivals.get("at", ())
        waits: Sequence[Packed] = self.arrivals.get("queues", {}).get(queue, ())
        if self.as_of is None or not waits or at <= self.as_of:
            return self.joining(queue)
        made_at = min(self.as_of, datetime.fromtimestamp(moments[0] + 1, self.as_of.tzinfo))
        following = bisect_right(moments, at.timestamp())
        if following == len(moments):
            return self.told("closed", made_at)
        if following == 0:
            return self.told(waits[0], made_at)
        before, after = moments[following - 1], moments[following]
        share = (at.timestamp() - before) / (after - before)
        return self.told(_between(waits[following - 1], waits[following], share), made_at)

    def longest(self) -> Foretold:
        """The longest wait in any queue of the hall; a reason only where none is known."""
        told = [self.joining(queue) for queue in self.queues] or [self.told(None)]
        return max(told, key=lambda each: each.wait["point_s"] if each.wait else -1)

    def told(self, packed: Packed | None, made_at: datetime | None = None) -> Foretold:
        """What of the row is told; when it was made, where that was earlier than the rest."""
        if self.as_of is None or packed is None:
            return NOTHING_FORETOLD
        if self.stale:
            return Foretold(None, "stale")
        wait = unpack(packed)
        if isinstance(wait, Unknown):
            return Foretold(None, wait.because)
        return Foretold(
            {
                "point_s": round(wait.point_s),
                "low_s": round(wait.low_s),
                "high_s": round(wait.high_s),
                "level": LEVEL,
                "as_of": (made_at or self.as_of).isoformat(),
                "method": wait.method,
            }
        )


NOTHING = HallWaits()
Version = tuple[datetime, bool]


def in_hall(session: Session, place: Hall, now: datetime) -> HallWaits:
    """What is foretold in a hall, for later arrivals too."""
    row = _OF_HALL.first(session, of=place.code)
    return NOTHING if row is None else _read(session, row, place.tz, now, row.arrivals, row.newcomers)


def in_halls(session: Session, zones: Mapping[str, str], now: datetime) -> dict[str, HallWaits]:
    """What is foretold for whoever joins now, in the halls of these codes and time zones; one statement for all."""
    rows = session.connection().execute(_OF_HALLS, {"of": list(zones)})
    found = {row.hall: _read(session, row, zones[row.hall], now) for row in rows}
    return {code: found.get(code, NOTHING) for code in zones}


def joining_in(session: Session, zones: Mapping[str, str], now: datetime) -> dict[str, HallWaits]:
    """The same of newcomers of every kind; one statement for all."""
    rows = session.connection().execute(_JOINING_IN_HALLS, {"of": list(zones)})
    found = {row.hall: _read(session, row, zones[row.hall], now, newcomers=row.newcomers) for row in rows}
    return {code: found.get(code, NOTHING) for code in zones}


def ask_arriving(session: Session, halls: Collection[str]) -> Soon:
    """What is foretold for later arrivals, asked for together with what is asked next; `arriving_in` reads it."""
    return _LATER_IN_HALLS.soon(session, of=listed(halls))


def arriving_in(
    session: Session, asked: Soon, zones: Mapping[str, str], now: datetime
) -> dict[str, HallWaits]:
    """What is foretold for whoever joins now or later, in the halls of these codes and time zones."""
    found = {row.hall: _read(session, row, zones[row.hall], now, row.arrivals) for row in asked.all()}
    return {code: found.get(code, NOTHING) for code in zones}


def versions(session: Session, halls: Collection[str], now: datetime) -> dict[str, Version]:
    """Of what stands written for these halls, whether it is another than before; one statement for all."""
    rows = session.connection().execute(_VERSIONS, {"of": list(halls)})
    return {row.hall: (row.as_of, is_stale(session, row, now)) for row in rows}


def of_ticket(session: Session, place: Hall, ticket: Ticket, now: datetime) -> Foretold:
    """What is promised to somebody who waits; the newest have what was foretold for their like until there is more."""
    row = _OF_TICKET.first(session, of=place.code, ticket=ticket.id)
    if row is None:
        return NOTHING_FORETOLD
    waits = _read(session, row, place.tz, now, newcomers=row.newcomers)
    if row.hers is None:
        return waits.joining(ticket.queue, kind_of(ticket))
    told, slipped = waits.told(row.hers), slipped_at(row.hers)
    if told.wait is None or slipped is None:
        return told
    at = datetime.fromtimestamp(slipped, ZoneInfo(place.tz))
    return told._replace(wait={**told.wait, "slipped_at": at.isoformat()})


def ask_joining(session: Session, hall: str) -> Soon:
    """What is foretold for whoever joins now, asked for together with what is asked next; `joining` reads it."""
    return _JOINING.soon(session, of=hall)


def joining(session: Session, place: Hall, ticket: Ticket, asked: Soon, now: datetime) -> Foretold:
    """How long somebody waits who has just taken this ticket."""
    row = asked.first()
    if row is None:
        return NOTHING_FORETOLD
    waits = _read(session, row, place.tz, now, newcomers=row.newcomers)
    return waits.joining(ticket.queue, kind_of(ticket))


def plain(foretold: Foretold) -> dict[str, Any]:
    """As the interface has it."""
    return {"wait": foretold.wait, "unknown_because": foretold.because}


def _read(
    session: Session,
    row: Any,  # noqa: ANN401 - a row of `HallForecast`
    tz: str,
    now: datetime,
    arrivals: Mapping[str, Any] | None = None,
    newcomers: Mapping[str, Mapping[str, Packed]] | None = None,
) -> HallWaits:
    as_of, stale = row.as_of.astimezone(ZoneInfo(tz)), is_stale(session, row, now)
    return HallWaits(row.epoch, row.based_on, as_of, stale, row.queues, arrivals or {}, newcomers or {})


def is_stale(session: Session, row: Any, now: datetime) -> bool:  # noqa: ANN401
    """Whether it should have been made anew so long ago that it is shown no more; or so long from now."""
    overdue = timedelta(seconds=OVERDUE_S * max(1.0, clock.speed(session)))
    return bool(now > row.due_at + overdue or now < row.as_of - overdue)


def _between(before: Packed, after: Packed, share: float) -> Packed:
    """Part of the way from one wait to the next; where either is unknown, the nearer."""
    if isinstance(before, str) or isinstance(after, str):
        return before if share < 1 / 2 else after
    three = zip(before[:3], after[:3], strict=True)
    return [*(round(float(a) + share * (float(b) - float(a))) for a, b in three), after[3]]
