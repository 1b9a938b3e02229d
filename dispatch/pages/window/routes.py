"""The console's addresses."""

from urllib.parse import quote

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from dispatch.foundation.errors import NotSignedIn
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.pages.shared import telling
from dispatch.pages.shared.calls import Call, reading
from dispatch.pages.shared.staff import staffed_window
from dispatch.pages.window import showing

blueprint = Blueprint(
    "window", __name__, template_folder="templates", static_folder="static", static_url_path="/assets/window"
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
    with reading() as call:
        try:
            row = staffed_window(call, ident)
        except NotSignedIn:
            return _to_login()
        shown = {**showing.panel(call, row), **telling.wire_of(call.session, row.hall)}
    return render_template("window/window.html", **shown)


@blueprint.get("/window/<ident>/panel")
def console_panel(ident: str) -> str:
    """What the console shows, as it stands now."""
    with reading() as call:
        shown = showing.panel(call, staffed_window(call, ident))
    return render_template("window/_panel.html", **shown)


def _staffed(call: Call) -> list[Hall]:
    """Halls with windows within the caller's scope, his own first."""
    inside = (hall for hall in halls.all_halls(call.session) if call.actor.covers(hall.path))
    return [hall for hall in inside if hall.kind != "kiosk_site"]


def _to_login() -> AnyResponse:
    return redirect(f"/login?next={quote(request.full_path.rstrip('?'))}", 303)
