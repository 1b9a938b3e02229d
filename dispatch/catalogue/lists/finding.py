"""Reading published lists."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue.lists.models import HallList
from dispatch.catalogue.lists.refusals import NotPublished
from dispatch.foundation.errors import NotFound


def in_force(session: Session, hall: str, kind: str, day: date) -> HallList | None:
    """The list of this kind that holds in a hall on a day: the last version that was to hold by then."""
    wanted = select(HallList).where(HallList.hall == hall, HallList.kind == kind, HallList.since <= day)
    return session.scalars(wanted.order_by(HallList.version.desc()).limit(1)).first()


def on(session: Session, hall: str, kind: str, day: date) -> HallList:
    """The same; NotPublished."""
    found = in_force(session, hall, kind, day)
    if found is None:
        raise NotPublished(day=day.isoformat(), field="date")
    return found


def versions(session: Session, hall: str, kind: str) -> list[HallList]:
    """Every version, the latest first."""
    wanted = select(HallList).where(HallList.hall == hall, HallList.kind == kind)
    return list(session.scalars(wanted.order_by(HallList.version.desc())))


def version(session: Session, hall: str, kind: str, number: int) -> HallList:
    """One version; NotFound."""
    found = session.get(HallList, (hall, kind, number))
    if found is None:
        raise NotFound(what=f"{hall} {kind} {number}", field="version")
    return found
