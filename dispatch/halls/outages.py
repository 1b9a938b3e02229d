"""Outages: queues, items, a whole hall or the whole city that cannot be worked for a while.

No numbers are given out for them, and whoever waits keeps her place and is not called: places freeze. Several may
overlap; what any of them holds stays frozen. One of the whole city holds at once everywhere; each hall's log tells
of it in a transaction of its own, soon after.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, or_, select
from sqlalchemy.orm import Session

from dispatch.foundation import log
from dispatch.foundation.access import Actor
from dispatch.foundation.errors import BadInput, NotFound
from dispatch.foundation.ids import new_id
from dispatch.foundation.prepared import listed, of_all
from dispatch.halls import finding
from dispatch.halls.models import Hall, Outage
from dispatch.halls.news import CityOutageBegan, CityOutageEnded, OutageBegan, OutageEnded

_OUTAGES = Outage.__table__
assert isinstance(_OUTAGES, Table)
_LIVE = (
    select(_OUTAGES)
    .where(or_(_OUTAGES.c.hall == bindparam("of"), _OUTAGES.c.hall.is_(None)), _OUTAGES.c.ended_at.is_(None))
    .order_by(_OUTAGES.c.began_at, _OUTAGES.c.id)
)
_LIVE_IN = of_all(
    lambda those: (
        select(_OUTAGES)
        .where(or_(_OUTAGES.c.hall.in_(those), _OUTAGES.c.hall.is_(None)), _OUTAGES.c.ended_at.is_(None))
        .order_by(_OUTAGES.c.began_at, _OUTAGES.c.id)
    )
)


@dataclass(frozen=True)
class Frozen:
    """What is not called and not given numbers for, in one hall at one moment."""

    queues: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    whole: bool = False

    def holds(self, queue: str, items: Collection[str] = ()) -> bool:
        """Whether somebody in this queue, with these items, keeps her place and waits."""
        return self.whole or queue in self.queues or not self.items.isdisjoint(items)

    def __bool__(self) -> bool:
        """Whether anything is frozen at all."""
        return self.whole or bool(self.queues) or bool(self.items)


NOTHING_FROZEN = Frozen()


@dataclass(frozen=True)
class Scope:
    """What an outage is about: queues, items, or everything."""

    queues: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Why:
    """The reason of an outage, and a note as people are told it."""

    reason: str
    note: str | None = None
    note_en: str | None = None


def frozen(session: Session, hall: str, now: datetime) -> Frozen:
    """What is frozen in a hall now; asked of the database once in a transaction."""
    live = holding(session, hall, now)
    if not live:
        return NOTHING_FROZEN
    return Frozen(
        frozenset(queue for each in live for queue in each.queues),
        frozenset(item for each in live for item in each.items),
        any(each.whole for each in live),
    )


def holding(session: Session, hall: str, now: datetime) -> list[Any]:
    """The outages that hold in a hall now, the city's own too, the oldest first; rows like `Outage`."""
    known: dict[str, list[Any]] = session.info.setdefault("outages", {})
    if hall not in known:
        known[hall] = list(session.connection().execute(_LIVE, {"of": hall}))
    lasting = [each for each in known[hall] if each.until is None or each.until > now]
    in_force = {each.id for each in lasting}
    return [each for each in lasting if each.city is None or each.city in in_force]


def fetch(session: Session, halls: Collection[str]) -> None:
    """Have the outages of these halls at hand, for `holding`: one statement for all."""
    rows = _LIVE_IN.all(session, of=listed(halls))
    known: dict[str, list[Any]] = session.info.setdefault("outages", {})
    for hall in halls:
        known[hall] = [row for row in rows if row.hall in (hall, None)]


def shown(session: Session, hall: str, now: datetime) -> list[Any]:
    """The same for people: the city's own only until the hall has a row for it."""
    live = holding(session, hall, now)
    told = {each.city for each in live}
    return [each for each in live if each.id not in told]


def hitting(session: Session, hall: str, queue: str, items: Collection[str], now: datetime) -> Any | None:  # noqa: ANN401
    """The first outage that stands against this queue or these items; None when nothing does."""
    for each in holding(session, hall, now):
        if each.whole or queue in each.queues or not set(items).isdisjoint(each.items):
            return each
    return None


def of_hall(session: Session, hall: str, *, over_too: bool = False, limit: int = 50) -> list[Outage]:
    """The hall's outages, the latest first; those that are over only where wanted."""
    wanted = select(Outage).where(Outage.hall == hall)
    if not over_too:
        wanted = wanted.where(Outage.ended_at.is_(None))
    return list(session.scalars(wanted.order_by(Outage.began_at.desc(), Outage.id).limit(limit)))


def of_city(session: Session, *, over_too: bool = False) -> list[Outage]:
    """The whole city's outages, the latest first."""
    wanted = select(Outage).where(Outage.hall.is_(None))
    if not over_too:
        wanted = wanted.where(Outage.ended_at.is_(None))
    return list(session.scalars(wanted.order_by(Outage.began_at.desc(), Outage.id).limit(50)))


def outage(session: Session, ident: str, hall: str | None) -> Outage:
    """An outage of this hall, or of the city; NotFound."""
    found = session.get(Outage, ident)
    if found is None or found.hall != hall:
        raise NotFound(what=ident, field="outage")
    return found


def begin(
    session: Session,
    place: Hall,
    scope: Scope,
    why: Why,
    *,
    until: datetime | None = None,
    now: datetime,
    actor: Actor,
) -> Outage:
    """These cannot be worked from now on. The very same said twice is one outage. Raises BadInput, NotFound."""
    _refuse_empty(scope, until, now)
    for code in scope.queues:
        finding.queue(session, place.code, code)
    session.refresh(place, with_for_update=True)  # of two who press at once the second finds it begun
    same = _same(of_hall(session, place.code), scope, why, until)
    if same is not None:
        return same
    row = _write(session, place.code, None, scope, why, until, now)
    log.announce(session, place.code, _began(row), at=now, actor=actor)
    return row


def begin_city(
    session: Session,
    scope: Scope,
    why: Why,
    *,
    until: datetime | None = None,
    now: datetime,
    actor: Actor,
) -> Outage:
    """These items, or nothing at all, can be worked anywhere from now on."""
    _refuse_empty(scope, until, now)
    if scope.queues:
        raise BadInput(reason="queues", field="queues")
    if log.head_of(session, log.CITY) is None:
        log.begin(session, log.CITY, at=now)
    same = _same(of_city(session), scope, why, until)
    if same is not None:
        return same
    row = _write(session, None, None, scope, why, until, now)
    news = CityOutageBegan(row.id, row.whole, row.items, row.reason, _iso(until))
    log.announce(session, log.CITY, news, at=now, actor=actor)
    return row


def end(session: Session, row: Outage, *, run_out: bool = False, now: datetime, actor: Actor) -> None:
    """It can be worked again; done once, however often it is said."""
    session.refresh(row, with_for_update=True)
    if row.ended_at is not None:
        return
    row.ended_at = now
    session.flush()
    session.info.pop("outages", None)
    if row.hall is None:
        log.announce(session, log.CITY, CityOutageEnded(row.id, run_out), at=now, actor=actor)
    else:
        log.announce(session, row.hall, OutageEnded(row.id, run_out), at=now, actor=actor)


def run_out(session: Session, hall: str | None, now: datetime) -> list[Outage]:
    """Outages of a hall, or of the city, whose time is up."""
    wanted = select(Outage).where(
        Outage.hall.is_not_distinct_from(hall), Outage.ended_at.is_(None), Outage.until <= now
    )
    return list(session.scalars(wanted.order_by(Outage.id)))


def untold(session: Session, hall: str) -> tuple[list[Outage], list[Outage]]:
    """Of the city's outages: those this hall's log has not yet told of, and this hall's rows of those now over."""
    here = {row.city: row for row in session.scalars(select(Outage).where(Outage.hall == hall)) if row.city}
    live = {row.id: row for row in of_city(session)}
    begun = [row for ident, row in live.items() if ident not in here]
    over = [row for city, row in here.items() if city not in live and row.ended_at is None]
    return begun, over


def to_tell(session: Session, halls: Collection[str], now: datetime) -> list[str]:
    """Which of these halls `tell` has something to say in: asked of the database at once, however many they are."""
    live = select(Outage.id).where(Outage.hall.is_(None), Outage.ended_at.is_(None))
    city = set(session.scalars(live))
    rows = session.execute(
        select(Outage.hall, Outage.city, Outage.ended_at, Outage.until).where(
            Outage.hall.is_not(None), or_(Outage.ended_at.is_(None), Outage.city.in_(live))
        )
    ).all()
    told = {(row.hall, row.city) for row in rows}
    due = {hall for hall in halls for each in city if (hall, each) not in told}
    for row in rows:
        if row.ended_at is None and (row.city not in {None, *city} or (row.until and row.until <= now)):
            due.add(row.hall)
    return [hall for hall in halls if hall in due]


def tell(session: Session, place: Hall, *, now: datetime, actor: Actor) -> None:
    """Bring the hall's log up to the city's outages, and end what has run out; told twice, nothing more is said."""
    session.refresh(place, with_for_update=True)
    begun, over = untold(session, place.code)
    for city in begun:
        scope = Scope(items=tuple(city.items), whole=city.whole)
        why = Why(city.reason, city.note, city.note_en)
        row = _write(session, place.code, city.id, scope, why, city.until, now)
        log.announce(session, place.code, _began(row), at=now, actor=actor)
    for row in over:
        end(session, row, now=now, actor=actor)
    for row in run_out(session, place.code, now):
        end(session, row, run_out=True, now=now, actor=actor)


def _refuse_empty(scope: Scope, until: datetime | None, now: datetime) -> None:
    if sum(map(bool, (scope.queues, scope.items, scope.whole))) != 1:
        raise BadInput(reason="queues | items | all", field="queues")
    if until is not None and until <= now:
        raise BadInput(reason=until.isoformat(), field="until")


def _same(live: Sequence[Outage], scope: Scope, why: Why, until: datetime | None) -> Outage | None:
    for row in live:
        said = Scope(tuple(row.queues), tuple(row.items), row.whole), row.reason, row.until
        if said == (scope, why.reason, until):
            return row
    return None


def _write(
    session: Session,
    hall: str | None,
    city: str | None,
    scope: Scope,
    why: Why,
    until: datetime | None,
    now: datetime,
) -> Outage:
    row = Outage(
        id=new_id(),
        hall=hall,
        city=city,
        whole=scope.whole,
        queues=list(scope.queues),
        items=list(scope.items),
        reason=why.reason,
        note=why.note,
        note_en=why.note_en,
        began_at=now,
        until=until,
    )
    session.add(row)
    session.flush()
    session.info.pop("outages", None)
    return row


def _began(row: Outage) -> OutageBegan:
    return OutageBegan(row.id, row.city, row.whole, row.queues, row.items, row.reason, _iso(row.until))


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
