"""A small city in-process, and what `make run` would tell of it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from dispatch.demo import CITY
from dispatch.foundation import clock
from dispatch.foundation.access import Duty, Role
from dispatch.foundation.settings import Settings
from dispatch.halls import finding
from dispatch.halls.devices import pairing
from dispatch.people import accounts, otp
from dispatch.wiring.app import Web, create_web
from dispatch.wiring.importing.applying import apply
from dispatch.wiring.importing.reading import read_city

OPENS = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
"""08:30 of a Monday in Taizhou."""
LIVELY = {"H-331082112", "H-331082001", "H-331082001001-01"}
PASSWORD = "not-a-secret"
ROLES: tuple[Role, ...] = ("supervisor", "administrator")


@dataclass(frozen=True)
class DemoCity:
    """The demo city as a running program, its clock and its demo file."""

    web: Web
    client: httpx.Client
    demo: dict[str, Any]


@pytest.fixture(scope="session")
def furnished(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of a furnished demo city, and its demo file; all halls but three are quiet."""
    var = tmp_path_factory.mktemp("furnished")
    shutil.copyfile(sqlite_template, var / "city.db")
    web = create_web(Settings(var=var, demo=True))
    try:
        return var, furnish(web)
    finally:
        web.stop()


@pytest.fixture
def demo_city(furnished: tuple[Path, dict[str, Any]], tmp_path: Path) -> Iterator[DemoCity]:
    """The demo city on SQLite, running in-process."""
    with running(*furnished, tmp_path / "one") as city:
        yield city


@pytest.fixture
def second_city(furnished: tuple[Path, dict[str, Any]], tmp_path: Path) -> Iterator[DemoCity]:
    """Another one just like it."""
    with running(*furnished, tmp_path / "two") as city:
        yield city


@contextmanager
def running(furnished: Path, demo: dict[str, Any], var: Path) -> Iterator[DemoCity]:
    """A copy of the furnished city, running in-process."""
    shutil.copytree(furnished, var)
    web = create_web(Settings(var=var, demo=True))
    with web.database.work() as session:
        clock.begin_demo(session, OPENS)
    with httpx.Client(transport=httpx.WSGITransport(app=web.app), base_url="http://city") as client:
        yield DemoCity(web, client, demo)
    web.stop()


def furnish(web: Web) -> dict[str, Any]:
    """Halls, logins and kiosks; what the demo file says of them."""
    apply(web.database, read_city(CITY))
    with web.database.work() as session:
        clock.begin_demo(session, OPENS)
        root = finding.hall(session, "H-331000")
        logins = []
        for role in ROLES:
            duty: Duty | None = "system" if role == "administrator" else None
            account = accounts.create(session, role, PASSWORD, role, root, duty=duty)
            login = {"username": role, "password": PASSWORD, "role": role, "hall": "H-331000"}
            if otp.needed(account):
                login["totp_secret"] = otp.begin(session, web.app.extensions["tongban"].keys, account)
                account.enrolled_at = clock.real_now()
            logins.append(login)
        halls = finding.all_halls(session)
        tokens = {hall.code: pairing.pair(session, hall, "kiosk", now=OPENS) for hall in halls if hall.kiosks}
        quiet = [hall.code for hall in halls if hall.code not in LIVELY]
    return {"url": "http://city", "quiet_halls": quiet, "device_tokens": tokens, "logins": logins}
