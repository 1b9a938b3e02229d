"""The standing city behind its API: one web application, callers of every kind, and a check that a refusal
left nothing behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from dispatch.foundation import clock
from dispatch.foundation.access import ROLES, Role
from dispatch.foundation.database import Database
from dispatch.foundation.idempotency import KeptAnswer
from dispatch.foundation.ids import Keyring
from dispatch.foundation.log import LogHead
from dispatch.foundation.settings import Settings
from dispatch.halls import finding
from dispatch.halls.devices import pairing
from dispatch.pages.shared.calls import BROWSER_COOKIE, SESSION_COOKIE
from dispatch.people import accounts
from dispatch.people.models import Account, Person, SignIn
from dispatch.tickets.models import Ticket
from dispatch.wiring.app import Web, create_web
from tests import standing_city
from tests.passwords import QUICK
from tests.standing_city import CITY_HALL, DISTRICT_HALL, MORNING, TOWN_HALL, Standing, Town, hall_spec

OTHER_HALL = "H-331002"
PASSWORD = "一个好密码"
KEY = "Zk3vQ9xW1bR7tY5uPa2s"
DEVICES = {"kiosk": TOWN_HALL, "board": TOWN_HALL, "other kiosk": OTHER_HALL}
STAFF: dict[str, tuple[Role, str]] = {
    **{role: (role, TOWN_HALL) for role in ROLES},
    "supervisor": ("supervisor", DISTRICT_HALL),
    "administrator": ("administrator", CITY_HALL),
    "other clerk": ("clerk", OTHER_HALL),
    "other supervisor": ("supervisor", OTHER_HALL),
    "city clerk": ("clerk", CITY_HALL),
}


def furnish(database: Database, tokens: dict[str, str]) -> None:
    """The standing city, a hall beside it, staff and machines, and a clock that stands at half past nine."""
    standing_city.build(database)
    standing_city.configure(database, hall_spec(OTHER_HALL))
    with database.work() as session:
        clock.begin_demo(session, MORNING, speed=0)
        password = QUICK.hash(PASSWORD)
        for name, (role, hall) in STAFF.items():
            place = finding.hall(session, hall)
            account = Account(
                id=name.replace(" ", "-"),
                username=name,
                password=password,
                role=role,
                duty="system" if role == "administrator" else None,
                hall=hall,
                active=True,
            )
            session.add(account)
            session.flush()
            tokens[name] = accounts.sign_in(session, account, real_now=clock.real_now())
        for name, hall in DEVICES.items():
            place = finding.hall(session, hall)
            tokens[name] = pairing.pair(session, place, name.split()[-1], now=MORNING)


@dataclass
class Office:
    """The API with callers at hand."""

    web: Web
    standing: Standing
    tokens: dict[str, str]
    keys: Keyring
    town: Town

    def call(
        self,
        method: str,
        path: str,
        who: str | None = None,
        *,
        key: str | None = None,
        secret: str | None = None,
        headers: dict[str, str] | None = None,
        **options: Any,  # noqa: ANN401 - what werkzeug's client takes
    ) -> TestResponse:
        """One call by a caller: staff or a device by name, a holder by secret, else anybody."""
        sent = dict(headers or {})
        if who is not None:
            sent["Authorization"] = f"Bearer {self.tokens.get(who, who)}"
        if secret is not None:
            sent["Authorization"] = f"Ticket {secret}"
        if key is not None:
            sent["Idempotency-Key"] = key
        response = self.client().open(f"/api/v1{path}", method=method, headers=sent, **options)
        check_problem(response)
        return response

    def get(self, path: str, who: str | None = None, **options: Any) -> TestResponse:  # noqa: ANN401
        """A GET."""
        return self.call("GET", path, who, **options)

    def post(self, path: str, who: str | None = None, json: object = None, **options: Any) -> TestResponse:  # noqa: ANN401
        """A POST, with a JSON body if one is given."""
        if json is not None:
            options["json"] = json
        return self.call("POST", path, who, **options)

    def client(self) -> FlaskClient:
        """A caller without any cookies."""
        return self.web.app.test_client()

    def browser(self, name: str | None = None) -> tuple[FlaskClient, str]:
        """A browser signed in as somebody by cookie, and its form token."""
        client = self.client()
        client.set_cookie(BROWSER_COOKIE, "a-browser-of-ours")
        if name is not None:
            client.set_cookie(SESSION_COOKIE, self.tokens[name])
        return client, self.keys.secret_of("form", "a-browser-of-ours")

    def issue(self, **different: object) -> dict[str, Any]:
        """A ticket, as its holder was told it."""
        wanted = {"hall": TOWN_HALL, "queue": "D", "channel": "web", **different}
        response = self.post("/tickets", json=wanted)
        assert response.status_code == 201, response.text
        return told(response)

    def called(self) -> dict[str, Any]:
        """A ticket called to window 1."""
        ticket = self.issue()
        self.post(f"/windows/{TOWN_HALL}-1/open", "clerk")
        answer = self.post(f"/windows/{TOWN_HALL}-1/call-next", "clerk")
        assert answer.json is not None
        assert answer.json["id"] == ticket["id"]
        return {**ticket, **answer.json}

    def document(self) -> dict[str, Any]:
        """The served OpenAPI document."""
        return told(self.get("/openapi.json"))

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """What happens within leaves no trace."""
        before = self.trace()
        yield
        assert self.trace() == before

    def trace(self) -> object:
        """Every log's head, and how many rows a half-done call could have left."""
        with self.standing.database.reading() as session:
            heads = session.execute(select(LogHead.hall, LogHead.seq, LogHead.hash).order_by(LogHead.hall))
            tickets = session.execute(select(Ticket.id, Ticket.state, Ticket.calls).order_by(Ticket.id))
            counts = [
                session.scalar(select(func.count()).select_from(t)) for t in (Person, KeptAnswer, SignIn)
            ]
            return [tuple(row) for row in heads], [tuple(row) for row in tickets], counts


def check_problem(response: TestResponse) -> None:
    """Every refusal is a problem with a stable code; nothing is ever a server's error."""
    assert response.status_code < 500, response.text
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    if response.status_code < 400:
        return
    assert response.mimetype == "application/problem+json", response.text
    told = response.json
    assert told is not None
    assert told["status"] == response.status_code
    assert told["title"]
    assert told["detail"]
    assert "%(" not in told["detail"]
    assert told["code"].replace("_", "").isalnum()
    for error in told.get("errors", ()):
        assert set(error) == {"field", "message"}


def told(response: TestResponse) -> dict[str, Any]:
    """What an answer says."""
    said = response.json
    assert isinstance(said, dict), response.text
    return said


def fields(response: TestResponse) -> list[str]:
    """The inputs that a refusal names."""
    assert response.json is not None
    return [error["field"] for error in response.json.get("errors", ())]


def code(response: TestResponse) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert response.json is not None
    return response.status_code, response.json["code"]


@contextmanager
def office(url: str, var: Path) -> Iterator[Callable[[], Office]]:
    """Opens the office; each call of what it yields finds the city as it was furnished."""
    tokens: dict[str, str] = {}
    with standing_city.standing(url, lambda database: furnish(database, tokens)) as standing:
        web = create_web(Settings(var=var, database_url=url, demo=True))
        try:
            yield lambda: Office(web, standing, tokens, Keyring(var / "keys"), Town(standing.restore()))
        finally:
            web.stop()
