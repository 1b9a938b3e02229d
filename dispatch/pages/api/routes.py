"""The API's document, and a page to read and try it."""

from typing import cast

from flask import Blueprint, Response, current_app, jsonify, render_template
from flask_openapi3 import OpenAPI

blueprint = Blueprint(
    "api_docs", __name__, template_folder="templates", static_folder="static", static_url_path="/assets/api"
)


@blueprint.get("/api/v1/openapi.json")
def document() -> Response:
    """OpenAPI 3.1 of everything under /api/v1."""
    return jsonify(cast("OpenAPI", current_app).api_doc)


@blueprint.get("/api/v1/docs")
def docs() -> str:
    """The document as a page."""
    return render_template("api/docs.html")
