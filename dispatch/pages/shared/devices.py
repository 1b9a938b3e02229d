"""Machines at the door: which one calls, how it is paired, what it is told. The same for its own pages and the API."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Response, current_app, jsonify, request, url_for
from pydantic import BaseModel
from sqlalchemy.orm import Session

from dispatch.foundation import clock
from dispatch.foundation.access import Actor, require
from dispatch.foundation.errors import NotSignedIn
from dispatch.halls.devices import finding, hearing, pairing, tokens
from dispatch.halls.devices.models import Device, Pairing
from dispatch.halls.models import Hall
from dispatch.notices import paper
from dispatch.notices.models import PrintJob
from dispatch.pages.shared import limiting
from dispatch.pages.shared.calls import (
    DEVICE_COOKIE,
    Call,
    bearer_token,
    effect,
    form_token,
    here,
    refuse_forged,
    set_cookie,
)
from dispatch.ports.printing import Sheet

NONCE_COOKIE = "tongban_nonce"
HINT_COOKIE = "tongban_machine"
"""Scripts may read this one: it says that the browser is a paired machine, and what its calls must bring."""
HEARTBEAT_S = 20


@dataclass(frozen=True)
class Brought:
    """What a machine came with: a program its token in the call, a browser token and nonce in cookies."""

    token: str = field(repr=False)
    nonce: str | None = field(repr=False)
    by_cookie: bool


def brought() -> Brought:
    """The machine's token and nonce; NotSignedIn."""
    token = bearer_token()
    if token is not None:
        if not token.startswith(tokens.TOKEN_MARK):
            raise NotSignedIn
        return Brought(token, None, by_cookie=False)
    token = request.cookies.get(DEVICE_COOKIE, "")
    if not token.startswith(tokens.TOKEN_MARK):
        raise NotSignedIn
    return Brought(token, request.cookies.get(NONCE_COOKIE) or None, by_cookie=True)


def told(heard: hearing.Heard, came: Brought, shown: BaseModel) -> Response:
    """The answer to a heartbeat; a browser's token and nonce go into its cookies and are not for scripts."""
    answer = shown.model_dump(mode="json")
    if not came.by_cookie:
        return jsonify(answer)
    response = jsonify({**answer, "token": None, "nonce": None})
    set_cookie(response, NONCE_COOKIE, heard.nonce)
    if heard.token is not None:
        set_cookie(response, DEVICE_COOKIE, heard.token)
    return response


def keep(response: Response, taken: pairing.Taken) -> None:
    """Make this browser the machine that was just paired."""
    set_cookie(response, DEVICE_COOKIE, taken.token)
    set_cookie(response, NONCE_COOKIE, taken.device.nonce or "")
    set_cookie(response, HINT_COOKIE, form_token(), http_only=False)


def ask(kind: str) -> pairing.Asked:
    """A machine asks to be paired; TooMany from one network or browser."""
    with effect() as call:
        limiting.slow_down(call.session, call.actor, "pairing", limiting.PAIRING)
        return pairing.ask(call.session, kind, real_now=clock.real_now())


def collect(device_code: str) -> pairing.Taken:
    """The machine comes for its token; AuthorizationPending, SlowDown, ExpiredToken, AccessDenied."""
    refuse_forged()
    real_now = clock.real_now()
    with here().database.work() as session:
        slower = pairing.too_soon(session, device_code, real_now=real_now)
    if slower is not None:
        raise pairing.slow_down(slower)
    with here().database.work() as session:
        return pairing.collect(session, device_code, real_now=real_now)


def approve(
    call: Call, place: Hall, user_code: str, about: pairing.About, *, replaces: str | None = None
) -> Device:
    """Give the machine that shows this code to a hall, in place of another one of it if that is named."""
    require(call.actor, "devices.pair", place.path, field="hall")
    waiting = _waiting(call, user_code)
    real_now = clock.real_now()
    if replaces is not None:
        old = finding.device(call.session, replaces)
        if old.hall == place.code:
            tokens.revoke(
                call.session, old, reason="replaced", now=call.now, real_now=real_now, actor=call.actor
            )
    return pairing.approve(
        call.session, waiting, place, about, now=call.now, real_now=real_now, actor=call.actor
    )


def deny(call: Call, user_code: str) -> None:
    """Send the machine that shows this code away."""
    require(call.actor, "devices.pair", field="user_code")
    pairing.deny(call.session, _waiting(call, user_code))


def note_wrong_code() -> None:
    """Remember that this caller tried a code that is none."""
    with effect() as call:
        pairing.note_wrong_code(call.session, call.actor.name, real_now=clock.real_now())


def note_look(actor: Actor) -> None:
    """The same for somebody who only looked; a page that is fetched carries no form token."""
    with here().database.work() as session:
        pairing.note_wrong_code(session, actor.name, real_now=clock.real_now())


def approval_link(user_code: str) -> str:
    """Where whoever may approves the machine that shows this code."""
    return url_for("admin.devices", code=user_code, _external=True)


def sheet_of(session: Session, job: PrintJob) -> Sheet:
    """What a job puts on paper."""
    return paper.sheet_of(session, here().keys, job)


def bytes_of(sheet: Sheet) -> bytes:
    """A sheet as a slip printer reads it."""
    encode: Callable[[Sheet], bytes] = current_app.extensions["print_bytes"]
    return encode(sheet)


def itself(call: Call, *kinds: str) -> Device | None:
    """The machine this call comes from, if it is one of these kinds."""
    if call.actor.kind != "device" or call.actor.role not in kinds:
        return None
    return finding.device(call.session, call.actor.id)


def _waiting(call: Call, user_code: str) -> Pairing:
    """The machine that shows this code; UnknownCode, TooManyWrongCodes."""
    real_now = clock.real_now()
    pairing.refuse_guessing(call.session, call.actor.name, real_now=real_now)
    return pairing.waiting(call.session, user_code, real_now=real_now)
