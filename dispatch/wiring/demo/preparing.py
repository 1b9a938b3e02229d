"""Making the demo city ready for another morning."""

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from dispatch.foundation import clock, identity
from dispatch.foundation.access import Duty, Role
from dispatch.foundation.database import Database
from dispatch.foundation.ids import Keyring
from dispatch.foundation.log import LogHead
from dispatch.foundation.settings import Settings
from dispatch.halls import finding as halls
from dispatch.people import accounts, otp
from dispatch.people.models import FailedSignIn, SignIn
from dispatch.wiring import migrating
from dispatch.wiring.demo import machines
from dispatch.wiring.demo.staffing import know_everything, staff_town
from dispatch.wiring.demo.templating import furnish_templates
from dispatch.wiring.importing.applying import apply
from dispatch.wiring.importing.reading import read_city
from dispatch.wiring.keeping_hours import end_service_days

CITY = Path(__file__).parents[2] / "demo" / "city"
TIME_ZONE = "Asia/Shanghai"
CITY_HALL, DISTRICT_HALL, TOWN_HALL = "H-331000", "H-331082", "H-331082112"
QUIET_HALLS = ("H-331081", "H-331082113", "H-331082114")
"""No simulated people go there: whoever wants to try things undisturbed does so in these. The first is large."""

PLAY_FROM, OPEN_AT = time(8, 30), time(9, 30)
STAFF: tuple[tuple[str, Role, str], ...] = (
    ("supervisor", "supervisor", CITY_HALL),
    ("administrator", "administrator", CITY_HALL),
    ("security", "administrator", CITY_HALL),
    ("auditor", "auditor", CITY_HALL),
    ("clerk", "clerk", QUIET_HALLS[0]),
    ("clerk-duqiao", "clerk", TOWN_HALL),
    ("guide", "guide", TOWN_HALL),
    ("street", "street", TOWN_HALL),
    ("district", "supervisor", DISTRICT_HALL),
)
DUTY_OF: dict[str, Duty] = {"administrator": "system", "security": "security"}


@dataclass(frozen=True)
class Morning:
    """What the demo begins with."""

    play_from: datetime
    open_at: datetime
    demo: dict[str, Any]

    @property
    def seed(self) -> int:
        """The day's own chance: the same people come whenever this day is played."""
        return self.open_at.toordinal()


def prepare(settings: Settings, database: Database, url: str) -> Morning:
    """Bring the demo city to the morning after its last entry, with fresh passwords in `demo.json`."""
    migrating.upgrade(settings.database)
    identity.take_keys(database, settings.var / "keys")
    with database.work() as session:
        clock.begin_demo(session, _last_entry(session), speed=0)
    apply(database, read_city(CITY))
    with database.work() as session:
        day = _next_working_day(session)
        starts, opens = (datetime.combine(day, at, ZoneInfo(TIME_ZONE)) for at in (PLAY_FROM, OPEN_AT))
        clock.set_demo(session, to=starts)
        machines.place_windows(session)
    end_service_days(database)
    with database.work() as session:
        demo: dict[str, Any] = {
            "url": url,
            "database_url": settings.database,
            "city_now": opens.isoformat(),
            "quiet_halls": list(QUIET_HALLS),
            "logins": _staff(session, Keyring(settings.var / "keys")),
            **machines.pair_all(session, real_now=clock.real_now()),
        }
    furnish_templates(database, day)
    know_everything(database, demo["logins"])
    demo["logins"] += staff_town(database, day)
    path = settings.var / "demo.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(demo, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return Morning(starts, opens, demo)


def _last_entry(session: Session) -> datetime:
    """When anything happened last; in a city without history, late yesterday."""
    last: datetime | None = session.scalar(select(func.max(LogHead.at)))
    if last is not None:
        return last
    today = clock.real_now().astimezone(ZoneInfo(TIME_ZONE)).date()
    return datetime.combine(today - timedelta(days=1), time(23), ZoneInfo(TIME_ZONE))


def _next_working_day(session: Session) -> date:
    """The first day after the last entry on which the city hall opens in the morning."""
    place = halls.hall(session, CITY_HALL)
    day = _last_entry(session).astimezone(ZoneInfo(TIME_ZONE)).date() + timedelta(days=1)
    while not any(opening.start.time() <= OPEN_AT for opening in halls.openings(session, place, day)):
        day += timedelta(days=1)
    return day


def _staff(session: Session, keys: Keyring) -> list[dict[str, str]]:
    """The demo's accounts with new passwords; the three administrators with the secret of their second factor."""
    for model in (SignIn, FailedSignIn):
        session.execute(delete(model))
    logins = []
    for username, role, hall in STAFF:
        password, duty = secrets.token_urlsafe(9), DUTY_OF.get(username)
        account = accounts.appoint(session, username, password, role, halls.hall(session, hall), duty=duty)
        login = {"username": username, "password": password, "role": role, "hall": hall}
        if duty:
            login["duty"] = duty
        if otp.needed(account):
            login["totp_secret"] = otp.begin(session, keys, account)
            account.enrolled_at = clock.real_now()
        logins.append(login)
    return logins
