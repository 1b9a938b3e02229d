"""One hall in a city of its own, served to real browsers: nobody goes there but the test, and its clock is in hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from dispatch.foundation import clock
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.halls import finding
from dispatch.halls.configuring import QueueSpec, WindowSpec
from dispatch.halls.devices import pairing
from dispatch.people.models import Account
from dispatch.tickets import finding as tickets
from dispatch.wiring.app import create_web
from tests import standing_city
from tests.hall_display.place import serving_at
from tests.passwords import QUICK
from tests.patience import PATIENCE_S
from tests.standing_city import DISTRICT_HALL, MORNING, TOWN_HALL, hall_spec, town_spec

PASSWORD = "一个好密码"
PAYMENT = "P"
WINDOWS = {"1": ("general", ["D", "A"]), "2": ("general", ["D"]), "3": ("payment", [PAYMENT])}


@dataclass
class OneHall:
    """The hall behind its address, with the city's clock and machines at hand."""

    url: str
    database: Database
    pad: str
    box: str
    code: str = TOWN_HALL
    other: str = DISTRICT_HALL

    def window(self, name: str) -> str:
        """The id of a window."""
        return f"{self.code}-{name}"

    def take(self, **different: object) -> dict[str, Any]:
        """Somebody takes a number from afar."""
        wanted = {"hall": self.code, "queue": "D", "channel": "web", **different}
        answer = httpx.post(f"{self.url}/api/v1/tickets", json=wanted)
        assert answer.status_code == 201, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def give_up(self, ticket: dict[str, Any]) -> None:
        """The holder cancels her ticket."""
        answer = httpx.post(
            f"{self.url}/api/v1/tickets/{ticket['id']}/cancel",
            json={},
            headers={"Authorization": f"Ticket {ticket['secret']}"},
        )
        assert answer.status_code == 200, answer.text

    @contextmanager
    def staff(self) -> Iterator[httpx.Client]:
        """Somebody who may work every window and see what was said of them, without a browser."""
        with httpx.Client(base_url=f"{self.url}/api/v1", timeout=PATIENCE_S) as client:
            body = {"username": "supervisor", "password": PASSWORD}
            token = client.post("/sessions", json=body).raise_for_status().json()["token"]
            client.headers["Authorization"] = f"Bearer {token}"
            yield client

    def machine(self, token: str) -> httpx.Client:
        """A machine that stands at a window."""
        return httpx.Client(
            base_url=f"{self.url}/api/v1", timeout=PATIENCE_S, headers={"Authorization": f"Bearer {token}"}
        )

    def state(self, ticket: str) -> str:
        """How a ticket stands."""
        with self.database.reading() as session:
            return tickets.ticket(session, ticket).state

    def pass_time(self, **amount: float) -> None:
        """Let city time pass."""
        with self.database.work() as session:
            clock.set_demo(session, to=clock.now(session) + timedelta(**amount))


@contextmanager
def one_hall(url: str, var: Path, *, at: datetime = MORNING, port: int = 0) -> Iterator[OneHall]:
    """The hall open for the day at this moment, in an empty migrated database."""
    database = Database(url)
    pad, box = _furnish(database, at)
    web = create_web(Settings(var=var, database_url=url, demo=True))
    try:
        with serving_at(web.app, web.socketio, port) as address:
            yield OneHall(address, database, pad, box)
    finally:
        web.stop()
        database.dispose()


def _furnish(database: Database, at: datetime) -> tuple[str, str]:
    """Halls, items, people and machines; the tokens of the small screen and the box of keys at window 1."""
    standing_city.build(database, now=at - timedelta(hours=1))
    spec = town_spec()
    queues = [*spec.queues, QueueSpec(PAYMENT, PAYMENT, "缴费取证", "Payment and certificates")]
    windows = [WindowSpec(name, name, name, kind, list(calls)) for name, (kind, calls) in WINDOWS.items()]
    standing_city.configure(database, town_spec(queues=queues, windows=windows), now=at)
    standing_city.configure(database, hall_spec(DISTRICT_HALL), now=at)
    password = QUICK.hash(PASSWORD)
    with database.work() as session:
        clock.begin_demo(session, at, speed=1)
        for name, hall in (("clerk", TOWN_HALL), ("supervisor", DISTRICT_HALL)):
            session.add(Account(id=name, username=name, password=password, role=name, hall=hall, active=True))
        session.flush()
        place = finding.hall(session, TOWN_HALL)
        at_window = pairing.About(window=f"{TOWN_HALL}-1")
        pad, box = (pairing.pair(session, place, kind, now=at, about=at_window) for kind in ("pad", "caller"))
    return pad, box
