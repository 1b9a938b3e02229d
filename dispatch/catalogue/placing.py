"""Where one hall takes its items: in which of its queues."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue import finding
from dispatch.catalogue.models import Item, Placement
from dispatch.foundation import log
from dispatch.foundation.access import Actor

NEWLY = "handle"
"""What a hall does with an item that it did not take before."""


@dataclass(frozen=True)
class ItemsPlaced(log.Event):
    """The hall takes these items in other queues than before; those without a queue not any more."""

    items: dict[str, str | None]


def queues_by_item(session: Session, hall: str) -> dict[str, str]:
    """Every item that the hall takes, with its queue."""
    return {row.item: row.queue for row in finding.taken_in(session, hall)}


def fitting(session: Session, wanted: Mapping[str, str], queues: Collection[str]) -> dict[str, str]:
    """The placements that can be: of items in use, in queues that stand in the hall."""
    known = set(session.scalars(select(Item.code).where(Item.code.in_(list(wanted)), Item.active)))
    return {item: queue for item, queue in wanted.items() if item in known and queue in queues}


def place(session: Session, hall: str, wanted: Mapping[str, str], *, now: datetime, actor: Actor) -> bool:
    """Make the hall take these items in these queues, and no others; whether anything changed."""
    known = {row.item: row for row in finding.taken_in(session, hall)}
    changed: dict[str, str | None] = {}
    for item, queue in wanted.items():
        row = known.pop(item, None)
        if row is None:
            session.add(Placement(hall=hall, item=item, queue=queue, mode=NEWLY))
        elif row.queue != queue:
            row.queue = queue
        else:
            continue
        changed[item] = queue
    for item, row in known.items():
        session.delete(row)
        changed[item] = None
    session.flush()
    if changed:
        log.announce(session, hall, ItemsPlaced(changed), at=now, actor=actor)
    return bool(changed)
