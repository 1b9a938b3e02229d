"""What the city forgets by itself: persons whose business is long over, and records past their time."""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from dispatch.catalogue import unfound
from dispatch.catalogue.volumes import taking as volumes
from dispatch.foundation import clock, log
from dispatch.foundation.access import Actor, system
from dispatch.foundation.database import Database
from dispatch.people import retention
from dispatch.people.models import Person
from dispatch.people.news import PersonsForgotten
from dispatch.routing import keeping as routes
from dispatch.tickets import previews
from dispatch.tickets.life import LIVE
from dispatch.tickets.models import Ticket
from dispatch.waits import announcing

BATCH = 500


def forget_old(database: Database) -> None:
    """Delete whatever is kept no longer, persons in batches so that nobody waits for it. A job of the clock."""
    with database.work() as session:
        retention.forget_old(session, now=clock.now(session), real_now=clock.real_now())
        previews.forget_old(session, real_now=clock.real_now())
        announcing.forget_old(session, now=clock.now(session))
        unfound.forget_old(session, day=clock.now(session).date())
        routes.forget_old(session, now=clock.now(session))
        volumes.forget_old(session, today=clock.now(session).date())
    done = BATCH
    while done == BATCH:
        with database.work() as session:
            now = clock.now(session)
            done = forget_persons(session, now=now, actor=system("forget_old"))


def forget_persons(session: Session, *, now: datetime, actor: Actor, limit: int = BATCH) -> int:
    """Delete up to `limit` persons without a live ticket or one of the last days; how many."""
    since = now - timedelta(days=retention.PERSONS_DAYS)
    hers = (Ticket.person == Person.ref) & (Ticket.state.in_(LIVE) | (Ticket.service_day >= since.date()))
    over = (
        select(Person.ref).where(Person.at < since, ~exists().where(hers)).order_by(Person.ref).limit(limit)
    )
    refs = list(session.scalars(over))
    if refs:
        session.execute(delete(Person).where(Person.ref.in_(refs)))
        log.announce(session, log.CITY, PersonsForgotten(len(refs)), at=now, actor=actor)
    return len(refs)
