"""Reading who is under way: for whoever goes there, for whoever foretells a hall, for whoever advises."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, case, func, literal_column, select
from sqlalchemy.orm import Session, aliased

from dispatch.foundation.errors import NotFound
from dispatch.foundation.ids import Keyring
from dispatch.foundation.log import CITY
from dispatch.foundation.prepared import ByKey, Prepared, listed, of_all, put
from dispatch.foundation.tables import UtcTime, table_of
from dispatch.journeys.models import Journey, JourneyShow
from dispatch.journeys.refusals import NotYourJourney
from dispatch.journeys.weighing import COMES

SECRET = "journey"

_JOURNEY, _JOURNEYS = ByKey(Journey), table_of(Journey)
_HALL_SHOW, _CITY_SHOW = aliased(JourneyShow), aliased(JourneyShow)


def _weighed() -> Select[Any]:
    """Journeys, and how likely each comes: as her hall has shown, else the city, else anybody."""
    comes = func.coalesce(_HALL_SHOW.comes, _CITY_SHOW.comes, COMES)
    told = [_JOURNEYS.c[name] for name in ("id", "hall", "stops", "arrives_at", "spread_s", "begun_at")]
    return (
        select(*told, case((_JOURNEYS.c.state == "joined", 1.0), else_=comes).label("comes"))
        .outerjoin(_HALL_SHOW, _HALL_SHOW.hall == _JOURNEYS.c.hall)
        .outerjoin(_CITY_SHOW, _CITY_SHOW.hall == CITY)
    )


# SQLite uses the partial index only where the state stands in the statement itself.
_TO_HALLS = of_all(
    lambda those: (
        _weighed()
        .where(_JOURNEYS.c.hall.in_(those), _JOURNEYS.c.state == literal_column("'under_way'"))
        .order_by(_JOURNEYS.c.begun_at, _JOURNEYS.c.id)
    )
)
_REFERRED = of_all(
    lambda those: (
        _weighed()
        .add_columns(_JOURNEYS.c.from_ticket, _JOURNEYS.c.from_hall)
        .where(
            _JOURNEYS.c.from_hall.in_(those),
            _JOURNEYS.c.state == literal_column("'under_way'"),
            _JOURNEYS.c.from_ticket.is_not(None),
        )
    )
)
_HOLD = Prepared(select(_JOURNEYS).where(_JOURNEYS.c.id == bindparam("of")).with_for_update())
_JOINED = of_all(
    lambda those: (
        select(_JOURNEYS.c.hall, _JOURNEYS.c.queue, func.count().label("people"))
        .where(
            _JOURNEYS.c.hall.in_(those),
            _JOURNEYS.c.state == literal_column("'joined'"),
            _JOURNEYS.c.ended_at >= bindparam("since", type_=UtcTime),
        )
        .group_by(_JOURNEYS.c.hall, _JOURNEYS.c.queue)
    )
)
_SET_OUT = Prepared(
    _weighed()
    .where(
        _JOURNEYS.c.begun_at > bindparam("since", type_=UtcTime),
        _JOURNEYS.c.state.in_([literal_column("'under_way'"), literal_column("'joined'")]),
    )
    .order_by(_JOURNEYS.c.begun_at, _JOURNEYS.c.id)
)


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody under way, as a forecast counts her.

    With chance `comes`, as seen when she set out, she joins `queue` at Unix second `at` give or take `spread_s`, a
    standard deviation. `key` is hers alone.
    """

    key: int
    queue: str
    at: float
    spread_s: float
    comes: float


def journey_of_holder(session: Session, keys: Keyring, ident: str, secret: str) -> Journey:
    """The journey whose secret this is; NotYourJourney, whether or not it exists. NotFound for a forgotten one."""
    if not keys.holds(SECRET, ident, secret):
        raise NotYourJourney(field="journey")
    return journey(session, ident)


def journey(session: Session, ident: str) -> Journey:
    """The journey of this id; NotFound. The caller has made sure who asks."""
    found = _JOURNEY.get(session, ident, fresh=True)
    if found is None:
        raise NotFound(what=ident, field="journey")
    return found


def held(session: Session, ident: str) -> Journey:
    """The same, and from then on nobody else ends it before this transaction is over."""
    return put(session, Journey, _HOLD.one(session, of=ident)._asdict())


def leaving(session: Session, hall: str, ticket: str) -> Journey | None:
    """Where the holder of this ticket of the hall is under way to, keeping her place; None where she is not."""
    hers = _JOURNEYS.c.from_ticket == ticket
    under_way = _JOURNEYS.c.state == literal_column("'under_way'")
    return session.scalar(select(Journey).where(_JOURNEYS.c.from_hall == hall, hers, under_way).limit(1))


def expected_in(session: Session, halls: Collection[str]) -> dict[str, list[Expected]]:
    """Everybody under way to each of these halls, in the order they set out; one statement for all.

    Whoever will stand in several queues of a hall, one after the other, is told for each.
    """
    found: dict[str, list[Expected]] = {hall: [] for hall in halls}
    for row in _TO_HALLS.all(session, of=listed(halls)):
        found[row.hall] += _expected(row)
    return found


def referred_from(session: Session, halls: Collection[str]) -> dict[str, dict[str, float]]:
    """By hall the tickets whose holders are under way to another one, and how likely each gets there."""
    found: dict[str, dict[str, float]] = {hall: {} for hall in halls}
    for row in _REFERRED.all(session, of=listed(halls)):
        found[row.from_hall][row.from_ticket] = row.comes
    return found


def joined_since(session: Session, halls: Collection[str], since: datetime) -> dict[tuple[str, str], int]:
    """How many have taken numbers who were expected, by the hall and the queue that they were expected in."""
    rows = _JOINED.all(session, of=listed(halls), since=since)
    return {(row.hall, row.queue): row.people for row in rows}


def unforeseen(
    session: Session, foretold_at: Mapping[str, datetime]
) -> dict[tuple[str, str], list[Expected]]:
    """Who has set out since a hall's forecast was made, by hall and queue; one statement for all halls.

    Whoever has come meanwhile is told too: her ticket is as unknown to that forecast as her journey.

    Args:
        foretold_at: when the forecast was made that is at hand, by hall.
    """
    found: defaultdict[tuple[str, str], list[Expected]] = defaultdict(list)
    if foretold_at:
        for row in _SET_OUT.all(session, since=min(foretold_at.values())):
            if row.hall in foretold_at and row.begun_at > foretold_at[row.hall]:
                for each in _expected(row):
                    found[row.hall, each.queue].append(each)
    return dict(found)


def _expected(row: Any) -> Iterator[Expected]:  # noqa: ANN401 - a journey, weighed
    key, at = int(row.id[:15], 16), row.arrives_at.timestamp()
    for nth, stop in enumerate(row.stops):
        yield Expected(key + nth, stop["queue"], at + stop["after_s"], row.spread_s, row.comes)
