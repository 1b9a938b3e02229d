"""Making the catalogue what its description says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from dispatch.catalogue.models import Bundle, Item, Placement, WordGroup
from dispatch.foundation import log, revisions
from dispatch.foundation.access import Actor


@dataclass(frozen=True)
class CatalogueReplaced(log.Event):
    """The city's catalogue is now another; how many of each it holds."""

    items: int
    bundles: int
    placements: int


def replace(
    session: Session,
    items: Sequence[dict[str, Any]],
    bundles: Sequence[dict[str, Any]],
    placements: Sequence[dict[str, Any]],
    words: Sequence[dict[str, Any]] | None = None,
    *,
    now: datetime,
    actor: Actor,
) -> bool:
    """Make the catalogue these rows; whether anything changed. What is missing is put out of use, not deleted.

    Words that nobody gives stay as they are; given, they are these and no others.
    """
    if log.head_of(session, log.CITY) is None:
        log.begin(session, log.CITY, at=now)
    changed = _upsert(session, Item, items) | _upsert(session, Bundle, bundles)
    session.flush()
    changed |= _place(session, placements)
    if words is not None:
        changed |= _say(session, words)
    if changed:
        news = CatalogueReplaced(len(items), len(bundles), len(placements))
        log.announce(session, log.CITY, news, at=now, actor=actor)
    return changed


def _upsert(session: Session, model: type[Item | Bundle], rows: Iterable[dict[str, Any]]) -> bool:
    rows_now: list[Item | Bundle] = list(session.query(model))
    known = {row.code: row for row in rows_now}
    changed = False
    for wanted in rows:
        row = known.pop(wanted["code"], None)
        if row is None:
            session.add(model(**wanted, active=True))
            changed = True
            continue
        for key, value in {**wanted, "active": True}.items():
            if getattr(row, key) != value:
                setattr(row, key, value)
                changed = True
    for left in known.values():
        changed |= left.active
        left.active = False
    return changed


def _say(session: Session, words: Sequence[dict[str, Any]]) -> bool:
    known = {row.code: (row.role, row.words) for row in session.query(WordGroup)}
    wanted = {row["code"]: (row["role"], list(row["words"])) for row in words}
    if known == wanted:
        return False
    revisions.changed(session, "catalogue")
    session.execute(delete(WordGroup))
    if words:
        session.execute(insert(WordGroup), [{**row, "words": list(row["words"])} for row in words])
    return True


def _place(session: Session, placements: Sequence[dict[str, Any]]) -> bool:
    table = Placement.__table__
    known = {
        tuple(row) for row in session.execute(select(table.c.hall, table.c.item, table.c.queue, table.c.mode))
    }
    wanted = {(row["hall"], row["item"], row["queue"], row["mode"]) for row in placements}
    if known == wanted:
        return False
    revisions.changed(session, "placements")
    session.execute(delete(Placement))
    if placements:
        session.execute(insert(Placement), list(placements))
    return True
