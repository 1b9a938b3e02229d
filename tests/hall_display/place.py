"""A hall to try boards on: furnished through the real verbs, with city time in the test's hand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from flask import Flask, Response
from flask_socketio import SocketIO
from jinja2 import FileSystemLoader
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

import hall_display
from dispatch.foundation import clock
from dispatch.foundation.access import Actor
from dispatch.foundation.database import Database
from dispatch.halls import configuring, finding, windows
from dispatch.ports.bus import Bus
from dispatch.tickets import calling, ending, issuing, leases, moving, parking, returning, serving, undoing
from dispatch.tickets import finding as tickets
from dispatch.tickets.models import Ticket
from dispatch.wiring import assets
from dispatch.wiring.app import HEADERS
from dispatch.wiring.listening import hear_all
from hall_display.wire import OnReceipt
from tests.patience import PATIENCE_S

SHARED = Path(__file__).parents[2] / "dispatch" / "pages" / "shared"
ELSEWHERE = "H-9"
MORNING = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)  # 09:30 on a Tuesday, by the hall's clock
ALL_DAY = {"weekly": {day: [["08:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}}
NAMES = (
    ("A", "综合事务", "General affairs"),
    ("B", "公安户籍", "Police and household registration"),
    ("C", "社保医保", "Social and medical insurance"),
    ("D", "不动产登记", "Real estate registration"),
    ("E", "民政残联", "Civil affairs and disability"),
    ("F", "税务", "Tax"),
    ("G", "市场监管", "Market regulation"),
    ("H", "公积金", "Housing fund"),
)


def hall_spec(
    code: str,
    *,
    name: str,
    name_en: str,
    queues: int = 5,
    windows: Sequence[str] = ("1", "3", "5", "6", "8", "12"),
) -> configuring.HallSpec:
    """A town's hall with so many queues, each window calling from all of them."""
    letters = [letter for letter, _, _ in NAMES[:queues]]
    return configuring.HallSpec(
        code=code,
        name=name,
        name_en=name_en,
        level="street",
        kind="hall",
        parent=None,
        lat=28.7,
        lon=121.5,
        tz="Asia/Shanghai",
        hours=dict(ALL_DAY),
        queues=[configuring.QueueSpec(letter, letter, zh, en) for letter, zh, en in NAMES[:queues]],
        windows=[configuring.WindowSpec(each, each, each, "general", list(letters)) for each in windows],
    )


@dataclass
class Place:
    """One hall of a database, and what people do in it, each deed a transaction of its own."""

    database: Database
    code: str = "H-1"
    now: datetime = MORNING
    actor: Actor = field(default_factory=lambda: Actor("staff", "s" * 32, "supervisor", "/"))

    def furnish(
        self, queues: int = 5, name: str = "杜桥镇便民服务中心", name_en: str = "Duqiao Service Centre"
    ) -> None:
        """Make the hall what it should be."""
        spec = hall_spec(self.code, name=name, name_en=name_en, queues=queues)
        for each in (spec, replace(spec, code=ELSEWHERE, queues=(), windows=())):
            with self.database.work() as session:
                configuring.configure(session, each, now=self.now, actor=self.actor)

    def pass_time(self, **amount: float) -> None:
        """Let city time pass for the deeds that follow."""
        self.now += timedelta(**amount)

    def set_clock(self, speed: float = 1.0) -> None:
        """Make the city's clock show this place's time from now on."""
        with self.database.work() as session:
            clock.begin_demo(session, self.now, speed=speed)

    def window(self, name: str, verb: str = "open") -> None:
        """Open, pause or close a window."""
        with self.database.work() as session:
            windows.change(
                session, finding.window(session, self._id(name)), verb, now=self.now, actor=self.actor
            )

    def issue(self, queue: str) -> str:
        """Somebody takes a number; the ticket's id."""
        with self.database.work() as session:
            hall = finding.hall(session, self.code)
            drawn = issuing.issue(session, hall, queue=queue, channel="kiosk", now=self.now, actor=self.actor)
            return drawn.id

    def call(self, window: str) -> str | None:
        """The window calls the next person, done with the one before; the ticket's id."""
        with self.database.work() as session:
            at = finding.window(session, self._id(window))
            called = calling.call_next(session, at, finish=True, now=self.now, actor=self.actor)
            return called.id if called else None

    def call_number(self, queue: str, window: str) -> str:
        """The window calls whoever is first in just this queue, its others left aside."""
        with self.database.work() as session:
            at = finding.window(session, self._id(window))
            session.expunge(at)
            at.queues = [queue]
            called = calling.call_next(session, at, finish=True, now=self.now, actor=self.actor)
            assert called is not None
            return called.id

    def ticket(self, verb: str, ident: str) -> None:
        """Recall, start, finish, miss or cancel a ticket."""
        acts: dict[str, Callable[..., object]] = {
            "recall": serving.recall,
            "start": serving.start,
            "finish": serving.finish,
            "missed": serving.missed,
            "park": parking.park,
            "resume": self._resume,
            "move": partial(moving.move, goal=moving.Goal(queue="B")),
            "send": partial(moving.move, goal=moving.Goal(hall=ELSEWHERE)),
            "reactivate": returning.reactivate,
            "void": partial(ending.void, reason="left"),
            "undo": undoing.undo,
            "cancel": ending.cancel,
        }
        with self.database.work() as session:
            acts[verb](session, tickets.ticket(session, ident), now=self.now, actor=self.actor)

    def lapse(self, window: str) -> None:
        """The window is silent for too long."""
        with self.database.work() as session:
            leases.lapse(session, finding.window(session, self._id(window)), now=self.now, actor=self.actor)

    def hear(self) -> None:
        """What this hall's log says is heard in the other, which does not take anybody."""
        self.set_clock()
        hear_all(self.database)

    def _resume(self, session: Session, ticket: Ticket, *, now: datetime, actor: Actor) -> None:
        window = finding.window(session, str(ticket.window))
        parking.resume(session, ticket, window, now=now, actor=actor)

    def end_day(self) -> None:
        """End whatever is left of the days before."""
        with self.database.work() as session:
            day = (self.now + timedelta(hours=8)).date()
            ending.end_day(session, self.code, day, now=self.now, actor=self.actor)

    def _id(self, name: str) -> str:
        return f"{self.code}-{name}"


@dataclass(frozen=True)
class Boards:
    """The boards' room in an app of its own, with nothing else of the city but what a page of theirs needs."""

    app: Flask
    socketio: SocketIO
    display: hall_display.Display


@contextmanager
def boards(database: Database, bus: Bus, *, on_receipt: OnReceipt | None = None) -> Iterator[Boards]:
    """Boards over this database, under the city's own security headers."""
    app = Flask("boards", static_folder=str(SHARED / "static"), static_url_path="/assets/shared")
    app.jinja_loader = FileSystemLoader(SHARED / "templates")
    app.register_blueprint(assets.blueprint)

    @app.after_request
    def _headers(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    socketio = SocketIO(app, async_mode="threading", async_handlers=False, transports=["websocket"])
    display = hall_display.install(app, socketio, database, bus, on_receipt=on_receipt)
    try:
        yield Boards(app, socketio, display)
    finally:
        display.stop()


class OneCallPerLine(WSGIRequestHandler):
    """Closes a line after its call, so that the end of a socket is the end of the line; says nothing."""

    protocol_version = "HTTP/1.0"

    def log(self, type: str, message: str, *args: object) -> None:
        """Nothing: tests look at answers."""


@contextmanager
def serving_at(app: Flask, socketio: SocketIO, port: int = 0) -> Iterator[str]:
    """The app on a real socket, in a thread; its address."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=OneCallPerLine)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE_S)
