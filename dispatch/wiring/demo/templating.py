"""The demo's templates: the city's, which every hall inherits, a district's between them, and one version to come."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.access import system
from dispatch.foundation.database import Database
from dispatch.halls import finding
from dispatch.halls.templates import inheriting, versioning
from dispatch.halls.templates.models import Template
from dispatch.tickets import rearranging
from dispatch.wiring.templating import take_effect

MAKER = system("demo")
CITY, DISTRICT = "T-331000", "T-331082"
CITY_HALL, DISTRICT_HALL, TOWN_HALL = "H-331000", "H-331082", "H-331082112"
TIME_ZONE = "Asia/Shanghai"
COMES_IN = timedelta(days=14)

NOW = {
    "policy": {"law_min": 480, "care_min": 60, "target_min": 15},
    "notices": [{"text": "办事请带身份证原件", "text_en": "Please bring your original ID card"}],
}
LOCKED = ("policy.care_min", "policy.law_min")
IN_THE_DISTRICT = {"policy": {"target_min": 20}}
IN_THE_TOWN = {"policy.returned_behind": 2}
TO_COME = {
    "policy": {"law_min": 480, "care_min": 60, "target_min": 12, "booked_grace_min": 10},
    "notices": [{"text": "身份证可以出示电子证照", "text_en": "An electronic ID card will do"}],
}


def furnish_templates(database: Database, day: date) -> None:
    """Make the templates and let every hall inherit; in a city that has them nothing changes."""
    with database.reading() as session:
        if any(row.code == CITY for row in versioning.all_templates(session)):
            return
        halls = [(hall.code, hall.path) for hall in finding.all_halls(session)]
    with database.work() as session:
        city = _define(session, CITY, "台州市统一模板", "Taizhou city template", "city", CITY_HALL)
        _plan(session, city, NOW, LOCKED)
        _plan(session, city, TO_COME, LOCKED, at=_comes(day))
    with database.work() as session:
        district = _define(
            session, DISTRICT, "临海市模板", "Linhai template", "district", DISTRICT_HALL, parent=CITY
        )
        _plan(session, district, IN_THE_DISTRICT)
    take_effect(database)
    for code, path in halls:
        with database.work() as session:
            inherits = DISTRICT if f"/{DISTRICT_HALL}/" in path else CITY
            _inherit(session, code, versioning.template(session, inherits))


def _inherit(session: Session, code: str, of: Template) -> None:
    now, place = clock.now(session), finding.hall(session, code)
    inheriting.assign(session, place, of, now=now, actor=MAKER)
    if code == TOWN_HALL:
        inheriting.override(session, place, IN_THE_TOWN, now=now, actor=MAKER)
    rearranging.take_over(session, code, now=now, actor=MAKER)


def _define(
    session: Session, code: str, name: str, name_en: str, level: str, hall: str, *, parent: str | None = None
) -> Template:
    told = {"code": code, "name": name, "name_en": name_en, "level": level, "hall": hall, "parent": parent}
    return versioning.define(session, **told, now=clock.now(session), actor=MAKER)  # type: ignore[arg-type]


def _plan(
    session: Session,
    of: Template,
    body: dict[str, Any],
    locked: tuple[str, ...] = (),
    *,
    at: datetime | None = None,
) -> None:
    now = clock.now(session)
    row = versioning.draft(session, of, body, locked, now=now, actor=MAKER)
    versioning.plan(session, row, at, now=now, actor=MAKER)


def _comes(day: date) -> datetime:
    return datetime.combine(day + COMES_IN, time(0), ZoneInfo(TIME_ZONE))
