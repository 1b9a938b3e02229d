"""The look's files, and the door for staff."""

from urllib.parse import urlsplit

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from dispatch.foundation.errors import Refusal
from dispatch.foundation.words import translate
from dispatch.pages.shared.calls import SESSION_COOKIE, here, language, refuse_forged, set_cookie
from dispatch.pages.shared.signing_in import sign_in
from dispatch.people import accounts
from dispatch.people.refusals import TooManyFailures, WrongPassword

AFTER_SIGN_IN = "/window"

blueprint = Blueprint(
    "shared", __name__, template_folder="templates", static_folder="static", static_url_path="/assets/shared"
)


@blueprint.get("/login")
def login() -> str:
    """The sign-in page for staff."""
    return _page(next_page=request.args.get("next", ""))


@blueprint.post("/login")
def log_in() -> AnyResponse:
    """Sign in and go on to where one wanted to."""
    refuse_forged()
    username, wanted = request.form.get("username", "").strip()[:60], request.form.get("next", "")
    try:
        _, token = sign_in(here().database, username, request.form.get("password", "")[:200])
    except (WrongPassword, TooManyFailures) as refusal:
        page = _page(next_page=wanted, username=username, trouble=_sentence(refusal))
        return make_response(page, refusal.status)
    response = make_response(redirect(own_page(wanted), 303))
    set_cookie(response, SESSION_COOKIE, token, days=1)
    return response


@blueprint.post("/logout")
def log_out() -> AnyResponse:
    """Sign out."""
    refuse_forged()
    with here().database.work() as session:
        accounts.sign_out(session, request.cookies.get(SESSION_COOKIE, ""))
    response: AnyResponse = redirect("/login", 303)
    response.delete_cookie(SESSION_COOKIE)
    return response


def own_page(wanted: str) -> str:
    """Only a page of ours may follow a sign-in: a path, never another site's address."""
    parts = urlsplit(wanted)
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc
    return wanted if ours else AFTER_SIGN_IN


def _page(next_page: str, username: str = "", trouble: str = "") -> str:
    return render_template("shared/login.html", next=next_page, username=username, trouble=trouble)


def _sentence(refusal: Refusal) -> str:
    return translate(language(), refusal.sentence, **refusal.data)
