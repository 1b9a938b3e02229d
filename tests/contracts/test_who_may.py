"""Who may: every call of the API by every role, from every side of the hall it is about.

What is expected is worked out from the table of permissions alone; what happens is asked of the running application.
A route that is new stands here by itself; it needs a line in `BODIES` only if its form has fields that must be there.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.access import HOLDERS, MACHINES, PERMISSIONS
from dispatch.foundation.database import Database
from dispatch.foundation.ids import Keyring
from dispatch.foundation.settings import Settings
from dispatch.halls import finding
from dispatch.halls.devices import pairing
from dispatch.halls.devices.models import AT_A_WINDOW, Device
from dispatch.halls.devices.pairing import About
from dispatch.halls.templates import versioning
from dispatch.people import accounts, citizens
from dispatch.people.models import Account
from dispatch.wiring.app import create_web
from tests import standing_city
from tests.journeys.walkers import set_out
from tests.pages.api.office import PASSWORD, Office
from tests.passwords import QUICK
from tests.standing_city import (
    BUILDER,
    BUNDLE,
    CARD,
    CITY_HALL,
    DISTRICT_HALL,
    MORNING,
    TOWN_HALL,
    Town,
    hall_spec,
)

BELOW, SIBLING, OTHER = "H-331082112201-13", "H-331082113", "H-331002"
PLACES = {
    "own": TOWN_HALL,
    "below": BELOW,
    "above": DISTRICT_HALL,
    "top": CITY_HALL,
    "sibling": SIBLING,
    "other": OTHER,
}
COVERING = ("own", "above", "top")
"""Seen from whoever sits there, the town's hall lies in his scope."""
WINDOW = f"{TOWN_HALL}-1"
TARGET = "target"

# Calls that are about no single hall: to hold the permission anywhere is enough.
ANYWHERE = {
    "GET /accounts",
    "GET /reads",
    "GET /unfound",
    "GET /city",
    "PUT /calendar",
    "PUT /demo/clock",
    "POST /city/import/preview",
    "POST /devices/heartbeat",
    "POST /devices/help",
    "GET /devices/jobs",
    "POST /devices/jobs/{id}/take",
    "POST /devices/jobs/{id}/printed",
    "POST /devices/jobs/{id}/failed",
    "POST /devices/pairings/deny",
    "GET /templates",
    "GET /templates/{code}/versions",
    "GET /templates/{code}/versions/{version}/preview",
}
# Calls about the whole city: the scope must hold all of it.
WHOLE_CITY = {"POST /city/outages", "POST /city/outages/{id}/end"}
# Calls that staff make about themselves.
ABOUT_ONESELF = {
    "POST /halls/{hall}/leave",
    "POST /halls/{hall}/leave/{id}/return",
    "POST /halls/{hall}/leave/{id}/withdraw",
}

# What a form holds where the plainest value that fits its schema would not do.
SPECIMENS: dict[str, Any] = {
    "account": TARGET,
    "hall": TOWN_HALL,
    "item": CARD,
    "items": [CARD],
    "skill": CARD,
    "starts": "2026-12-01T09:00:00+08:00",
    "ends": "2026-12-01T17:00:00+08:00",
    "user_code": "BCDF-GHJK",
    "year": 2027,
    "password": "long enough",
    "otp": "000000",
    "letters": ["D"],
    "code": "NEW",
    "username": "somebody",
}
BODIES: dict[str, dict[str, Any]] = {
    "POST /accounts/{id}/grants": {"permission": "halls.outage"},
    "POST /city/import/preview": {"files": {"city.json": "{}"}},
    "PUT /calendar": {"days": []},
    "POST /halls/{hall}/guide/find": {"number": "D001"},
    "POST /halls/{hall}/guide/tickets": {"items": [{"item": CARD}]},
    "PUT /demo/clock": {"speed": 0},
    "POST /halls/{hall}/duty-days": {
        "office": "办公室", "office_en": "Office", "every": "week", "on": 1, "starts": "09:00", "ends": "11:00",
    },
    "POST /halls/{hall}/policy/preview": {"policy": {}, "day": "2026-11-20"},
    "POST /sessions/current/password": {"password": PASSWORD},
    "POST /sessions": {"username": TARGET, "password": PASSWORD},
    "POST /routes": {"items": [CARD], "lat": 28.77, "lon": 121.49},
    "POST /tickets": {"hall": TOWN_HALL, "queue": "D", "channel": "web"},
    "POST /tickets/{id}/move": {"queue": "A"},
    "POST /tickets/{id}/refer": {"hall": DISTRICT_HALL},
    "POST /windows/{id}/call": {"ticket": "D001"},
    "POST /windows/{id}/call-group": {"count": 2},
}  # fmt: skip


QUERIES = {"GET /tickets/{id}/before": {"number": "D001"}}
TEMPLATE = "TEMPLATE"


@dataclass(frozen=True)
class Caller:
    """Somebody who calls: what he counts as in the table, and where he sits."""

    holder: str
    place: str

    @property
    def name(self) -> str:
        return f"{self.holder} {self.place}"

    @property
    def is_staff(self) -> bool:
        return self.holder in HOLDERS


STAFF = [Caller(holder, place) for holder in HOLDERS for place in PLACES]
DEVICES = [Caller(kind, place) for kind in MACHINES for place in ("own", "sibling")]
NOBODY = Caller("citizen", "own")


def furnish(database: Database, tokens: dict[str, str], keys: Keyring) -> None:
    """The standing city with halls on every side of the town's, and somebody of every kind in each."""
    standing_city.build(database)
    for code in (OTHER, SIBLING, BELOW):
        standing_city.configure(database, hall_spec(code))
    with database.work() as session:
        clock.begin_demo(session, MORNING, speed=0)
        for caller in STAFF:
            role, _, duty = caller.holder.partition(":")
            account = Account(
                id=caller.name.replace(" ", "-").replace(":", "-"),
                username=caller.name,
                password=QUICK.hash(PASSWORD),
                role=role,
                duty=duty or None,
                hall=PLACES[caller.place],
                active=True,
                totp_step=0,
            )
            session.add(account)
            session.flush()
            tokens[caller.name] = accounts.sign_in(session, account, real_now=clock.real_now())
        target = Account(
            id=TARGET,
            username=TARGET,
            password=QUICK.hash(PASSWORD),
            role="clerk",
            hall=TOWN_HALL,
            totp_step=0,
        )
        session.add(target)
        for caller in DEVICES:
            place = finding.hall(session, PLACES[caller.place])
            at = f"{place.code}-1" if caller.holder in AT_A_WINDOW else None
            tokens[caller.name] = pairing.pair(
                session, place, caller.holder, about=About(window=at), now=MORNING
            )
        session.flush()
        tokens["device"] = session.scalars(
            select(Device.id).where(Device.hall == TOWN_HALL, Device.kind == "board")
        ).one()
        told = {"name": "镇", "name_en": "Town", "level": "district", "hall": TOWN_HALL}
        versioning.define(session, code=TEMPLATE, **told, now=MORNING, actor=BUILDER)
    town = Town(database)
    town.open("1")
    with database.work() as session:
        kept = citizens.keep(session, keys, citizens.PersonData("王小明"), now=MORNING)
    tokens["ref"] = kept.ref
    tokens["ticket"] = town.take("D", person=kept).id
    tokens["journey"] = set_out(town).id
    town.called("1")


@contextmanager
def opened(url: str, var: Path) -> Iterator[Callable[[], Office]]:
    tokens: dict[str, str] = {}
    keys = Keyring(var / "keys")
    with standing_city.standing(url, lambda database: furnish(database, tokens, keys)) as standing:
        web = create_web(Settings(var=var, database_url=url, demo=True))
        try:
            yield lambda: Office(web, standing, tokens, keys, Town(standing.restore()))
        finally:
            web.stop()


@pytest.fixture(scope="module")
def opening(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Office]]:
    """The application on SQLite alone, since no database decides who may."""
    var = tmp_path_factory.mktemp("var")
    path = shutil.copyfile(sqlite_template, var / "city.db")
    with opened(f"sqlite:///{path}", var) as office:
        yield office


@dataclass(frozen=True)
class Route:
    """One operation of the document."""

    method: str
    path: str
    operation: dict[str, Any]
    schemas: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def who_may(self) -> str:
        return str(self.operation["x-who-may"])

    @property
    def permission(self) -> str | None:
        return self.operation.get("x-permission")

    def body(self) -> dict[str, Any] | None:
        """The plainest body that fits the form."""
        asked = self.operation.get("requestBody")
        if asked is None:
            return None
        schema = next(iter(asked["content"].values()))["schema"]
        return {**self._plain(schema), **BODIES.get(self.name, {})}

    def _plain(self, schema: dict[str, Any], name: str = "") -> Any:  # noqa: ANN401 - a JSON value
        if name in SPECIMENS:
            return SPECIMENS[name]
        if "$ref" in schema:
            return self._plain(self.schemas[schema["$ref"].rpartition("/")[2]])
        if "enum" in schema:
            return schema["enum"][0]
        if "anyOf" in schema:
            return self._plain(schema["anyOf"][0])
        kind = schema.get("type")
        if kind == "object":
            fields = schema.get("properties", {})
            return {each: self._plain(fields[each], each) for each in schema.get("required", ())}
        if kind == "string":
            return {"date": "2026-12-01"}.get(
                schema.get("format", ""), "x" * max(1, schema.get("minLength", 1))
            )
        return {"integer": schema.get("minimum", 1), "array": [], "boolean": True}.get(str(kind), 1)


def routes(office: Office) -> list[Route]:
    document = office.document()
    return [
        Route(method.upper(), path.removeprefix("/api/v1"), operation, document["components"]["schemas"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method in ("get", "post", "put", "patch", "delete")
    ]


def expected(route: Route, caller: Caller) -> bool:
    """What the table of permissions says."""
    if route.who_may == "anyone":
        return True
    if route.permission is None:
        return route.who_may == "staff" and caller.is_staff
    if caller.holder not in PERMISSIONS[route.permission]:
        return False
    if route.name in WHOLE_CITY:
        return caller.place == "top"
    return route.name in ANYWHERE or caller.place in COVERING


def callers(route: Route) -> list[Caller]:
    """Whoever could be told apart here: of those who may nowhere, one of each kind is enough."""
    holders = PERMISSIONS.get(route.permission or "", ())
    # What a machine may take a ticket for has tests of its own; about itself it asks from where it stands.
    machines = [] if route.name == "POST /tickets" else DEVICES
    if route.name == "GET /devices/{id}":
        machines = [each for each in DEVICES if each.place == "own"]
    told_apart = [
        each for each in [*STAFF, *machines, NOBODY] if each.place == "own" or each.holder in holders
    ]
    return [each for each in told_apart if each.place != "top" or route.name in WHOLE_CITY]


def ask(office: Office, route: Route, caller: Caller) -> tuple[int, bool]:
    """Make the call, with nothing but the caller in its way: the status, and whether he was let pass."""
    places = {
        "hall": TOWN_HALL,
        "code": {"bundles": BUNDLE, "templates": TEMPLATE}.get(route.path.split("/")[1], CARD),
        "queue": "D",
        "zone": "a",
        "day": "2026-12-01",
        "ref": office.tokens["ref"],
        "account": TARGET,
        "skill": CARD,
        "version": "1",
        "grant": "0" * 32,
        "id": "me" if caller in DEVICES and route.name == "GET /devices/{id}" else _id(office, route.path),
    }
    filled = route.path.format_map(places)
    options: dict[str, Any] = {}
    if (body := route.body()) is not None:
        options["json"] = body
    who = None if caller is NOBODY else caller.name
    if route.name in QUERIES:
        options["query_string"] = QUERIES[route.name]
    answer = office.call(route.method, filled, who, **options)
    told = answer.json if answer.status_code >= 400 else None
    return answer.status_code, told is None or told["code"] not in ("not_signed_in", "not_allowed")


def _id(office: Office, path: str) -> str:
    known = {
        "/windows/": WINDOW,
        "/tickets/": office.tokens["ticket"],
        "/journeys/": office.tokens["journey"],
        "/accounts/": TARGET,
        "/devices/{id}": office.tokens["device"],
    }
    return next((ident for start, ident in known.items() if path.startswith(start)), "0" * 32)


def test_every_route_that_is_not_everybodys_has_a_permission(opening: Callable[[], Office]) -> None:
    """Or is about the caller alone, or for the holder of a secret."""
    without = [
        route.name
        for route in routes(opening())
        if route.permission is None and route.who_may not in ("anyone", "staff", "holder")
    ]
    about_oneself = [
        route.name for route in routes(opening()) if route.permission is None and route.who_may == "staff"
    ]
    assert without == []
    assert {name for name in about_oneself if "/current" not in name and "/me" not in name} == ABOUT_ONESELF


def test_the_document_tells_who_may_as_the_table_does(opening: Callable[[], Office]) -> None:
    for route in routes(opening()):
        if route.permission is not None:
            told = route.who_may.removeprefix("holder ").split()
            assert tuple(told) == PERMISSIONS[route.permission], route.name


def test_every_permission_is_asked_for_somewhere() -> None:
    """In a route, or where the source requires it; a name that nobody asks for protects nothing."""
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("dispatch", "hall_display")
        for path in (Path(__file__).parents[2] / folder).rglob("*.py")
        if path.name != "access.py"
    )
    assert [name for name in PERMISSIONS if f'"{name}"' not in source] == []


def test_every_call_by_every_role_from_every_side(
    opening: Callable[[], Office], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that is let pass is kept, so that the city stands for every call as it stood for the first."""
    office, wrong = opening(), []
    monkeypatch.setattr(Session, "commit", lambda session: session.connection().exec_driver_sql("ROLLBACK"))
    for route in routes(office):
        for caller in callers(route):
            status, passed = ask(office, route, caller)
            if passed is not expected(route, caller):
                wrong.append(f"{route.name} by {caller.name}: {status}, {route.permission or route.who_may}")
            if str(status) not in route.operation["responses"]:
                wrong.append(f"{route.name}: {status} is not in the document")
    assert wrong == []
