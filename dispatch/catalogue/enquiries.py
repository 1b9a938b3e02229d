"""Questions asked about items and bundles: counted one by one, never who asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dispatch.catalogue import finding
from dispatch.catalogue.models import Enquiry
from dispatch.foundation.access import Actor
from dispatch.foundation.ids import new_id
from dispatch.foundation.log import Event, announce


@dataclass(frozen=True)
class EnquiryNoted(Event):
    """Somebody asked about an item, a bundle, or (neither) something else."""

    item: str | None
    bundle: str | None
    asked_by: str


@dataclass(frozen=True)
class Asked:
    """How often something was asked about on a day."""

    item: str | None
    bundle: str | None
    kind: str
    count: int


def note(
    session: Session,
    hall: str,
    *,
    item: str | None = None,
    bundle: str | None = None,
    kind: str,
    day: date,
    now: datetime,
    actor: Actor,
) -> Enquiry:
    """Count a question about an item or a bundle, or about neither. NotFound for an unknown one."""
    if item is not None:
        finding.item(session, item)
    if bundle is not None:
        finding.bundle(session, bundle)
    asked = Enquiry(
        id=new_id(), hall=hall, item=item, bundle=bundle, kind=kind, day=day, at=now, actor=actor.name
    )
    session.add(asked)
    announce(session, hall, EnquiryNoted(item, bundle, kind), at=now, actor=actor)
    return asked


def counted(session: Session, hall: str, day: date) -> Sequence[Asked]:
    """What was asked in a hall on a day, the most asked first."""
    many = func.count()
    rows = session.execute(
        select(Enquiry.item, Enquiry.bundle, Enquiry.kind, many)
        .where(Enquiry.hall == hall, Enquiry.day == day)
        .group_by(Enquiry.item, Enquiry.bundle, Enquiry.kind)
        .order_by(many.desc(), Enquiry.item, Enquiry.bundle, Enquiry.kind)
    )
    return [Asked(*row) for row in rows]
