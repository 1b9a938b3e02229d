"""How a journey ends: she stands in line, gives it up, is served elsewhere, or is not seen in time. Each ends once."""

from datetime import datetime

from sqlalchemy import bindparam, literal_column, select, update
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor
from dispatch.foundation.log import Event, announce
from dispatch.foundation.prepared import Prepared
from dispatch.foundation.tables import UtcTime, table_of
from dispatch.journeys.life import LIFE
from dispatch.journeys.models import Journey
from dispatch.journeys.news import JourneyCancelled, JourneyExpired, JourneyJoined, JourneyServed

_JOURNEYS = table_of(Journey)
# SQLite uses the partial indices only where the state stands in the statement itself.
_IS_UNDER_WAY = _JOURNEYS.c.state == literal_column("'under_way'")
_END = Prepared(
    update(_JOURNEYS)
    .where(_JOURNEYS.c.id == bindparam("of"), _IS_UNDER_WAY)
    .values(
        state=bindparam("to_state"),
        ended_at=bindparam("at", type_=UtcTime),
        ticket=bindparam("took", type_=_JOURNEYS.c.ticket.type),
    )
    .returning(_JOURNEYS.c.id)
)
_EXPIRE = Prepared(
    update(_JOURNEYS)
    .where(
        _JOURNEYS.c.hall == bindparam("of"), _JOURNEYS.c.until < bindparam("at", type_=UtcTime), _IS_UNDER_WAY
    )
    .values(state="expired", ended_at=bindparam("at", type_=UtcTime))
    .returning(_JOURNEYS.c.id, _JOURNEYS.c.queue)
)
_DUE = (
    select(_JOURNEYS.c.hall)
    .where(_IS_UNDER_WAY, _JOURNEYS.c.until < bindparam("at", type_=UtcTime))
    .distinct()
)


def join(session: Session, journey: Journey, ticket: str, *, now: datetime, actor: Actor) -> bool:
    """She has taken this ticket where she was expected; whether she still counted as under way."""
    news = JourneyJoined(journey.id, journey.queue, ticket)
    return _end(session, journey, "join", news, ticket=ticket, now=now, actor=actor)


def cancel(session: Session, journey: Journey, *, now: datetime, actor: Actor) -> None:
    """She will not come; said again, nothing changes. WrongState where it ended otherwise."""
    if give_up(session, journey, now=now, actor=actor):
        return
    session.refresh(journey)
    if journey.state != "cancelled":
        LIFE.target("cancel", journey.state)


def give_up(session: Session, journey: Journey, *, now: datetime, actor: Actor) -> bool:
    """The same, and nothing where it has ended already; whether she still counted as under way."""
    news = JourneyCancelled(journey.id, journey.queue)
    return _end(session, journey, "cancel", news, now=now, actor=actor)


def serve(session: Session, journey: Journey, *, now: datetime, actor: Actor) -> bool:
    """She was served where she had kept her place; whether she still counted as under way."""
    return _end(session, journey, "serve", JourneyServed(journey.id, journey.queue), now=now, actor=actor)


def overdue(session: Session, now: datetime) -> list[str]:
    """The halls to which somebody is under way who was not seen in time; one statement for a city."""
    return sorted(session.scalars(_DUE, {"at": now}))


def expire(session: Session, hall: str, *, now: datetime, actor: Actor) -> int:
    """End all that are overdue in one hall; how many."""
    gone = sorted(_EXPIRE.all(session, of=hall, at=now))
    for journey, queue in gone:
        announce(session, hall, JourneyExpired(journey, queue), at=now, actor=actor)
    return len(gone)


def _end(
    session: Session,
    journey: Journey,
    verb: str,
    news: Event,
    *,
    ticket: str | None = None,
    now: datetime,
    actor: Actor,
) -> bool:
    """Write the end and tell it, if nobody has before."""
    target = LIFE[verb].target
    if _END.first(session, of=journey.id, to_state=target, at=now, took=ticket) is None:
        return False
    announce(session, journey.hall, news, at=now, actor=actor)
    return True
