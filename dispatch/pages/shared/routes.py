"""The look's files, and the door for staff."""

from urllib.parse import urlsplit

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from dispatch.foundation import clock
from dispatch.foundation.errors import Refusal
from dispatch.foundation.limits import TooMany
from dispatch.foundation.words import translate
from dispatch.pages.shared import signing_in, telling
from dispatch.pages.shared.calls import (
    SESSION_COOKIE,
    browser,
    here,
    language,
    refuse_forged,
    set_cookie,
)
from dispatch.people import accounts
from dispatch.people.accounts import SignedIn
from dispatch.people.refusals import (
    OtpNeeded,
    OtpToEnrol,
    OtpUsed,
    TooManyFailures,
    WrongOtp,
    WrongPassword,
)

AFTER_SIGN_IN = "/window"
AFTER_SIGN_IN_OF = {"administrator": "/admin", "auditor": "/admin", "guide": "/guide/{hall}"}
"""Where somebody begins who did not say where to."""

blueprint = Blueprint(
    "shared", __name__, template_folder="templates", static_folder="static", static_url_path="/assets/shared"
)


@blueprint.get("/login")
def login() -> str:
    """The sign-in page for staff."""
    return _page(next_page=request.args.get("next", ""))


@blueprint.post("/login")
def log_in() -> AnyResponse:
    """Name and password; whoever has a second factor is asked for its code next, and then goes on."""
    refuse_forged()
    username, wanted = request.form.get("username", "").strip()[:60], request.form.get("next", "")
    proven: str | None = None
    try:
        proven = _proven(username)
        entered = signing_in.admit(
            here().database, here().keys, username, proven, request.form.get("otp", "")[:40]
        )
    except (WrongPassword, TooManyFailures, TooMany) as refusal:
        page = _page(next_page=wanted, username=username, trouble=_sentence(refusal))
        return make_response(page, refusal.status)
    except (OtpNeeded, OtpToEnrol, OtpUsed, WrongOtp) as refusal:
        assert proven is not None
        return make_response(_second_page(wanted, username, proven, refusal), refusal.status)
    return _entered(entered, wanted)


@blueprint.post("/logout")
def log_out() -> AnyResponse:
    """Sign out."""
    refuse_forged()
    with here().database.work() as session:
        token = request.cookies.get(SESSION_COOKIE, "")
        accounts.sign_out(session, token, real_now=clock.real_now())
    response: AnyResponse = redirect("/login", 303)
    response.delete_cookie(SESSION_COOKIE)
    return response


def own_page(wanted: str, otherwise: str = AFTER_SIGN_IN) -> str:
    """Only a page of ours may follow a sign-in: a path, never another site's address."""
    parts = urlsplit(wanted)
    ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc
    return wanted if ours else otherwise


def _proven(username: str) -> str | None:
    """The stored password that was matched: by the password itself, or by the note of the step before."""
    note = request.form.get("note", "")
    if note:
        return signing_in.proven_by(here().database, here().keys, username, note, browser())
    return signing_in.prove(here().database, username, request.form.get("password", "")[:200])


def _second_page(wanted: str, username: str, proven: str, refusal: Refusal) -> str:
    """The page that asks for a code, with the picture to set a phone up where that is still to be done."""
    trouble = _sentence(refusal) if isinstance(refusal, WrongOtp | OtpUsed) else ""
    if trouble:
        try:
            signing_in.admit(here().database, here().keys, username, proven, None)
        except (OtpNeeded, OtpToEnrol, TooManyFailures) as now:
            refusal = now
    if isinstance(refusal, TooManyFailures):
        return _page(next_page=wanted, username=username, trouble=_sentence(refusal))
    enrolling = isinstance(refusal, OtpToEnrol)
    return render_template(
        "shared/otp.html",
        next=wanted,
        username=username,
        note=signing_in.note(here().keys, username, proven, browser()),
        trouble=trouble,
        secret=_in_fours(refusal.data["otp_secret"]) if enrolling else None,
        picture=telling.code_picture(refusal.data["otp_uri"]) if enrolling else None,
    )


def _entered(entered: SignedIn, wanted: str) -> AnyResponse:
    """On to where one wanted to; first the recovery codes, if a second factor was just set up."""
    role, hall = entered.account.role, entered.account.hall
    following = own_page(wanted, AFTER_SIGN_IN_OF.get(role, AFTER_SIGN_IN).format(hall=hall))
    response: AnyResponse = redirect(following, 303)
    if entered.recovery_codes:
        page = render_template("shared/recovery.html", codes=entered.recovery_codes, following=following)
        response = make_response(page)
    set_cookie(response, SESSION_COOKIE, entered.token, days=1)  # type: ignore[arg-type]
    return response


def _in_fours(secret: str) -> str:
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def _page(next_page: str, username: str = "", trouble: str = "") -> str:
    return render_template("shared/login.html", next=next_page, username=username, trouble=trouble)


def _sentence(refusal: Refusal) -> str:
    return translate(language(), refusal.sentence, **refusal.data)
