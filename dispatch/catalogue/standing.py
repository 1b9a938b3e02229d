"""Items and bundles as they stand, kept in memory: for whoever needs many of them many times a second."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue.models import Bundle, Item
from dispatch.foundation.revisions import Kept
from dispatch.foundation.tables import table_of

_ITEMS, _BUNDLES = table_of(Item), table_of(Bundle)
_LIVE_ITEMS = select(_ITEMS).where(_ITEMS.c.active).order_by(_ITEMS.c.code)
_LIVE_BUNDLES = select(_BUNDLES).where(_BUNDLES.c.active).order_by(_BUNDLES.c.position)


@dataclass(frozen=True)
class Standing:
    """Live items by code, and live bundles in the order of the national list: rows of no session, to be read only."""

    items: Mapping[str, Item]
    bundles: Sequence[Bundle]


def standing(session: Session) -> Standing:
    """The catalogue as it stands."""
    return _KEPT.of(session)


def _read(session: Session) -> Standing:
    connection = session.connection()
    items = [Item(**row._mapping) for row in connection.execute(_LIVE_ITEMS)]
    bundles = [Bundle(**row._mapping) for row in connection.execute(_LIVE_BUNDLES)]
    return Standing({item.code: item for item in items}, bundles)


_KEPT = Kept(("catalogue",), _read)
