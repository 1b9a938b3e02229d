"""Reading halls, queues and windows."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from dispatch.foundation.access import Actor, require
from dispatch.foundation.errors import NotFound
from dispatch.foundation.prepared import ByKey, Prepared, Soon, listed, of_all
from dispatch.foundation.tables import table_of
from dispatch.halls import hours
from dispatch.halls.models import CalendarDay, Hall, HallDay, Queue, Window

_HALL, _QUEUE, _WINDOW = ByKey(Hall), ByKey(Queue), ByKey(Window)


def _live(model: type[Queue | Window]) -> Prepared:
    rows = table_of(model)
    return of_all(
        lambda those: (
            select(rows).where(rows.c.hall.in_(those), rows.c.active).order_by(rows.c.hall, rows.c.position)
        )
    )


_QUEUES_IN, _WINDOWS_IN = _live(Queue), _live(Window)
_DAYS = table_of(HallDay)


def all_halls(session: Session) -> list[Hall]:
    """Every hall of the city, from the top of the tree down."""
    return list(session.scalars(select(Hall).order_by(Hall.path)))


def city_zone(session: Session) -> ZoneInfo | None:
    """By whose clock the city's days begin: that of the hall at the top of its tree; None where there is no hall."""
    tz = session.scalars(select(Hall.tz).order_by(Hall.path).limit(1)).first()
    return None if tz is None else ZoneInfo(tz)


def city_day(session: Session, at: datetime) -> date:
    """The city's date at this moment; where there is no hall, that of UTC."""
    return at.astimezone(city_zone(session) or UTC).date()


def require_city(session: Session, actor: Actor, permission: str, *, field: str | None = None) -> None:
    """Let nobody past who may not do this in the whole city, that is in every hall at the top of its tree."""
    for path in session.scalars(select(Hall.path).where(Hall.parent.is_(None)).order_by(Hall.path)):
        require(actor, permission, path, field=field)


def halls_of(session: Session, codes: Collection[str]) -> list[Hall]:
    """The halls of these codes, in no order; one statement for all."""
    return list(session.scalars(select(Hall).where(Hall.code.in_(codes))))


def hall(session: Session, code: str) -> Hall:
    """The hall of this code; NotFound."""
    found = _HALL.get(session, code)
    if found is None:
        raise NotFound(what=code, field="hall")
    return found


def queues_of(session: Session, hall: str) -> list[Queue]:
    """The hall's live queues, as they stand on its board."""
    wanted = select(Queue).where(Queue.hall == hall, Queue.active)
    return list(session.scalars(wanted.order_by(Queue.position)))


def queues_in(session: Session, halls: Collection[str]) -> dict[str, list[Any]]:
    """The same of each of these halls, rows like `Queue`; one statement for all."""
    return _by_hall(_QUEUES_IN, session, halls)


def queue(session: Session, hall: str, code: str) -> Queue:
    """One live queue of a hall; NotFound."""
    found = _QUEUE.get(session, hall, code)
    if found is None or not found.active:
        raise NotFound(what=f"{hall} {code}", field="queue")
    return found


def hold_in_use(session: Session, line: Queue) -> None:
    """Keep a live queue as it is until this transaction ends; NotFound when it was put out of use meanwhile.

    Whoever writes a ticket into a queue asks this first: a hall being changed waits for him, or he for it.
    """
    if (line.hall, line.code) not in session.info.get("held", ()):
        session.refresh(line, with_for_update={"read": True})
    if not line.active:
        raise NotFound(what=f"{line.hall} {line.code}", field="queue")


def windows_of(session: Session, hall: str) -> list[Window]:
    """The hall's windows, in the order of their numbers."""
    wanted = select(Window).where(Window.hall == hall, Window.active)
    return list(session.scalars(wanted.order_by(Window.position)))


def windows_in(session: Session, halls: Collection[str]) -> dict[str, list[Any]]:
    """The same of each of these halls, rows like `Window`; one statement for all."""
    return _by_hall(_WINDOWS_IN, session, halls)


def _by_hall(wanted: Prepared, session: Session, halls: Collection[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {hall: [] for hall in halls}
    for row in wanted.all(session, of=listed(halls)):
        found[row.hall].append(row)
    return found


def staffed_queues(session: Session, among: Iterable[str]) -> set[tuple[str, str]]:
    """The (hall, queue) of these halls that a window serves just now; a paused one will go on, so it counts.

    A window that has not been heard of for the length of a lease counts no more.
    """
    rows = session.execute(
        select(Window.hall, Window.queues).where(
            Window.hall.in_(list(among)), Window.active, Window.state != "closed", Window.lapsed.is_(False)
        )
    )
    return {(hall, queue) for hall, queues in rows for queue in queues}


def window(session: Session, ident: str) -> Window:
    """One window by its id; NotFound."""
    found = _WINDOW.get(session, ident)
    if found is None or not found.active:
        raise NotFound(what=ident, field="window")
    return found


def window_for(session: Session, actor: Actor, ident: str) -> Window:
    """A window this actor may work; NotAllowed where he may not."""
    found = window(session, ident)
    require(actor, "windows.work", hall(session, found.hall).path, field="window")
    return found


def opening_at(session: Session, place: Hall, at: datetime) -> hours.Opening | None:
    """The opening of this hall that holds the moment, or None while it is closed."""
    return hours.opening_at(*_hours_around(session, place, at))


def service_day(session: Session, place: Hall, at: datetime) -> date:
    """The day whose numbers count at this moment: that of the opening served, else the hall's own date.

    A hall that closed early still serves the day.
    """
    opening = hours.scheduled_at(*_hours_around(session, place, at))
    return opening.day if opening else at.astimezone(ZoneInfo(place.tz)).date()


def next_opening(session: Session, place: Hall, at: datetime) -> hours.Opening | None:
    """When this hall opens next."""
    return hours.next_opening(*_hours_of(session, place, at))


def openings(session: Session, place: Hall, day: date) -> list[hours.Opening]:
    """All openings of a local day, an early close taken off."""
    return hours.openings(place.hours, place.tz, day, kind_of(session), special_of(session, place, day))


def scheduled(session: Session, place: Hall, day: date) -> list[hours.Opening]:
    """All openings of a local day as if nobody had closed early."""
    return hours.scheduled(place.hours, place.tz, day, kind_of(session), special_of(session, place, day))


def hall_day(session: Session, hall: str, day: date) -> HallDay | None:
    """What is particular about a day of a hall."""
    return session.get(HallDay, (hall, day))


def hall_days(session: Session, hall: str, first: date, last: date) -> list[HallDay]:
    """All that is particular about these days of a hall, in order."""
    wanted = select(HallDay).where(HallDay.hall == hall, HallDay.day.between(first, last))
    return list(session.scalars(wanted.order_by(HallDay.day)))


def kind_of(session: Session) -> hours.DayKind:
    """The city's calendar, as a question about a day."""
    days: Mapping[Any, str] | None = session.info.get("calendar")
    if days is None:  # a few dozen rows that don't change within a transaction
        rows = session.execute(select(CalendarDay.day, CalendarDay.kind))
        days = session.info["calendar"] = {row.day: row.kind for row in rows}
    return days.get


def day_plans(session: Session, since: date) -> Mapping[tuple[str, date], hours.DayPlan]:
    """What days of any hall have of their own, by hall and day, from this one on: one statement for all."""
    return _plans(session, since)()


def ask_day_plans(session: Session, since: date) -> None:
    """Have these asked for together with what is asked next."""
    _plans(session, since)


def special_of(session: Session, place: Hall, around: date) -> hours.Special:
    """What makes days of this hall differ from its ordinary week, from the day before `around` on."""
    plans = day_plans(session, around - timedelta(days=1))
    return hours.Special(place.seasons or (), lambda day: plans.get((place.code, day)))


def forget_hours(session: Session) -> None:
    """Read calendar and particular days again when next asked: this transaction has changed them."""
    session.info.pop("calendar", None)
    session.info.pop("hall_days", None)
    session.info.pop("ordinary_days", None)


_PLANS = Prepared(
    select(*(_DAYS.c[name] for name in ("hall", "day", "openings", "closed_from"))).where(
        _DAYS.c.day >= bindparam("since"),
        or_(_DAYS.c.openings.is_not(None), _DAYS.c.closed_from.is_not(None)),
    )
)


def _hours_of(
    session: Session, place: Hall, at: datetime
) -> tuple[dict[str, Any], str, datetime, hours.DayKind, hours.Special]:
    today = at.astimezone(ZoneInfo(place.tz)).date()
    return place.hours, place.tz, at, kind_of(session), special_of(session, place, today)


def _hours_around(
    session: Session, place: Hall, at: datetime
) -> tuple[dict[str, Any], str, datetime, hours.DayKind, hours.Special]:
    """The same for a question about this very day, which mostly is like any other."""
    known: dict[str, tuple[date, date]] = session.info.get("ordinary_days", {})
    if place.code in known:
        first, last = known[place.code]
        if (
            first < at.astimezone(ZoneInfo(place.tz)).date() < last
        ):  # what runs past midnight asks for its neighbours
            return place.hours, place.tz, at, _ordinary, hours.Special(place.seasons or ())
    return _hours_of(session, place, at)


def _ordinary(day: date) -> str | None:
    return None


Plans = Mapping[tuple[str, date], hours.DayPlan]


def _plans(session: Session, since: date) -> Callable[[], Plans]:
    """All halls' particular days at once: a list of halls asks for every one of them."""
    known: tuple[date, Callable[[], Plans]] | None = session.info.get("hall_days")
    if known is None or known[0] > since:
        asked = cache(partial(_read_plans, _PLANS.soon(session, since=since)))
        known = session.info["hall_days"] = since, asked
    return known[1]


def _read_plans(asked: Soon) -> Plans:
    return {(row.hall, row.day): hours.DayPlan(row.openings, row.closed_from) for row in asked.all()}
