"""A process of the role `core`, just as a city runs it, with the routes of reference beside its own.

`python -m benchmarks.core_server PORT WORKERS`, the city in TONGBAN_DATABASE_URL as always.
"""

import sys
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request
from psycopg.rows import namedtuple_row
from pydantic import BaseModel

from benchmarks.references import BEFORE, CALL, ISSUE, MINIMAL, WHO
from dispatch.foundation import clock
from dispatch.foundation.errors import NotSignedIn
from dispatch.foundation.ids import digest, new_id
from dispatch.foundation.settings import Settings
from dispatch.pages.shared.calls import bearer_token, here
from dispatch.wiring import serving
from dispatch.wiring.app import Web, create_core


class Asked(BaseModel):
    """What a route of reference takes."""

    hall: str
    window: str | None = None


class Told(BaseModel):
    """What it answers: as much as a ticket's own route."""

    id: str | None = None
    number: str
    hall: str
    queue: str = "A"
    state: str = "waiting"
    ahead: int | None = None
    items: list[str] = []
    service_day: str
    issued_at: str
    window: str | None = None
    claim: int | None = None
    secret: str | None = None


def noop() -> Response:
    """Take a body, answer as much as the others, and do nothing."""
    asked = Asked.model_validate(request.get_json())
    return _json(Told(number="A001", hall=asked.hall, service_day="", issued_at="", id="", secret="x" * 64))


def minimal() -> Response:
    """The smallest durable write, by whom it may concern."""
    asked = Asked.model_validate(request.get_json())
    n = _write(MINIMAL, {"hall": asked.hall}).n
    return _json(Told(number=f"A{n:03d}", hall=asked.hall, service_day="", issued_at=""))


def issue() -> Response:
    """The writes of a ticket issued, by one statement."""
    asked = Asked.model_validate(request.get_json())
    ident = new_id()
    row = _write(ISSUE, {**_common(asked), "id": ident})
    secret = here().keys.secret_of("ticket", ident)
    told = Told(
        id=ident,
        number=f"A{row.n:03d}",
        hall=asked.hall,
        service_day="",
        issued_at="",
        secret=secret,
        ahead=0,
    )
    return _json(told)


def call() -> Response:
    """The writes of the next ticket called and the one before finished, by one statement."""
    asked = Asked.model_validate(request.get_json())
    row = _write(CALL, {**_common(asked), "window": asked.window, "before": BEFORE})
    told = Told(
        id=row.ticket,
        number=f"A{row.n:03d}",
        hall=asked.hall,
        service_day="",
        issued_at="",
        window=asked.window,
    )
    return _json(told)


def _common(asked: Asked) -> dict[str, Any]:
    now = clock.real_now()
    key = request.headers.get("Idempotency-Key")
    return {"hall": asked.hall, "day": now.date(), "now": now, "scope": digest(key) if key else None}


def _write(statement: str, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a row
    """Know who calls, as any route must, then write: psycopg by hand, in one transaction of the city's own pool."""
    with here().database.engine.connect() as pooled:
        connection: Any = pooled.connection.driver_connection
        known = connection.execute(
            WHO, {"digest": digest(bearer_token() or ""), "now": clock.real_now()}
        ).fetchone()
        if known is None:
            raise NotSignedIn
        with connection.cursor(row_factory=namedtuple_row) as cursor:
            row = cursor.execute(statement, {**values, "actor": f"staff:{known[0]}"}).fetchone()
        connection.commit()
    return row


def _json(told: Told) -> Response:
    return jsonify(told.model_dump(mode="json"))


def create_with_references(settings: Settings) -> Web:
    """The role's own application, and these routes."""
    web = create_core(settings)
    for route in (noop, minimal, issue, call):
        web.app.add_url_rule(f"/reference/{route.__name__}", view_func=route, methods=["POST"])
    return web


if __name__ == "__main__":
    serving.create_core = create_with_references  # type: ignore[attr-defined]
    serving.serve_core(Settings(), "127.0.0.1", int(sys.argv[1]), int(sys.argv[2]))
