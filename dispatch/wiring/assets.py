"""Browser libraries, served from where npm put them: these files and no others."""

from pathlib import Path

from flask import Blueprint, Response, abort, send_file

NODE_MODULES = Path(__file__).parents[2] / "node_modules"
FILES = {
    "socket.io.esm.min.js": "socket.io-client/dist/socket.io.esm.min.js",
    "socket.io.min.js": "socket.io-client/dist/socket.io.min.js",
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
    "swagger-ui-bundle.js": "swagger-ui-dist/swagger-ui-bundle.js",
}

blueprint = Blueprint("assets", __name__)


@blueprint.get("/assets/vendor/<name>")
def vendor(name: str) -> Response:
    """One file of a library; 404 for any other."""
    path = FILES.get(name)
    if path is None:
        abort(404)
    return send_file(NODE_MODULES / path, max_age=86400)
