"""Whether this process lives, and whether it can serve."""

from typing import Any

from flask import Blueprint, Flask, Response, jsonify

from dispatch.wiring.inside import from_inside
from dispatch.wiring.soundness.readiness import Readiness, Wrong, status_of


def install(app: Flask, readiness: Readiness) -> None:
    """Give the app its two questions after health."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    def healthz() -> Response:
        """The process answers."""
        return jsonify(status="ok")

    @blueprint.get("/readyz")
    def readyz() -> tuple[Response, int]:
        """Whether we can serve, and what is wrong; how it is mended only for whoever asks from inside."""
        found = readiness.wrong()
        status = status_of(found)
        return jsonify(status=status, wrong=_told(found)), 503 if status == "unready" else 200

    app.register_blueprint(blueprint)


def _told(found: list[Wrong]) -> list[dict[str, Any]]:
    if from_inside():
        return [{"what": wrong.what, "said": wrong.said, "do": wrong.do} for wrong in found]
    return [{"what": wrong.what} for wrong in found]
