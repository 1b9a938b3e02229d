"""Putting a city that was read into the database: hall by hall, each its own transaction, resumably."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.catalogue import editing, placing
from dispatch.foundation import clock
from dispatch.foundation.access import Actor, system
from dispatch.foundation.database import Database
from dispatch.halls import configuring
from dispatch.halls import models as halls
from dispatch.halls.templates import inheriting
from dispatch.halls.templates.inheriting import Fitted
from dispatch.halls.zones import Voice, ZoneSpec
from dispatch.staffing import skills
from dispatch.tickets import rearranging
from dispatch.tickets.refusals import PeopleInTheWay
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
        problems = [problem for hall in city.halls for problem in _forbidden(session, city, hall)]
    if problems:
        raise CityRefused(problems)
    with database.work() as session:
        configuring.set_calendar(session, calendar_of(city))
    changed = sum(_apply_hall(database, city, hall) for hall in city.halls)
    with database.work() as session:
        catalogue = _apply_catalogue(session, city, IMPORT)
    return Applied(changed, len(city.halls) - changed, catalogue)


def fitted(session: Session, city: City, hall: Hall) -> Fitted:
    """The hall as the files describe it, with its templates laid over."""
    return inheriting.fit(
        session, hall.code, placements_in(city, hall), imported=_spec(hall, city.profile.tz)
    )


def placements_in(city: City, hall: Hall) -> dict[str, str]:
    """In which queue of the hall each item is taken, as the files have it."""
    return {item.code: queue for item in city.items if (queue := queue_for(item, hall))}


def calendar_of(city: City) -> list[halls.CalendarDay]:
    """The files' calendar as rows."""
    return [
        halls.CalendarDay(day=day.date, kind=day.kind, name=day.name, name_en=day.name_en)
        for day in city.calendar
    ]


def item_rows(city: City) -> list[dict[str, Any]]:
    """The files' items as rows."""
    return [_row(item.model_dump(mode="json"), _ITEM_COLUMNS) for item in city.items]


def bundle_rows(city: City) -> list[dict[str, Any]]:
    """The files' bundles as rows."""
    return [
        {**_row(bundle.model_dump(mode="json"), _BUNDLE_COLUMNS), "position": bundle.number}
        for bundle in city.bundles
    ]


def _apply_hall(database: Database, city: City, hall: Hall) -> bool:
    with database.work() as session:
        now, wanted = clock.now(session), fitted(session, city, hall)
        try:
            changed = rearranging.rearrange(session, wanted.spec, now=now, actor=IMPORT)
        except PeopleInTheWay as refusal:  # somebody drew a ticket since the check
            raise CityRefused(_problems(hall.code, refusal.data["held"])) from refusal
        inheriting.settle(session, hall.code, wanted, now=now, actor=IMPORT)
        return changed


def _forbidden(session: Session, city: City, hall: Hall) -> list[Problem]:
    """What people who are in this hall right now forbid to change."""
    if session.get(halls.Hall, hall.code) is None:
        return []
    held = rearranging.held_by(session, hall.code, fitted(session, city, hall).spec)
    return _problems(hall.code, [asdict(each) for each in held])


def _problems(hall: str, held: Sequence[Mapping[str, Any]]) -> list[Problem]:
    place = f"({hall})"
    return [
        Problem(
            "halls.json", f"{place} windows {hall}-{each['code']}", "somebody is called to it or served there"
        )
        if each["part"] == "window"
        else Problem(
            "halls.json",
            f"{place} queues {each['code']}",
            f"{len(each['numbers'])} live tickets wait on it; end them first",
        )
        for each in held
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
        zones=[ZoneSpec(**{**zone, "voice": Voice(**zone["voice"])}) for zone in told["zones"]],
    )


def _apply_catalogue(session: Session, city: City, actor: Actor) -> bool:
    known = set(session.scalars(select(halls.Hall.code)))
    placements = [row for hall in city.halls if hall.code in known for row in _placed(session, city, hall)]
    now = clock.now(session)
    words = None if city.words is None else [group.model_dump(mode="json") for group in city.words]
    changed = editing.replace(
        session, item_rows(city), bundle_rows(city), placements, words, now=now, actor=actor
    )
    kinds = [skill.model_dump() for skill in city.profile.skills]
    needs = [(item.code, item.skill.code, item.skill.grade) for item in city.items if item.skill]
    return skills.replace(session, kinds, needs, now=now, actor=actor) or changed


def _placed(session: Session, city: City, hall: Hall) -> list[dict[str, Any]]:
    """Where the hall takes which items; a template may say otherwise than the files, of items that there are."""
    wanted = fitted(session, city, hall)
    queues = {queue.code for queue in wanted.spec.queues}
    return [
        {"hall": hall.code, "item": item.code, "queue": queue, "mode": mode_at(item, hall) or placing.NEWLY}
        for item in city.items
        if (queue := wanted.placements.get(item.code)) in queues
    ]


_ITEM_COLUMNS = ("code", "name", "name_en", "department", "department_en", "minutes", "channels")
_BUNDLE_COLUMNS = ("code", "name", "name_en")


def _row(told: dict[str, Any], columns: tuple[str, ...]) -> dict[str, Any]:
    """The columns that are asked for often; the rest goes together into `details`."""
    details = {key: value for key, value in told.items() if key not in columns}
    return {**{key: told[key] for key in columns}, "details": details}
