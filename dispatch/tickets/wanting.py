"""What people want done: items and how often each."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from dispatch.catalogue import finding as catalogue


@dataclass(frozen=True)
class Wanted:
    """An item somebody wants done, and how often."""

    item: str
    count: int = 1


def told(session: Session, items: Sequence[Wanted]) -> list[dict[str, Any]]:
    """The items as a ticket keeps them, each once; NotFound for one that the catalogue does not know."""
    counts: dict[str, int] = {}
    for wanted in items:
        catalogue.item(session, wanted.item)
        counts[wanted.item] = counts.get(wanted.item, 0) + wanted.count
    return [asdict(Wanted(item, count)) for item, count in counts.items()]
