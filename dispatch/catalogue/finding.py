"""Reading the catalogue."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue import wording
from dispatch.catalogue.models import Bundle, Item, Placement
from dispatch.catalogue.own_words.index import Suggestion
from dispatch.foundation.errors import NotFound


def item(session: Session, code: str) -> Item:
    """The item of this code; NotFound."""
    found = session.get(Item, code)
    if found is None or not found.active:
        raise NotFound(what=code, field="item")
    return found


def items(session: Session) -> list[Item]:
    """All live items, by code."""
    return list(session.scalars(select(Item).where(Item.active).order_by(Item.code)))


def items_ever(session: Session, codes: Collection[str]) -> list[Item]:
    """Items of these codes, those out of use too: an old ticket still says what it was for."""
    return list(session.scalars(select(Item).where(Item.code.in_(codes))))


def search(session: Session, words: str, limit: int) -> list[tuple[Item, float]]:
    """Items that these words may mean, the likeliest first, each with a score from 0 to 1."""
    hits = wording.index(session).search(words)[:limit]
    rows = items_ever(session, [hit.code for hit in hits])
    by_code = {found.code: found for found in rows if found.active}
    return [(by_code[hit.code], hit.score) for hit in hits if hit.code in by_code]


def search_bundles(session: Session, words: str, limit: int) -> list[tuple[Bundle, float]]:
    """Bundles that these words may mean, the likeliest first, each with a score from 0 to 1."""
    hits = wording.index(session).search(words, "bundle")[:limit]
    wanted = select(Bundle).where(Bundle.code.in_([hit.code for hit in hits]), Bundle.active)
    by_code = {found.code: found for found in session.scalars(wanted)}
    return [(by_code[hit.code], hit.score) for hit in hits if hit.code in by_code]


def bundles_with(session: Session, items: Collection[str]) -> list[Bundle]:
    """Live bundles that have one of these items as a member, in the order of the national list."""
    return [
        found
        for found in bundles(session)
        if any(member["item"] in items for member in found.details["members"])
    ]


def suggestions(session: Session, typed: str, limit: int) -> list[Suggestion]:
    """What somebody may be about to type, while she types: names and aliases that go on so, then likely items."""
    return wording.index(session).suggest(typed, limit)


def taken_at(session: Session, hall: str, code: str) -> Placement | None:
    """How this hall takes the item, if it does."""
    return session.get(Placement, (hall, code))


def placements(session: Session, code: str) -> list[Placement]:
    """Every hall that takes the item."""
    wanted = select(Placement).where(Placement.item == code)
    return list(session.scalars(wanted.order_by(Placement.hall)))


def placements_of(session: Session, codes: Collection[str]) -> list[Placement]:
    """Every hall that takes any of these items."""
    wanted = select(Placement).where(Placement.item.in_(codes))
    return list(session.scalars(wanted.order_by(Placement.hall, Placement.item)))


def taken_in(session: Session, hall: str) -> list[Placement]:
    """Everything this hall takes."""
    wanted = select(Placement).where(Placement.hall == hall)
    return list(session.scalars(wanted.order_by(Placement.item)))


def bundles(session: Session) -> list[Bundle]:
    """Live bundles, in the order of the national list."""
    return list(session.scalars(select(Bundle).where(Bundle.active).order_by(Bundle.position)))


def bundle(session: Session, code: str) -> Bundle:
    """The bundle of this code; NotFound."""
    found = session.get(Bundle, code)
    if found is None or not found.active:
        raise NotFound(what=code, field="bundle")
    return found
