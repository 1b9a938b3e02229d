"""Whether this process lives, and whether it can serve."""

import logging

from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from dispatch.pages.shared.calls import here
from dispatch.wiring import migrating

logger = logging.getLogger(__name__)
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
    except Exception:
        logger.exception("the database does not answer")
        return jsonify(status="unready", wrong=["database"]), 503
    if migrating.pending(here().database.engine):
        return jsonify(status="unready", wrong=["migrations"]), 503
    return jsonify(status="ready", wrong=[]), 200
