"""The API's frame: who may, what each answer looks like in the document, one blueprint for all routes."""

from http import HTTPStatus
from typing import Any, Literal

from flask_openapi3 import APIBlueprint, Info, OpenAPI, Tag
from pydantic import BaseModel

from dispatch.pages.api import shapes
from dispatch.pages.shared import problems

TITLE = "Tongban"
VERSION = "1.0.0"
SECURITY: Any = {
    "staff": {"type": "http", "scheme": "bearer", "description": "a staff session's or device's token"},
    "holder": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Ticket SECRET`, the secret that came with the ticket",
    },
}
NOTHING = "done, nothing to tell"
Who = Literal["anyone", "staff", "holder", "holder or staff"]
_SCHEMES: dict[str, list[dict[str, list[str]]]] = {
    "anyone": [{}],
    "staff": [{"staff": []}],
    "holder": [{"holder": []}],
    "holder or staff": [{"holder": []}, {"staff": []}],
}

api = APIBlueprint("api", __name__, url_prefix="/api/v1")
api.before_request(problems.refuse_bad_json)


def new_app(import_name: str, **options: Any) -> OpenAPI:  # noqa: ANN401 - Flask's own options
    """A Flask app that gathers the API's document as routes are added."""
    return OpenAPI(
        import_name,
        info=Info(
            title=TITLE,
            version=VERSION,
            description="Queues, tickets and halls of a whole city. A wait is a point with a range, or null "
            "with the reason why it is unknown. Errors are problem+json with a stable `code`.",
        ),
        security_schemes=SECURITY,
        validation_error_callback=problems.invalid,
        validation_error_model=shapes.Problem,
        doc_ui=False,
        **options,
    )


def door(
    tag: str,
    who: Who,
    shape: type[BaseModel] | None,
    *refusals: int,
    status: int = 200,
    roles: str = "",
    nothing: str = NOTHING,
) -> dict[str, Any]:
    """How a route stands in the document: who may, what it answers, which problems it knows."""
    answers: dict[int, Any] = {status: shape} if shape else {}
    if shape is None or nothing != NOTHING:
        answers[204] = {"description": nothing}
    for code in (*refusals, 422):
        answers[code] = {
            "description": HTTPStatus(code).phrase,
            "content": {problems.PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return {
        "tags": [Tag(name=tag)],
        "responses": answers,
        "security": _SCHEMES[who],
        "openapi_extensions": {"x-who-may": roles or who},
    }
