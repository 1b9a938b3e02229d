"""What a hall's lists would say now: what it may do by the placements, what it often does by its volume. Pure but for
reading.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue.models import Item, Placement
from dispatch.catalogue.volumes import summing

Listed = Mapping[str, Any]
"""`{item, mode}`, of what is done often with `count` and `share`."""


@dataclass(frozen=True)
class Often:
    """Often done is what made this share of all that was finished in so many days."""

    days: int
    share: float


@dataclass(frozen=True)
class Drawn:
    """A list as it would be published now, and the days that were counted for it."""

    items: Sequence[Listed]
    counted_from: date | None = None
    counted_to: date | None = None


def draw(session: Session, hall: str, kind: str, today: date, bar: Often) -> Drawn:
    """The list of this kind, `can` or `often`."""
    can = [{"item": item, "mode": mode} for item, mode in _may(session, hall).items()]
    if kind == "can":
        return Drawn(can)
    first, last = today - timedelta(days=bar.days), today - timedelta(days=1)
    volume = summing.of_hall(session, hall, first, last)
    return Drawn(often(can, volume, bar.share), first, last)


def often(can: Sequence[Listed], volume: Mapping[str, int], share: float) -> list[Listed]:
    """The fewest items that make this share of the volume of what the hall may do, the most frequent first."""
    counts = {each["item"]: volume.get(each["item"], 0) for each in can}
    total, reached = sum(counts.values()), 0
    found: list[Listed] = []
    for each in sorted(can, key=lambda each: (-counts[each["item"]], each["item"])):
        count = counts[each["item"]]
        if not count or reached >= share * total:
            break
        reached += count
        found.append({**each, "count": count, "share": round(count / total, 4)})
    return found


def _may(session: Session, hall: str) -> dict[str, str]:
    """What the hall takes of what is in use, and how."""
    rows = session.execute(
        select(Placement.item, Placement.mode)
        .join(Item, Item.code == Placement.item)
        .where(Placement.hall == hall, Item.active)
        .order_by(Item.department, Placement.item)
    )
    return {row.item: row.mode for row in rows}
