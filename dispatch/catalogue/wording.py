"""The index of a city's catalogue, as each process keeps it."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock, Thread
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from dispatch.catalogue.models import Bundle, Item, WordGroup
from dispatch.catalogue.own_words.index import Entry, Index
from dispatch.catalogue.own_words.vocabulary import Group, Vocabulary
from dispatch.catalogue.standing import standing
from dispatch.foundation import revisions
from dispatch.foundation.tables import table_of

logger = logging.getLogger(__name__)
_WORDS = table_of(WordGroup)
_ALL_WORDS = select(_WORDS.c.code, _WORDS.c.role, _WORDS.c.words).order_by(_WORDS.c.code)
_BUILT: WeakKeyDictionary[Engine, tuple[str, Index]] = WeakKeyDictionary()
_BUILDING = Lock()


def index(session: Session) -> Index:
    """The index of the catalogue as it stands, or for some seconds after a change as it stood.

    To build one takes a second. The first is waited for; later ones are built beside, while others still find by the
    one before.
    """
    if revisions.has_changed(session, "catalogue"):
        return index_of(*_rows(session))
    engine, version = revisions.engine_of(session), revisions.mark(session, "catalogue")
    built = _BUILT.get(engine)
    if built is None:
        with _BUILDING:
            if engine not in _BUILT:
                _BUILT[engine] = version, index_of(*_rows(session))
        return _BUILT[engine][1]
    if built[0] != version:
        rows = _rows(session)
        if _BUILDING.acquire(blocking=False):
            Thread(target=_build_beside, args=(engine, version, rows), daemon=True).start()
    return built[1]


Rows = tuple[Sequence[Item], Sequence[Bundle], Sequence[WordGroup]]


def _rows(session: Session) -> Rows:
    now = standing(session)
    words = [WordGroup(**row._mapping) for row in session.connection().execute(_ALL_WORDS)]
    return list(now.items.values()), sorted(now.bundles, key=lambda bundle: bundle.code), words


def _build_beside(engine: Engine, version: str, rows: Rows) -> None:
    try:
        _BUILT[engine] = version, index_of(*rows)
    except Exception:
        logger.exception("the index of the catalogue cannot be built; searches go by the one before")
    finally:
        _BUILDING.release()


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
        sayings=tuple(item.details.get("sayings", ())),
        questions=tuple(_asked(item.details)),
        papers=tuple(text for paper in item.details["papers"] for text in (paper["name"], paper["name_en"])),
        department=(item.department, item.department_en),
    )


def _of_bundle(bundle: Bundle) -> Entry:
    return Entry(
        "bundle",
        bundle.code,
        phrases=(bundle.name, bundle.name_en, *bundle.details.get("aliases", ())),
        sayings=tuple(bundle.details.get("sayings", ())),
    )


def _asked(details: dict[str, Any]) -> Iterator[str]:
    for question in details.get("situations", ()):
        yield from (question["question"], question["question_en"])
        for answer in question["answers"]:
            yield from (answer["label"], answer["label_en"])
