"""Searches that found nothing likely, for whoever keeps the catalogue's words.

Nobody is counted, only words are, and of them only what no filler says. What a single person may have typed (a name,
an address) is never written down: until it was asked often enough and on more than one day there is only a keyed
digest of it. Long runs of digits (phones, documents) are struck out before anything else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dispatch.catalogue import wording
from dispatch.catalogue.models import Item, Unfound

UNSURE = 0.5
"""A best score below this counts as nothing found: see docs/finding.md."""
ENOUGH_TIMES, ENOUGH_DAYS = 3, 2
KEPT_DAYS = 90
MOST_A_DAY = 2000
"""Different searches: a flood of nonsense fills no database."""
LONGEST = 40
_NUMBERS = re.compile(r"\d{4,}|\b(?=\w*\d\w*\d\w*\d)[a-z\d]{6,}\b", re.ASCII)


@dataclass(frozen=True)
class Wanted:
    """What was searched for in vain, how often, on how many days, and last on which."""

    words: str
    count: int
    days: int
    last: date


def is_unfound(found: Sequence[tuple[Item, float]]) -> bool:
    """Whether a search gave nothing that is likely meant."""
    return not found or found[0][1] < UNSURE


def core(session: Session, words: str) -> str:
    """What is counted of a search; empty where it says nothing."""
    said = wording.index(session).core(words)
    return " ".join(_NUMBERS.sub(" ", said).split())[:LONGEST].strip()


def note(session: Session, words: str, key: str, *, day: date) -> None:
    """Count a search by its core and the keyed digest of that; the words are kept once enough have asked."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    added = insert(Unfound).values(key=key, day=day, count=1)
    is_known = session.get(Unfound, (key, day)) is not None
    if not is_known and _different(session, day) >= MOST_A_DAY:
        return
    counted = {"count": Unfound.count + 1}
    session.execute(added.on_conflict_do_update(index_elements=["key", "day"], set_=counted))
    times, days = session.execute(
        select(func.sum(Unfound.count), func.count()).where(Unfound.key == key)
    ).one()
    if times >= ENOUGH_TIMES and days >= ENOUGH_DAYS:
        session.execute(update(Unfound).where(Unfound.key == key).values(words=words))


def listed(session: Session, since: date, limit: int) -> list[Wanted]:
    """What was searched for in vain since a day, the most wanted first."""
    count = func.sum(Unfound.count)
    rows = session.execute(
        select(Unfound.words, count, func.count(), func.max(Unfound.day))
        .where(Unfound.day >= since, Unfound.words.is_not(None))
        .group_by(Unfound.words)
        .order_by(count.desc(), Unfound.words)
        .limit(limit)
    )
    return [Wanted(words or "", times, days, last) for words, times, days, last in rows]


def forget_old(session: Session, *, day: date) -> None:
    """Delete what is no longer kept."""
    session.execute(delete(Unfound).where(Unfound.day < day - timedelta(days=KEPT_DAYS)))


def _different(session: Session, day: date) -> int:
    return session.scalar(select(func.count()).where(Unfound.day == day)) or 0
