"""A process of the role `core`, just as a city runs it, with the routes of reference beside its own.

`python -m benchmarks.core_server PORT WORKERS`, the city in TONGBAN_DATABASE_URL as always.
"""

import json
import sys
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request
from psycopg.rows import namedtuple_row
from pydantic import BaseModel

from benchmarks.references import CALL, ISSUE, MINIMAL, WHO
from dispatch.foundation import clock
from dispatch.foundation.errors import NotSignedIn
from dispatch.foundation.ids import digest, new_id
from dispatch.foundation.settings import Settings
from dispatch.pages.api.shapes import TicketShown
from dispatch.pages.shared.calls import bearer_token, here
from dispatch.wiring import serving
from dispatch.wiring.app import Web, create_core


class Asked(BaseModel):
    """What a route of reference takes."""

    hall: str
    window: str | None = None


def noop() -> Response:
    """Take a body, answer as much as the others, and do nothing."""
    asked = Asked.model_validate(request.get_json())
    return _json(_told(asked, id=""), "A001")


def minimal() -> Response:
    """The smallest durable write, by whom it may concern."""
    asked = Asked.model_validate(request.get_json())
    n = _write(MINIMAL, {"hall": asked.hall}).n
    return _json(_told(asked, id=""), f"A{n:03d}")


def issue() -> Response:
    """The writes of a ticket issued, by one statement."""
    asked, ident = Asked.model_validate(request.get_json()), new_id()
    told = _told(asked, id=ident)
    row = _write(ISSUE, {**_common(asked, told), "id": ident})
    return _json(told, f"A{row.n:03d}", secret=here().keys.secret_of("ticket", ident))


def call() -> Response:
    """The writes of the next ticket called and the one before finished, by one statement."""
    asked = Asked.model_validate(request.get_json())
    told = _told(asked, id="#ticket", state="called", window=asked.window, window_name=asked.window, calls=1)
    row = _write(CALL, {**_common(asked, told), "window": asked.window})
    return _json({**told, "id": row.ticket}, f"A{row.n:03d}")


def _told(asked: Asked, **told: Any) -> dict[str, Any]:  # noqa: ANN401 - a ticket's own fields
    """A ticket as its own route tells it, but for its number."""
    now = clock.real_now()
    usual: dict[str, Any] = dict.fromkeys(TicketShown.model_fields)
    usual |= {"hall": asked.hall, "queue": "A", "number": "#number", "state": "waiting", "items": []}
    usual |= {"channel": "counter", "priority": "none", "service_day": now.date(), "issued_at": now}
    usual |= {"calls": 0, "seat": 0, "stage": 1, "unknown_because": "not_learned_yet"}
    return TicketShown.model_validate({**usual, **told}).model_dump(mode="json", exclude={"secret"})


def _common(asked: Asked, told: Mapping[str, Any]) -> dict[str, Any]:
    now, key = clock.real_now(), request.headers.get("Idempotency-Key")
    scope = digest(key) if key else None
    return {"hall": asked.hall, "day": now.date(), "now": now, "scope": scope, "answer": json.dumps(told)}


def _write(statement: str, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a row
    """Know who calls, as any route must, then write: psycopg by hand, in one transaction of the city's own pool."""
    with here().database.engine.connect() as pooled:
        connection: Any = pooled.connection.driver_connection
        connection.prepare_threshold = 5  # psycopg's own way, which the city's connections leave alone
        known = connection.execute(
            WHO, {"digest": digest(bearer_token() or ""), "now": clock.real_now()}
        ).fetchone()
        if known is None:
            raise NotSignedIn
        with connection.cursor(row_factory=namedtuple_row) as cursor:
            row = cursor.execute(statement, {**values, "actor": f"staff:{known[0]}"}).fetchone()
        connection.commit()
    return row


def _json(told: Mapping[str, Any], number: str, *, secret: str | None = None) -> Response:
    return jsonify({**told, "number": number, "secret": secret})


def create_with_references(settings: Settings) -> Web:
    """The role's own application, and these routes."""
    web = create_core(settings)
    for route in (noop, minimal, issue, call):
        web.app.add_url_rule(f"/reference/{route.__name__}", view_func=route, methods=["POST"])
    return web


if __name__ == "__main__":
    serving.create_core = create_with_references  # type: ignore[attr-defined]
    serving.serve_core(Settings(), "127.0.0.1", int(sys.argv[1]), int(sys.argv[2]))
