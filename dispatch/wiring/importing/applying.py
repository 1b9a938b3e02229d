"""Putting a city that was read into the database: hall by hall, each its own transaction, resumably."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue import editing
from dispatch.foundation import clock
from dispatch.foundation.access import Actor, system
from dispatch.foundation.database import Database
from dispatch.halls import configuring
from dispatch.halls import models as halls
from dispatch.tickets import finding as tickets
from dispatch.wiring.importing.format import City, Hall
from dispatch.wiring.importing.placing import mode_at, queue_for
from dispatch.wiring.importing.problems import CityRefused, Problem

IMPORT = system("import")


@dataclass(frozen=True)
class Applied:
    """What an import did."""

    halls_changed: int
    halls_same: int
    catalogue_changed: bool


def apply(database: Database, city: City) -> Applied:
    """Make the database's city this one. Raises CityRefused, before anything changes, where live tickets forbid it.

    A crash on the way leaves whole halls done; the same import run again goes on from there.
    """
    with database.reading() as session:
        problems = [problem for hall in city.halls for problem in _forbidden(session, hall)]
    if problems:
        raise CityRefused(problems)
    with database.work() as session:
        days = [
            halls.CalendarDay(day=d.date, kind=d.kind, name=d.name, name_en=d.name_en) for d in city.calendar
        ]
        configuring.set_calendar(session, days)
    changed = sum(_apply_hall(database, hall, city.profile.tz) for hall in city.halls)
    with database.work() as session:
        catalogue = _apply_catalogue(session, city, IMPORT)
    return Applied(changed, len(city.halls) - changed, catalogue)


def _apply_hall(database: Database, hall: Hall, tz: str) -> bool:
    with database.work() as session:
        if problems := list(_forbidden(session, hall)):  # somebody drew a ticket since the check
            raise CityRefused(problems)
        return configuring.configure(session, _spec(hall, tz), now=clock.now(session), actor=IMPORT)


def _forbidden(session: Session, hall: Hall) -> list[Problem]:
    """What people who are in this hall right now forbid to change."""
    if session.get(halls.Hall, hall.code) is None:
        return []
    letters = {queue.code: queue.letter for queue in hall.queues}
    windows = {f"{hall.code}-{window.code}" for window in hall.windows}
    live = tickets.live_in(session, hall.code)
    place = f"({hall.code})"
    return [
        Problem("halls.json", f"{place} queues {queue}", f"{count} live tickets wait on it; end them first")
        for (queue, letter), count in live.by_queue.items()
        if letters.get(queue) != letter
    ] + [
        Problem("halls.json", f"{place} windows {window}", "somebody is called to it or served there")
        for window in sorted(live.windows - windows)
    ]


def _spec(hall: Hall, tz: str) -> configuring.HallSpec:
    told = hall.model_dump(mode="json")
    return configuring.HallSpec(
        code=hall.code,
        name=hall.name,
        name_en=hall.name_en,
        level=hall.level,
        kind=hall.kind,
        parent=hall.parent,
        lat=hall.lat,
        lon=hall.lon,
        tz=tz,
        hours=told["hours"],
        kiosks=hall.kiosks,
        details={key: told[key] for key in ("partner_kind", "address", "address_en", "demo_values")},
        queues=[configuring.QueueSpec(**queue) for queue in told["queues"]],
        windows=[configuring.WindowSpec(**window) for window in told["windows"]],
    )


def _apply_catalogue(session: Session, city: City, actor: Actor) -> bool:
    known = set(session.scalars(select(halls.Hall.code)))
    placements = [
        {"hall": hall.code, "item": item.code, "queue": queue, "mode": mode_at(item, hall)}
        for item in city.items
        for hall in city.halls
        if hall.code in known and (queue := queue_for(item, hall))
    ]
    items = [_row(item.model_dump(mode="json"), _ITEM_COLUMNS) for item in city.items]
    bundles = [
        {**_row(bundle.model_dump(mode="json"), _BUNDLE_COLUMNS), "position": bundle.number}
        for bundle in city.bundles
    ]
    return editing.replace(session, items, bundles, placements, now=clock.now(session), actor=actor)


_ITEM_COLUMNS = ("code", "name", "name_en", "department", "department_en", "minutes", "channels")
_BUNDLE_COLUMNS = ("code", "name", "name_en")


def _row(told: dict[str, Any], columns: tuple[str, ...]) -> dict[str, Any]:
    """The columns that are asked for often; the rest goes together into `details`."""
    details = {key: value for key, value in told.items() if key not in columns}
    return {**{key: told[key] for key in columns}, "details": details}
