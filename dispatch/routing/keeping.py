"""An advice kept for as long as somebody may follow it, without anything that says who or where she is."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert
from sqlalchemy.orm import Session

from dispatch.foundation.errors import NotFound
from dispatch.foundation.ids import new_id
from dispatch.foundation.prepared import Prepared
from dispatch.foundation.tables import table_of
from dispatch.routing.advice import Advice, Option
from dispatch.routing.models import Route

FOLLOWED_WITHIN = timedelta(hours=2)
"""So long after she would be done by the last of its options nobody follows an advice any more."""
COARSE_S = 300
_ROUTES = table_of(Route)
_NAMES = [column.name for column in _ROUTES.c]
_KEEP = Prepared(insert(_ROUTES).values({name: bindparam(name) for name in _NAMES}))


def keep(session: Session, advice: Advice, *, placed: bool = True, now: datetime) -> Route:
    """Keep an advice; `placed` tells whether she said from where she sets out."""
    ends = [option.weighed.finish_at for option in advice.options if option.weighed]
    route = Route(
        id=new_id(),
        at=now,
        expires_at=_coarse(max([advice.ask.at, *ends]) + FOLLOWED_WITHIN),
        mode=advice.ask.mode if placed else None,
        items=[asdict(matter.wanted) for matter in advice.matters],
        options=[_told(option) for option in advice.options],
    )
    _KEEP.soon(session, **{name: getattr(route, name) for name in _NAMES})
    return route


def kept(session: Session, ident: str, *, now: datetime) -> Route:
    """The route of this id; NotFound for one that has expired, too."""
    found = session.get(Route, ident)
    if found is None or found.expires_at <= now:
        raise NotFound(what=ident, field="route")
    return found


def ways_of(session: Session, ident: str, *, now: datetime) -> dict[str, float]:
    """How long the ways of a route take at most, by the hall they lead to; none where it is forgotten or they are
    not known."""
    found = session.get(Route, ident)
    if found is None or found.expires_at <= now or found.mode is None:
        return {}
    return {each["hall"]: each["travel_s"] + COARSE_S / 2 for each in found.options if each["hall"]}


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete what has expired."""
    session.execute(delete(Route).where(Route.expires_at <= now))


def _told(option: Option) -> dict[str, Any]:
    told: dict[str, Any] = {"rank": option.rank, "channel": option.channel, "items": list(option.items)}
    if option.weighed is None:
        return {**told, "hall": None, "travel_s": None, "arrive_at": None, "finish_at": None}
    site = option.weighed.candidate.site
    moments = {
        "arrive_at": _coarse(option.weighed.arrive_at),
        "finish_at": _coarse(option.weighed.finish_at),
    }
    zoned = {name: moment.astimezone(site.zone).isoformat() for name, moment in moments.items()}
    travel_s = round(option.weighed.trip.travel_s / COARSE_S) * COARSE_S
    return {**told, "hall": site.code, "travel_s": travel_s, **zoned}


def _coarse(moment: datetime) -> datetime:
    seconds = round(moment.timestamp() / COARSE_S) * COARSE_S
    return datetime.fromtimestamp(seconds, moment.tzinfo)
