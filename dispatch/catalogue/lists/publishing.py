"""Publishing a list: a person makes what is so now a version that holds from a day on."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue.lists import finding
from dispatch.catalogue.lists.differing import difference
from dispatch.catalogue.lists.drawing import Drawn
from dispatch.catalogue.lists.models import HallList
from dispatch.catalogue.lists.refusals import NothingNew, SinceThePast
from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.halls.models import Hall


@dataclass(frozen=True)
class ListPublished(log.Event):
    """From that day on these are the items of the hall's list."""

    kind_of_list: str
    version: int
    since: str
    items: list[str]


def publish(
    session: Session,
    hall: str,
    kind: str,
    drawn: Drawn,
    *,
    since: date,
    today: date,
    now: datetime,
    actor: Actor,
) -> HallList:
    """Make this the hall's list from that day on. SinceThePast, NothingNew."""
    if since < today:
        raise SinceThePast(today=today.isoformat(), field="since")
    # One after the other; whoever takes a ticket here does not wait for it.
    session.execute(select(Hall.code).where(Hall.code == hall).with_for_update(key_share=True))
    last = next(iter(finding.versions(session, hall, kind)), None)
    if last is not None and last.since <= since and not difference(last.items, drawn.items):
        raise NothingNew
    row = HallList(
        hall=hall,
        kind=kind,
        version=last.version + 1 if last else 1,
        since=since,
        items=[dict(each) for each in drawn.items],
        counted_from=drawn.counted_from,
        counted_to=drawn.counted_to,
        published_at=now,
        published_by=actor.name,
    )
    session.add(row)
    session.flush()
    news = ListPublished(kind, row.version, since.isoformat(), [each["item"] for each in row.items])
    log.announce(session, hall, news, at=now, actor=actor)
    return row
