"""Somebody accepts an advice: from now on she counts as under way."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.foundation.ids import new_id
from dispatch.foundation.log import announce
from dispatch.foundation.prepared import Prepared, put
from dispatch.foundation.tables import table_of
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.journeys.models import Journey
from dispatch.journeys.news import JourneyBegun, JourneyReplaces
from dispatch.journeys.refusals import ManyUnderWay, TooEarly, UnderWayAlready
from dispatch.journeys.ways import way
from dispatch.ports.maps import Mode

AHEAD = timedelta(hours=12)
"""Nobody is under way who leaves later."""
PER_WINDOW, AT_LEAST = 8, 10
"""So many at most are under way for each window that serves a queue: about what it serves in an hour."""


@dataclass(frozen=True)
class Stop:
    """A queue that she joins, for these items as a ticket tells them, so many seconds after she has come."""

    queue: str
    items: Sequence[dict[str, Any]] = ()
    after_s: float = 0.0

    @classmethod
    def one_after_another(cls, lines: Mapping[str, Sequence[dict[str, Any]]], stay_s: float) -> "list[Stop]":
        """The queues that she joins, by what she wants of each; as far apart as she is there, in equal parts."""
        each_s = max(0.0, stay_s) / len(lines)
        return [cls(queue, items, nth * each_s) for nth, (queue, items) in enumerate(lines.items())]


@dataclass(frozen=True)
class Left:
    """The place in a line elsewhere that stays hers until she is there."""

    hall: str
    ticket: str


_JOURNEYS = table_of(Journey)
_ROW: dict[str, Any] = {column.name: bindparam(column.name, type_=column.type) for column in _JOURNEYS.c}
_WRITE = Prepared(
    postgresql.insert(_JOURNEYS).values(_ROW).on_conflict_do_nothing(),
    sqlite=sqlite.insert(_JOURNEYS).values(_ROW).on_conflict_do_nothing(),
)
# SQLite uses the partial index only where the state stands in the statement itself.
_UNDER_WAY = Prepared(
    select(func.count().label("people")).where(
        _JOURNEYS.c.hall == bindparam("of"),
        _JOURNEYS.c.queue == bindparam("line"),
        _JOURNEYS.c.state == literal_column("'under_way'"),
    )
)


def begin(
    session: Session,
    place: Hall,
    stops: Sequence[Stop],
    *,
    route: str,
    travel_s: float,
    mode: Mode | None = None,
    leaves_at: datetime | None = None,
    left: Left | None = None,
    instead_of: str | None = None,
    now: datetime,
    actor: Actor,
) -> Journey:
    """Count somebody as under way to these queues who follows the advice `route`, now or from `leaves_at` on.

    `mode` is how she travels, None where nobody knows from where. `instead_of` is the journey that she gives up for
    it, which ends as soon as its hall hears of this one.
    Raises NotFound for a queue that there is not, TooEarly, UnderWayAlready, ManyUnderWay.
    """
    leaves_at = max(leaves_at or now, now)
    if leaves_at > now + AHEAD:
        raise TooEarly(field="route")
    lines = [halls.queue(session, place.code, stop.queue).code for stop in stops]
    hers = way(leaves_at, travel_s)
    row: dict[str, Any] = {
        **dict.fromkeys(_ROW),
        "id": new_id(),
        "route": route,
        "hall": place.code,
        "queue": lines[0],
        "stops": [{**asdict(stop), "items": list(stop.items)} for stop in stops],
        "mode": mode,
        "passed_over": [],
        "from_hall": left.hall if left else None,
        "from_ticket": left.ticket if left else None,
        "state": "under_way",
        "begun_at": now,
        "arrives_at": hers.arrives_at,
        "spread_s": hers.spread_s,
        "until": hers.until,
    }
    if not _WRITE.run(session, **row):
        raise UnderWayAlready(field="route")
    windows = [each for each in halls.windows_of(session, place.code) if lines[0] in each.queues]
    _refuse_too_many(session, row, most=max(AT_LEAST, PER_WINDOW * len(windows)))
    news = JourneyBegun(row["id"], lines[0], hers.arrives_at.isoformat(), hers.until.isoformat())
    announce(session, place.code, news, at=now, actor=actor)
    if instead_of is not None:
        announce(session, place.code, JourneyReplaces(row["id"], instead_of), at=now, actor=actor)
    return put(session, Journey, row)


def _refuse_too_many(session: Session, row: dict[str, Any], most: int) -> None:
    """Whoever else begins a journey to this hall has ended, or waits until we have: under the log's end we count."""
    log.hold(session, row["hall"])
    if _UNDER_WAY.one(session, of=row["hall"], line=row["queue"]).people > most:
        raise ManyUnderWay(most=most, field="rank")
