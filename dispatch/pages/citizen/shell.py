"""What every citizen's page begins with: larger type or not, from where, and what a link must not lose."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from dispatch.foundation.words import translate
from dispatch.pages.shared.calls import here, language, set_cookie
from dispatch.pages.shared.points import point_of
from dispatch.ports.maps import Point

ELDER_COOKIE = "tongban_elder"

blueprint = Blueprint(
    "citizen",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/assets/citizen",
)


@blueprint.context_processor
def _larger_type() -> dict[str, Any]:
    return {"elder": elder()}


@blueprint.after_request
def _remember_larger_type(response: Response) -> Response:
    chosen = request.args.get("elder")
    if chosen in ("0", "1"):
        set_cookie(response, ELDER_COOKIE, chosen)
    return response


def elder() -> bool:
    """Whether larger type and fewer things are wanted: by the link, or as chosen before."""
    return (request.args.get("elder") or request.cookies.get(ELDER_COOKIE)) == "1"


def near() -> Point | None:
    """Where the caller says she is, if it is a place on earth."""
    return point_of(request.args.get("near", ""))


def keep(*names: str) -> str:
    """Query text that a switch of language or type size must not lose."""
    kept = [(name, value) for name in names for value in request.args.getlist(name)]
    return f"&{urlencode(kept)}" if kept else ""


def note() -> str:
    """What is to be said of a city that is none."""
    if not here().demo:
        return ""
    return translate(language(), "大厅名称是真的;窗口数、开门时间和天数是演示值")
