"""The lines of a hall as they stand: who waits, in which order, and how many are ahead of whom."""

import math
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    JSON,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from dispatch.foundation.prepared import Prepared, Soon, listed, of_all
from dispatch.foundation.tables import UtcTime, table_of
from dispatch.halls import finding as halls
from dispatch.halls import outages
from dispatch.halls.models import Window
from dispatch.halls.outages import NOTHING_FROZEN, Frozen
from dispatch.queues import rules
from dispatch.queues.policy import Policy
from dispatch.tickets.life import REMOTE
from dispatch.tickets.minutes import minutes_in
from dispatch.tickets.models import Ticket, number_text

NEVER = math.nan


class Place(NamedTuple):
    """One waiting person, as far as the order of the line needs to know her: columns of her ticket."""

    id: str
    queue: str
    letter: str
    n: int
    service_day: date
    priority: str
    channel: str
    place: datetime
    booked_for: datetime | None
    arrived_at: datetime | None
    reactivated: int
    passed: int
    kept_for: str | None
    kept_until: datetime | None
    items: list[dict[str, Any]]

    @classmethod
    def of(cls, ticket: Ticket) -> "Place":
        """Where the person of this ticket stands, or would if she waited."""
        return cls(*(getattr(ticket, name) for name in cls._fields))

    @property
    def number(self) -> str:
        """What the slip says."""
        return number_text(self.letter, self.n)

    @property
    def is_here(self) -> bool:
        """Whether she was seen here: a number taken at a kiosk or counter is taken here."""
        return self.arrived_at is not None or self.channel not in REMOTE

    def kept_from(self, window: str, at: datetime) -> bool:
        """Whether at this moment she waits for another window than this."""
        elsewhere = self.kept_for not in (None, window)
        return elsewhere and (self.kept_until is None or self.kept_until > at)


_TICKETS = table_of(Ticket)
# SQLite uses the partial index only where the state stands in the statement itself.
_IS_WAITING = _TICKETS.c.state == literal_column("'waiting'")
_LINES = bindparam("lines", type_=JSON)


_WAITING = select(*(_TICKETS.c[name] for name in Place._fields)).where(_IS_WAITING)
_IN_LINES = _WAITING.where(
    _TICKETS.c.hall == bindparam("of"),
    _TICKETS.c.service_day == bindparam("day", type_=_TICKETS.c.service_day.type),
)
_ASKED = Prepared(
    _IN_LINES.where(_TICKETS.c.queue.in_(select(func.json_array_elements_text(_LINES)))),
    sqlite=_IN_LINES.where(
        _TICKETS.c.queue.in_(select(func.json_each(_LINES).table_valued("value").c.value))
    ),
)
_IN_HALLS = of_all(
    lambda those: select(_TICKETS.c.hall, *(_TICKETS.c[name] for name in Place._fields)).where(
        _IS_WAITING,
        _TICKETS.c.hall.in_(those),
        _TICKETS.c.service_day == bindparam("day", type_=_TICKETS.c.service_day.type),
    )
)
_WINDOWS = table_of(Window)
_AT = _WINDOWS.c.id == bindparam("at")
_AT_ITS_HALL = _WAITING.where(_TICKETS.c.hall == select(_WINDOWS.c.hall).where(_AT).scalar_subquery())
_EACH = func.json_each(_WINDOWS.c.queues).table_valued("value")
_ASKED_FOR = Prepared(
    _AT_ITS_HALL.where(
        _TICKETS.c.queue.in_(select(func.json_array_elements_text(_WINDOWS.c.queues)).where(_AT))
    ),
    sqlite=_AT_ITS_HALL.where(
        _TICKETS.c.queue.in_(select(_EACH.c.value).select_from(_WINDOWS, _EACH).where(_AT))
    ),
)
_PASSED = _TICKETS.c.id.in_(bindparam("passed_by", expanding=True))
# Always in one order, so that two windows that count at once do not wait for each other.
_COUNT_PASSES = (
    update(_TICKETS)
    .where(
        _TICKETS.c.id.in_(
            select(_TICKETS.c.id).where(_PASSED, _IS_WAITING).order_by(_TICKETS.c.id).with_for_update()
        )
    )
    .values(passed=_TICKETS.c.passed + 1)
)


_BEFORE = _TICKETS.c.place < bindparam("place", type_=UtcTime)
_SAME = (_TICKETS.c.place == bindparam("place", type_=UtcTime)) & (_TICKETS.c.letter == bindparam("letter"))
_REMOTE = and_(
    _TICKETS.c.arrived_at.is_(None),
    _TICKETS.c.channel.in_([literal_column(f"'{channel}'") for channel in REMOTE]),
    _TICKETS.c.priority == literal_column("'none'"),
)
TAIL = select(
    func.count().label("waiting"),
    func.coalesce(func.sum(case((_REMOTE, 1), else_=0)), 0).label("remote"),
    func.coalesce(
        func.sum(case((and_(or_(_BEFORE, _SAME), _TICKETS.c.booked_for.is_(None)), 0), else_=1)), 0
    ).label("otherwise"),
).where(
    _TICKETS.c.hall == bindparam("hall"),
    _TICKETS.c.queue == bindparam("queue"),
    _TICKETS.c.service_day == bindparam("service_day"),
    _IS_WAITING,
)
"""A queue's line as somebody finds it who takes a number at this place; `otherwise` are people who may stand behind
her all the same."""


def line_of(session: Session, hall: str, queue: str, day: date) -> list[Place]:
    """Whoever waits in one queue of a hall on this service day, the next first.

    Yesterday's numbers stand on today's slips again: whoever was left over is never called among today's.
    """
    return in_order(_read(session, hall, [queue], day), policy_of(session, hall))


def asked(session: Session, hall: str, queues: Sequence[str], day: date) -> Soon:
    """Everybody who waits in these queues, asked for together with what is asked next."""
    return _ASKED.soon(session, of=hall, lines=queues, day=day)


def asked_for(session: Session, window: str) -> Soon:
    """The same for the queues of a window of which no more is known yet than its id, of whichever day."""
    return _ASKED_FOR.soon(session, at=window)


def everybody_in(session: Session, halls: Collection[str], day: date) -> dict[str, list[Place]]:
    """Whoever waits in each of these halls on this service day, in no order; one statement for all."""
    found: dict[str, list[Place]] = {hall: [] for hall in halls}
    for row in _IN_HALLS.all(session, of=listed(halls), day=day):
        found[row[0]].append(Place._make(row[1:]))
    return found


def waiting_in(
    session: Session,
    hall: str,
    queues: Sequence[str],
    day: date,
    *,
    now: datetime,
    window: str | None = None,
    barred: Collection[str] = (),
    frozen: Frozen = NOTHING_FROZEN,
    read: Soon | None = None,
) -> list[Place]:
    """Whoever waits in these queues, in the order in which one window that serves them all would call them now.

    With `window` only whom that very window may call: not those kept for another. `barred` are items that its
    staff may not serve, `frozen` is what an outage holds: those people keep their places and are not called. `read`
    is the answer to `asked` or `asked_for`, where that was done already.
    """
    found = _people(read or asked(session, hall, queues, day))
    people = [each for each in found if each.service_day == day and _may(each, window, barred, frozen, now)]
    policy = policy_of(session, hall)
    if len({person.queue for person in people}) < 2:
        return in_order(people, policy)
    return urgent(session, hall, people, now=now, policy=policy)[0]


def candidates(
    session: Session,
    window: Window,
    day: date,
    *,
    now: datetime,
    barred: Collection[str] = (),
    read: Soon | None = None,
) -> list[Place]:
    """Whom this window may call, in the order in which it should."""
    frozen = outages.frozen(session, window.hall, now)
    return waiting_in(
        session,
        window.hall,
        window.queues,
        day,
        now=now,
        window=window.id,
        barred=barred,
        frozen=frozen,
        read=read,
    )


def note_passes(session: Session, called: Place, line: Sequence[Place]) -> None:
    """Count the call of somebody who is not here against everybody here who could have been called instead."""
    if called.is_here or not arrays_of([called]).remote[0]:
        return
    queue = [each for each in line if each.queue == called.queue]
    arrays = arrays_of(queue)
    passed = rules.passed_by(arrays, queue.index(called))
    if passed.any():
        counted = {"passed_by": [queue[index].id for index in np.flatnonzero(passed)]}
        session.connection().execute(_COUNT_PASSES, counted)


def place_on_return(session: Session, ticket: Ticket, now: datetime) -> datetime:
    """Where somebody stands who missed her call and came back: a few behind, but never better than she stood."""
    policy = policy_of(session, ticket.hall)
    line = arrays_of(line_of(session, ticket.hall, ticket.queue, ticket.service_day))
    group = rules.PRIORITY_CLASS[ticket.priority]
    place = rules.place_behind(line, policy.returned_behind, group, policy)
    return max(ticket.place, now if place is None else datetime.fromtimestamp(place, UTC))


def ahead(session: Session, ticket: Ticket) -> int | None:
    """How many of her queue will be called before this ticket; None when it does not wait."""
    if ticket.state != "waiting":
        return None
    known: dict[str, int] = session.info.get("ahead", {})
    if ticket.id in known:
        return known[ticket.id]
    line = line_of(session, ticket.hall, ticket.queue, ticket.service_day)
    return next((index for index, person in enumerate(line) if person.id == ticket.id), None)


def note_tail(session: Session, ticket: Ticket, tail: Any) -> None:  # noqa: ANN401 - a row of `TAIL`
    """Remember how many are ahead of somebody who has just taken a number, without reading the whole line.

    An ordinary ticket stands behind everybody, but for those taken from afar: of them only so many are called past
    somebody here. Where anybody stands in another order, nothing is remembered, and `ahead` reads the line.
    """
    if tail.otherwise or ticket.priority != "none":
        return
    everybody = tail.waiting
    if ticket.arrived_at is not None:
        everybody -= max(0, tail.remote - policy_of(session, ticket.hall).remote_passes)
    session.info.setdefault("ahead", {})[ticket.id] = everybody


def policy_of(session: Session, hall: str) -> Policy:
    """The hall's discipline, read once in a transaction."""
    known: dict[str, Policy] = session.info.setdefault("policies", {})
    if hall not in known:
        known[hall] = Policy.stored(halls.hall(session, hall).policy)
    return known[hall]


def in_order(waiting: Sequence[Place], policy: Policy) -> list[Place]:
    """The people of one queue, the next first."""
    return [waiting[index] for index in rules.rank(arrays_of(waiting), policy)]


def arrays_of(people: Sequence[Place]) -> rules.Line:
    """What the discipline asks about people who wait."""
    return rules.Line(
        place=np.array([each.place.timestamp() for each in people], dtype=np.float64),
        classes=np.array([rules.PRIORITY_CLASS[each.priority] for each in people], dtype=np.int64),
        slot=np.array([_slot(each) for each in people], dtype=np.float64),
        came=np.array([_came(each) for each in people], dtype=np.float64),
        passed=np.array([each.passed for each in people], dtype=np.int64),
        number=np.array([_settling(each) for each in people], dtype=np.int64),
    )


def urgent(
    session: Session, hall: str, people: Sequence[Place], *, now: datetime, policy: Policy
) -> tuple[list[Place], NDArray[np.float64]]:
    """People of several queues in the order a window for all of them would call them, and everybody's urgency."""
    codes = sorted({person.queue for person in people})
    of = np.array([codes.index(each.queue) for each in people], dtype=np.int64)
    known = minutes_in(session, hall)
    minutes = np.array([known.of(each.items, each.queue) for each in people], dtype=np.float64)
    order, index = rules.rank_lines(arrays_of(people), of, minutes, now.timestamp(), policy)
    return [people[place] for place in order], index


def _read(session: Session, hall: str, queues: Sequence[str], day: date) -> list[Place]:
    return _people(asked(session, hall, queues, day))


def _people(read: Soon) -> list[Place]:
    return list(map(Place._make, read.all()))


def _may(person: Place, window: str | None, barred: Collection[str], frozen: Frozen, now: datetime) -> bool:
    items = [wanted["item"] for wanted in person.items]
    kept = window is not None and person.kept_from(window, now)
    return not kept and not any(item in barred for item in items) and not frozen.holds(person.queue, items)


def _slot(person: Place) -> float:
    """What she booked; whoever came back after a missed call has had her turn."""
    return NEVER if person.booked_for is None or person.reactivated else person.booked_for.timestamp()


def _came(person: Place) -> float:
    """Since when she is here, NaN while she is not."""
    if person.arrived_at is not None:
        return person.arrived_at.timestamp()
    return person.place.timestamp() if person.is_here else NEVER


def _settling(person: Place) -> int:
    """A whole number that differs for each ticket of a day: its number, then its letters."""
    return (person.n << 32) | int.from_bytes(person.letter.encode(), "big")
