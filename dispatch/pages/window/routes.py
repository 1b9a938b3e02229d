"""The console's addresses, the strip's, and those of the small screen that faces the citizen."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from dispatch.foundation.errors import NotAllowed, NotSignedIn
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall, Window
from dispatch.pages.shared import telling
from dispatch.pages.shared.calls import Call, reading
from dispatch.pages.shared.machines import device_at
from dispatch.pages.shared.staff import staffed_window
from dispatch.pages.window import showing
from dispatch.pages.window.sheets import sheet

blueprint = Blueprint(
    "window", __name__, template_folder="templates", static_folder="static", static_url_path="/assets/window"
)
# The strip may stand in a small window of the browser's own, as a frame of this site's.
STRIP_WITHIN = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'; frame-src 'self'"
)


@blueprint.get("/window")
def choose() -> AnyResponse | str:
    """Which window do you sit at? Only halls in one's own scope."""
    with reading() as call:
        if call.actor.kind != "staff":
            return _to_login()
        places = _staffed(call)
        chosen = [place for place in places if place.code == request.args.get("hall")] or places[:1]
        windows = halls.windows_of(call.session, chosen[0].code) if chosen else []
    return render_template(
        "window/choose.html", hall=chosen[0] if chosen else None, places=places, windows=windows
    )


@blueprint.get("/window/<ident>")
def console(ident: str) -> AnyResponse | str:
    """The console of one window, for staff who may work it."""
    return _worked("window/window.html", ident)


@blueprint.get("/window/<ident>/strip")
def strip(ident: str) -> AnyResponse | str:
    """The same window as a strip beside the department's own program."""
    return _worked("window/strip.html", ident)


@blueprint.get("/window/<ident>/panel")
def console_panel(ident: str) -> str:
    """What the console shows, as it stands now."""
    return _fragment("window/_panel.html", ident)


@blueprint.get("/window/<ident>/strip/panel")
def strip_panel(ident: str) -> str:
    """What the strip shows, as it stands now."""
    return _fragment("window/_strip.html", ident)


@blueprint.get("/window/<ident>/sheet/<name>")
def ask(ident: str, name: str) -> str:
    """What a key asks before it acts."""
    with reading() as call:
        asked = sheet(call, staffed_window(call, ident), name)
    return render_template("window/_sheet.html", sheet=asked)


@blueprint.get("/pad/<ident>")
def pad(ident: str) -> str:
    """The small screen that faces the citizen: for the machine paired with this window, and for its staff to see."""
    with reading() as call:
        row = _pad_window(call, ident)
        shown = {**showing.pad(call, row), **telling.wire_of(call.session, row.hall)}
        rates = call.actor.kind == "device"
    return render_template("window/pad.html", rates=rates, **shown)


@blueprint.get("/pad/<ident>/panel")
def pad_panel(ident: str) -> str:
    """What the small screen shows, as it stands now."""
    with reading() as call:
        shown = showing.pad(call, _pad_window(call, ident), request.args.get("skipped", ""))
    return render_template("window/_pad.html", **shown)


def _worked(template: str, ident: str) -> AnyResponse | str:
    with reading() as call:
        try:
            row = staffed_window(call, ident)
        except NotSignedIn:
            return _to_login()
        shown: dict[str, Any] = {**showing.panel(call, row), **telling.wire_of(call.session, row.hall)}
    response = make_response(render_template(template, **shown))
    response.headers["Content-Security-Policy"] = STRIP_WITHIN
    return response


def _fragment(template: str, ident: str) -> str:
    with reading() as call:
        shown = showing.panel(call, staffed_window(call, ident))
    return render_template(template, **shown)


def _pad_window(call: Call, ident: str) -> Window:
    """The window, for the machine that stands there or for staff who work it."""
    try:
        return device_at(call, ident)
    except NotAllowed:
        return staffed_window(call, ident)


def _staffed(call: Call) -> list[Hall]:
    """Halls with windows within the caller's scope, his own first."""
    inside = (hall for hall in halls.all_halls(call.session) if call.actor.covers(hall.path))
    return [hall for hall in inside if hall.kind != "kiosk_site"]


def _to_login() -> AnyResponse:
    return redirect(f"/login?next={quote(request.full_path.rstrip('?'))}", 303)
