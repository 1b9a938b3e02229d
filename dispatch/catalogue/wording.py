"""The index of a city's catalogue, as each process keeps it."""

from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session

from dispatch.catalogue.models import Bundle, Item, WordGroup
from dispatch.catalogue.own_words.index import Entry, Index
from dispatch.catalogue.own_words.vocabulary import Group, Vocabulary
from dispatch.foundation import log

_REPLACED = "CatalogueReplaced"
_BUILT: WeakKeyDictionary[Engine, tuple[str, Index]] = WeakKeyDictionary()
_BUILDING = Lock()


def index(session: Session) -> Index:
    """The index of the catalogue as it stands: built at the first search after a change, then the same for all.

    One thread builds; meanwhile the others find by the index before, or wait where there is none yet.
    """
    place = session.get_bind()
    engine = place.engine if isinstance(place, Connection) else place
    version = _version(session)
    built = _BUILT.get(engine)
    if built is not None and built[0] == version:
        return built[1]
    if not _BUILDING.acquire(blocking=built is None) and built is not None:
        return built[1]
    try:
        return _renewed(session, engine, version)
    finally:
        _BUILDING.release()


def _renewed(session: Session, engine: Engine, version: str) -> Index:
    built = _BUILT.get(engine)
    if built is None or built[0] != version:
        built = version, _build(session)
        _BUILT[engine] = built
    return built[1]


def _version(session: Session) -> str:
    """The hash of the entry that says when the catalogue last changed."""
    entry = log.LogEntry
    wanted = (
        select(entry.hash)
        .where(entry.hall == log.CITY, entry.kind == _REPLACED)
        .order_by(entry.at.desc(), entry.seq.desc())
        .limit(1)
    )
    return session.scalar(wanted) or ""


def _build(session: Session) -> Index:
    items = session.scalars(select(Item).where(Item.active).order_by(Item.code))
    bundles = session.scalars(select(Bundle).where(Bundle.active).order_by(Bundle.code))
    return index_of(items, bundles, session.scalars(select(WordGroup).order_by(WordGroup.code)))


def index_of(items: Iterable[Item], bundles: Iterable[Bundle], words: Iterable[WordGroup]) -> Index:
    """The index of these rows."""
    groups = [
        Group(row.code, row.role, tuple(row.words))  # type: ignore[arg-type] # the database checks the role
        for row in words
    ]
    return Index([*map(_of_item, items), *map(_of_bundle, bundles)], Vocabulary(groups))


def _of_item(item: Item) -> Entry:
    return Entry(
        "item",
        item.code,
        phrases=(item.name, item.name_en, *item.details.get("aliases", ())),
        questions=tuple(_asked(item.details)),
        papers=tuple(text for paper in item.details["papers"] for text in (paper["name"], paper["name_en"])),
        department=(item.department, item.department_en),
    )


def _of_bundle(bundle: Bundle) -> Entry:
    return Entry(
        "bundle", bundle.code, phrases=(bundle.name, bundle.name_en, *bundle.details.get("aliases", ()))
    )


def _asked(details: dict[str, Any]) -> Iterator[str]:
    for question in details.get("situations", ()):
        yield from (question["question"], question["question_en"])
        for answer in question["answers"]:
            yield from (answer["label"], answer["label_en"])
