"""What every page of the administration begins and ends with: who may enter, where he is, how a form is answered."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from dispatch.foundation import access, clock, idempotency
from dispatch.foundation.errors import BadInput, NotFound, NotSignedIn, Refusal
from dispatch.foundation.words import local, translate
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.pages.admin.rooms import ROOMS, Room, room
from dispatch.pages.shared.calls import KEY_LENGTH, Call, effect, language, set_cookie
from dispatch.pages.shared.taking import fresh_key

HALL_COOKIE = "tongban_admin_hall"
KEPT_OUT_OF_THE_KEY = ("form_token", "once")

blueprint = Blueprint(
    "admin", __name__, template_folder="templates", static_folder="static", static_url_path="/assets/admin"
)


@dataclass(frozen=True)
class Way:
    """One entry of the navigation."""

    title: str
    url: str
    here: bool
    of_hall: bool


@dataclass(frozen=True)
class Desk:
    """Where the caller is at work: the room, the hall at hand, all halls of his scope, and the ways from here.

    `hall` is the hall of the address, in a room that is of no single hall the one looked at last; `once` is the
    key of the page's forms.
    """

    room: Room
    hall: Hall | None
    halls: list[Hall]
    ways: list[Way]
    actor: access.Actor
    once: str


def enter(call: Call, path: str, hall: str | None = None) -> Desk:
    """Let the caller into a room, one of a hall at this hall; NotSignedIn, NotAllowed, NotFound."""
    if call.actor.kind != "staff":
        raise NotSignedIn
    here = room(path)
    inside = [place for place in halls.all_halls(call.session) if call.actor.covers(place.path)]
    by_code = {place.code: place for place in inside}
    if hall is not None and hall not in by_code:
        raise NotFound(what=hall, field="hall")
    at = by_code.get(hall or request.cookies.get(HALL_COOKIE, "")) or (inside[0] if inside else None)
    access.require(call.actor, here.permission, _judged_at(here, at), field="hall")
    return Desk(here, at, inside, _ways(call.actor, here, at), call.actor, fresh_key())


def page(template: str, desk: Desk, /, **shown: object) -> Response:
    """The page, with the hall at hand remembered for the next one."""
    response = make_response(render_template(template, desk=desk, **shown))
    if desk.hall is not None and request.cookies.get(HALL_COOKIE) != desk.hall.code:
        set_cookie(response, HALL_COOKIE, desk.hall.code)
    return response


def press(do: Callable[[Call], str]) -> AnyResponse:
    """A form's effect, once however often it is sent; `do` says which page follows.

    A notice on that page: `?done=word`, worded there by `admin/_notice.html`.
    """
    key = request.form.get("once", "")
    if len(key) not in KEY_LENGTH:
        raise BadInput(reason="once", field="once")
    asked = {name: request.form.getlist(name) for name in request.form if name not in KEPT_OUT_OF_THE_KEY}
    with effect() as call:
        if call.actor.kind != "staff":
            raise NotSignedIn
        once = idempotency.Once.of(call.actor.name, "POST", request.path, key, asked)
        kept = idempotency.replay(call.session, once, now=clock.real_now())
        following = do(call) if kept is None else str(kept.answer)
        if kept is None:
            idempotency.keep(call.session, once, 303, following, now=clock.real_now())
    return redirect(following, 303)


@blueprint.get("/admin/go")
def go() -> AnyResponse:
    """The same room in another hall, as the chooser asks for it; the overview for a room that is not of a hall."""
    here = room(request.args.get("room", ""))
    hall = request.args.get("hall", "")
    response = redirect(here.url(quote(hall, safe="")) if here.of_hall and hall else here.url(), 303)
    set_cookie(response, HALL_COOKIE, hall[:60])  # type: ignore[arg-type]
    return response


@blueprint.errorhandler(NotSignedIn)
def _to_login(_: NotSignedIn) -> AnyResponse:
    back = request.full_path.rstrip("?") if request.method == "GET" else _before()
    return redirect(f"/login?next={quote(back)}", 303)


@blueprint.errorhandler(Refusal)
def _refused(refusal: Refusal) -> tuple[str, int]:
    """What a rule said no to, and the way back to the form."""
    said = {key: _worded(value) for key, value in refusal.data.items()}
    detail = translate(language(), refusal.sentence, **said)
    back = _before() if request.method == "POST" else "/" if request.path == "/admin" else "/admin"
    return render_template("admin/refused.html", detail=detail, back=back), refusal.status


def _judged_at(here: Room, at: Hall | None) -> str | None:
    """Where a permission has to hold: in the hall at hand, or anywhere."""
    return at.path if here.of_hall and at is not None else None


def _ways(actor: access.Actor, here: Room, at: Hall | None) -> list[Way]:
    return [
        Way(each.title, each.url(at.code if at else None), each is here, each.of_hall)
        for each in ROOMS
        if (at is not None or not each.of_hall) and actor.may(each.permission, _judged_at(each, at))
    ]


def _before() -> str:
    """The page of ours that the caller came from, else the overview."""
    parts = urlsplit(request.referrer or "")
    ours = parts.netloc == request.host and parts.path.startswith("/admin")
    return parts.path + (f"?{parts.query}" if parts.query else "") if ours else "/admin"


def _worded(value: object) -> str:
    return local(value, language()) if isinstance(value, dict) and "name" in value else str(value)
