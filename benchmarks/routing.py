"""A route through a thousand halls, against a call that reads the same body and does nothing, in one application.

Both by the clock, which a busy machine and the database's own work slow down, and by the processor time of the core
process. The halls lie on a grid of a city's size and all take the item; each has a forecast of a whole day. Also told:
how many statements a route sends in a thousand halls, and in ten.
"""

import gc
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Response, jsonify, request
from flask.testing import FlaskClient
from sqlalchemy import event, insert, text

from benchmarks.rows import Row
from benchmarks.standing_halls import ALWAYS, QUEUE
from dispatch.catalogue.models import Item, Placement
from dispatch.foundation.clock import real_now
from dispatch.foundation.database import Database
from dispatch.foundation.settings import Settings
from dispatch.halls.models import Hall, Queue, Window
from dispatch.pages.api.routing_shapes import NewRoute
from dispatch.waits.models import HallForecast
from dispatch.wiring.app import create_core
from tests import servers

LARGE, SMALL = 1000, 10
AT_ONCE = 20
MOST_TIMES = 50.0
ITEM = "BENCH-ITEM"
SOUTH, WEST, WIDE = 28.2, 120.6, 1.0
PLACES = [(28.3 + 0.09 * n, 120.7 + 0.08 * n) for n in range(10)]
THING: dict[str, Any] = {
    "name": "测速事项",
    "name_en": "Bench item",
    "department": "测速局",
    "department_en": "Bench Bureau",
    "minutes": 10,
    "channels": {"app": True, "web": True, "kiosk": True, "counter": True},
    "details": {"situations": [], "papers": [], "presence": "none", "territory": "any"},
}


def measure(rounds: int) -> Sequence[Mapping[str, object]]:
    """Both in turns, then the statements of one route each."""
    with servers.postgres(durable=True) as server, TemporaryDirectory() as var:
        databases = servers.Databases(server)
        databases.make_template()
        with (
            _application(databases, LARGE, Path(var)) as (client, statements),
            _application(databases, SMALL, Path(var)) as (small, few),
        ):
            ours, nothing, ours_in_few = _route(client), _nothing(client), _route(small)
            _rate(ours), _rate(nothing), ours_in_few(0)  # not measured: caches and connections
            gc.collect()
            gc.freeze()  # as a core process does once it is put together
            rates = [(_rate(ours), _rate(nothing)) for _ in range(rounds)]
            rows = [
                Row.of(
                    f"a route in {LARGE} halls / a call that does nothing, by the {clock}",
                    [mine[n] for mine, _ in rates],
                    [reference[n] for _, reference in rates],
                    goal=f"≥ {1 / MOST_TIMES} (a route costs ≤ {MOST_TIMES:.0f} ×)",
                )
                for n, clock in enumerate(("clock", "core process's processor"))
            ]
            counts = {LARGE: _count(ours, statements), SMALL: _count(ours_in_few, few)}
    return [
        *(row.told() for row in rows),
        *({"name": f"statements of a route in {halls} halls", "n": n} for halls, n in counts.items()),
    ]


@contextmanager
def _application(
    databases: servers.Databases, halls: int, var: Path
) -> Iterator[tuple[FlaskClient, list[str]]]:
    """The role's own application with a call that does nothing beside; what it says to the database is noted."""
    with databases.fresh() as url:
        database = Database(url)
        _build(database, halls)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))  # as PostgreSQL itself has done in a city that lives
        database.dispose()
        web = create_core(Settings(database_url=url, var=var))
        statements: list[str] = []
        event.listen(
            web.database.engine,
            "before_cursor_execute",
            lambda *said: statements.append(str(said[2])),
        )
        web.app.add_url_rule("/reference/noop", view_func=_noop, methods=["POST"])
        try:
            yield web.app.test_client(), statements
        finally:
            web.stop()


def _noop() -> Response:
    """Take the same body, and do nothing."""
    body = NewRoute.model_validate(request.get_json())
    return jsonify({"lat": body.lat, "lon": body.lon})


def _build(database: Database, count: int) -> None:
    """The halls on a grid over the city, each with a window that is open, the item, and the day's forecast."""
    now, side = real_now(), math.ceil(math.sqrt(count))
    moments = [round((now + timedelta(minutes=15 * n)).timestamp()) for n in range(32)]
    halls: list[dict[str, Any]] = []
    forecasts: list[dict[str, Any]] = []
    for n in range(count):
        code, (row, column) = f"H-{n:04d}", divmod(n, side)
        halls.append({
            "code": code, "name": f"测速厅{n}", "name_en": f"Bench hall {n}", "level": "district", "kind": "hall",
            "parent": None, "path": f"/{code}/", "lat": SOUTH + WIDE * row / side, "lon": WEST + WIDE * column / side,
            "tz": "Asia/Shanghai", "hours": ALWAYS, "kiosks": n % 3, "details": {}, "policy": {}, "seasons": [],
        })  # fmt: skip
        arrivals = {"at": moments, "queues": {QUEUE: [_wait(n + m) for m in range(len(moments))]}}
        forecasts.append({
            "hall": code, "epoch": 1, "based_on": 1, "as_of": now, "due_at": now + timedelta(days=1),
            "queues": {QUEUE: _wait(n)}, "arrivals": arrivals, "tickets": {},
        })  # fmt: skip
    codes = [hall["code"] for hall in halls]
    queue = {
        "code": QUEUE,
        "letter": QUEUE,
        "name": "综合",
        "name_en": "General",
        "position": 1,
        "active": True,
    }
    window = {"code": "1", "name": "1", "name_en": "1", "kind": "general", "queues": [QUEUE], "position": 1}
    with database.work() as session:
        session.execute(insert(Hall), halls)
        session.execute(insert(Queue), [{"hall": code, "intake": "open", **queue} for code in codes])
        session.execute(
            insert(Window),
            [{"id": f"{code}-1", "hall": code, "active": True, "state": "open", **window} for code in codes],
        )
        session.execute(insert(Item).values(code=ITEM, active=True, **THING))
        session.execute(
            insert(Placement),
            [{"hall": code, "item": ITEM, "queue": QUEUE, "mode": "handle"} for code in codes],
        )
        session.execute(insert(HallForecast), forecasts)


def _wait(n: int) -> list[int | str]:
    """Between nothing and an hour, as it comes."""
    point = (n * 7919) % 3600
    return [point, point // 2, point * 2, "simulated"]


def _route(client: FlaskClient) -> Callable[[int], None]:
    def ask(n: int) -> None:
        lat, lon = PLACES[n % len(PLACES)]
        answer = client.post("/api/v1/routes", json={"items": [ITEM], "lat": lat, "lon": lon})
        assert answer.status_code == 200, answer.text

    return ask


def _nothing(client: FlaskClient) -> Callable[[int], None]:
    def ask(n: int) -> None:
        lat, lon = PLACES[n % len(PLACES)]
        answer = client.post("/reference/noop", json={"items": [ITEM], "lat": lat, "lon": lon})
        assert answer.status_code == 200, answer.text

    return ask


def _rate(ask: Callable[[int], None]) -> tuple[float, float]:
    """Calls a second, and calls a second of this process's own work; the database's is not counted in that."""
    began, worked = time.perf_counter(), time.process_time()
    for n in range(AT_ONCE):
        ask(n)
    return AT_ONCE / (time.perf_counter() - began), AT_ONCE / (time.process_time() - worked)


def _count(ask: Callable[[int], None], statements: list[str]) -> int:
    """The statements of one call."""
    statements.clear()
    ask(0)
    return len(statements)
