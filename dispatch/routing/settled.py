"""What rarely changes, read, and kept in memory until it does: the halls, the calendar, which items each hall takes."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import Text, bindparam, cast, select
from sqlalchemy.orm import Session

from dispatch.catalogue.models import Placement
from dispatch.foundation.revisions import Kept
from dispatch.foundation.tables import table_of
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.routing.atlas import Atlas, Shares
from dispatch.routing.sites import Openings, Site

_HALLS, _PLACED = table_of(Hall), table_of(Placement)
_PLAIN = ("code", "name", "name_en", "level", "kind", "path", "lat", "lon", "tz", "kiosks")
# Hours are read as text: a thousand halls keep a handful of different ones, and each is parsed once.
_SITES = select(
    *(_HALLS.c[name] for name in _PLAIN),
    cast(_HALLS.c.hours, Text).label("hours"),
    cast(_HALLS.c.seasons, Text).label("seasons"),
).order_by(_HALLS.c.path)
_TAKEN = select(_PLACED.c.item, _PLACED.c.queue, _PLACED.c.mode, _PLACED.c.hall).where(
    _PLACED.c.item.in_(bindparam("items", expanding=True))
)


def atlas(session: Session) -> Atlas:
    """Every hall of the city."""
    return _ATLAS.of(session)


def shares(session: Session, among: Atlas, items: Collection[str]) -> Shares:
    """Which halls take which of these items."""
    return among.shares(items, partial(_taken, session))


def openings(session: Session, among: Atlas, at: datetime) -> Openings:
    """When halls open, from the day before this moment on; days of their own are read anew each time."""
    return Openings(at, among.kind_of, halls.day_plans(session, _since(at)))


def ask_openings(session: Session, at: datetime) -> None:
    """Have what `openings` reads asked for together with what is asked next."""
    halls.ask_day_plans(session, _since(at))


def _since(at: datetime) -> date:
    return (at - timedelta(days=2)).date()


def _read(session: Session) -> Atlas:
    rows = session.connection().execute(_SITES).all()
    return Atlas([Site._make(row) for row in rows], halls.kind_of(session))


def _taken(session: Session, items: Collection[str]) -> list[tuple[str, str, str, str]]:
    return [tuple(row) for row in session.connection().execute(_TAKEN, {"items": list(items)})]


_ATLAS = Kept(("halls", "placements"), _read)
