"""The page `/pair`. The code lives in a cookie of its own, so that turning the screen off and on shows the same one."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from dispatch.foundation import clock
from dispatch.foundation.errors import BadInput, NotSignedIn, Refusal
from dispatch.halls import finding as halls
from dispatch.halls.devices import tokens
from dispatch.halls.devices.models import KINDS, Device
from dispatch.halls.devices.refusals import AuthorizationPending, SlowDown
from dispatch.halls.models import Hall
from dispatch.pages.shared import devices as machines
from dispatch.pages.shared import telling
from dispatch.pages.shared.calls import DEVICE_COOKIE, reading, refuse_forged, set_cookie

CODE_COOKIE = "tongban_pairing"
SCREENS = ("board", "kiosk", "pad")
"""The kinds that are a browser; the others have no page to go to."""

blueprint = Blueprint(
    "pairing",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/assets/pairing",
)


@dataclass(frozen=True)
class Shown:
    """The code that this browser shows, and what it asks with."""

    kind: str
    user_code: str
    device_code: str
    until: int

    @classmethod
    def of_cookie(cls) -> "Shown | None":
        """What the cookie says, unless it is over."""
        kind, user_code, device_code, until = (
            *request.cookies.get(CODE_COOKIE, "").split("."),
            *[""] * 4,
        )[:4]
        if kind not in KINDS or not until.isdigit() or int(until) <= clock.real_now().timestamp():
            return None
        return cls(kind, user_code, device_code, int(until))

    @property
    def cookie(self) -> str:
        """How it is kept."""
        return f"{self.kind}.{self.user_code}.{self.device_code}.{self.until}"


@blueprint.get("/pair")
def page() -> AnyResponse:
    """The code, large; before that, the question what this is; afterwards, what it has become."""
    shown = Shown.of_cookie()
    if shown is not None:
        link = machines.approval_link(shown.user_code)
        left = shown.until - int(clock.real_now().timestamp())
        return _page("code", shown=shown, left=left, link=link, qr=telling.code_picture(link))
    with reading() as call:
        device = _paired(call.session)
        if device is not None and "again" not in request.args:
            place = halls.hall(call.session, device.hall)
            return _page("paired", device=device, hall=place, url=_page_of(device, place))
    wanted = request.args.get("kind", "")
    return _page("choose", kinds=SCREENS, wanted=wanted if wanted in SCREENS else "")


@blueprint.post("/pair")
def begin() -> AnyResponse:
    """Ask for a code and show it."""
    kind = request.form.get("kind", "")
    if kind not in SCREENS:
        raise BadInput(reason=kind, field="kind")
    asked = machines.ask(kind)
    shown = Shown(kind, asked.user_code, asked.device_code, int(asked.expires.timestamp()))
    response = redirect("/pair", 303)
    set_cookie(response, CODE_COOKIE, shown.cookie)  # type: ignore[arg-type]
    return response


@blueprint.post("/pair/ask")
def ask() -> AnyResponse:
    """Has somebody approved it? A script is told where to go; without one the page itself goes there."""
    refuse_forged()
    shown = Shown.of_cookie()
    if shown is None:
        return _go("/pair", over=True)
    try:
        taken = machines.collect(shown.device_code)
    except (AuthorizationPending, SlowDown):
        return _go("", over=False)
    except Refusal as refusal:
        return _go(f"/pair?over={refusal.code}&kind={shown.kind}", over=True)
    with reading() as call:
        url = _page_of(taken.device, halls.hall(call.session, taken.device.hall)) or "/pair"
    response = _go(url, over=True)
    machines.keep(response, taken)  # type: ignore[arg-type]
    return response


@blueprint.post("/pair/leave")
def leave() -> AnyResponse:
    """Show no code any more."""
    refuse_forged()
    return _go("/pair?again=1", over=True, script=False)


def _page(step: str, **shown: Any) -> AnyResponse:  # noqa: ANN401 - what the template shows
    return make_response(
        render_template("pairing/pair.html", step=step, over=request.args.get("over", ""), **shown)
    )


def _go(url: str, *, over: bool, script: bool | None = None) -> AnyResponse:
    asks_by_script = request.headers.get("X-Requested-With") == "script" if script is None else script
    response: AnyResponse = jsonify(go=url) if asks_by_script else redirect(url or "/pair", 303)
    if over:
        response.delete_cookie(CODE_COOKIE)
    return response


def _paired(session: Any) -> Device | None:  # noqa: ANN401 - a session
    token = request.cookies.get(DEVICE_COOKIE, "")
    try:
        return tokens.device_of(session, token, real_now=clock.real_now()) if token else None
    except NotSignedIn:
        return None


def _page_of(device: Device, place: Hall) -> str:
    """Where a machine belongs."""
    if device.kind == "pad":
        return f"/pad/{device.window}"
    return f"/{device.kind}/{place.code}" if device.kind in SCREENS else ""
