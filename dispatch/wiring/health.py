"""Whether this process lives, and whether it can serve."""

from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from dispatch.pages.shared.calls import here
from dispatch.wiring import migrating

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """The database answers and has every migration; what is wrong, otherwise."""
    try:
        with here().database.reading() as session:
            session.execute(text("SELECT 1"))
    except Exception:  # noqa: BLE001 - whatever the driver raises, the answer is the same
        return jsonify(status="unready", wrong=["database"]), 503
    if migrating.pending(here().database.engine):
        return jsonify(status="unready", wrong=["migrations"]), 503
    return jsonify(status="ready", wrong=[]), 200
