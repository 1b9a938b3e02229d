"""The API's frame: who may, what each answer looks like in the document, one blueprint for all routes."""

import re
from functools import cache
from http import HTTPStatus
from typing import Any, Literal

from flask import g, request
from flask_openapi3 import APIBlueprint, Info, OpenAPI, Tag
from pydantic import BaseModel

from dispatch.foundation.access import PERMISSIONS
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
Who = Literal["anyone", "self", "staff", "holder", "holder or staff"]
"""`self` is any member of staff about himself; `staff` and machines need the route's permission."""
_SCHEMES: dict[str, list[dict[str, list[str]]]] = {
    "anyone": [{}],
    "self": [{"staff": []}],
    "staff": [{"staff": []}],
    "holder": [{"holder": []}],
    "holder or staff": [{"holder": []}, {"staff": []}],
}

_RULE = re.compile(r"<(?:\w+:)?(\w+)>")

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
    permission: str | None = None,
    nothing: str = NOTHING,
) -> dict[str, Any]:
    """How a route stands in the document: who may, what it answers, which problems it knows.

    A caller without `permission` anywhere in his scope is turned away before the route begins; whether he holds it
    at the hall at hand, the route's verb requires. Whoever brings a holder's secret to a holder's route is let in.
    """
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
        "openapi_extensions": {
            "x-who-may": _who_may(who, permission),
            **({"x-permission": permission} if permission else {}),
        },
    }


@api.before_request
def _name_the_door() -> None:
    """Tell whoever opens the transaction which permission this route asks for."""
    if request.url_rule is not None:
        g.permission, g.for_holders = _asked(request.url_rule.rule, request.method)


@cache
def _asked(rule: str, method: str) -> tuple[str | None, bool]:
    """The permission that a route asks for, and whether a holder's secret opens it as well."""
    item = api.paths.get(_RULE.sub(r"{\1}", rule))
    operation = getattr(item, method.lower(), None)
    if operation is None:
        return None, False
    return (operation.model_extra or {}).get("x-permission"), {"holder": []} in (operation.security or ())


def _who_may(who: Who, permission: str | None) -> str:
    if permission is None:
        return "staff" if who == "self" else who
    holders = " ".join(PERMISSIONS[permission])
    return f"holder {holders}" if who == "holder or staff" else holders
