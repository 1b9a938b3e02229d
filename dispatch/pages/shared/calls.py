"""What every page and call begins with: who is it, in which language, in which transaction, at what time."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from flask import Response, current_app, g, request
from pydantic import BaseModel
from pydantic_core import to_json
from sqlalchemy.orm import Session

from dispatch.foundation import clock, idempotency
from dispatch.foundation.access import ANONYMOUS, Actor, require
from dispatch.foundation.database import Database
from dispatch.foundation.errors import BadInput, NotAllowed, NotSignedIn
from dispatch.foundation.ids import Keyring, digest
from dispatch.foundation.prepared import Soon
from dispatch.foundation.words import LANGUAGES, Language
from dispatch.halls.devices import tokens as devices
from dispatch.people import accounts

SESSION_COOKIE = accounts.COOKIE
DEVICE_COOKIE = devices.COOKIE
BROWSER_COOKIE = "tongban_browser"
LANGUAGE_COOKIE = "tongban_lang"
KEY_LENGTH = range(16, 201)
COOKIE_DAYS = 400

T = TypeVar("T")


@dataclass(frozen=True)
class Tongban:
    """What the app was put together from, for the pages to use."""

    database: Database
    keys: Keyring
    demo: bool
    secure_cookies: bool


@dataclass(frozen=True)
class Call:
    """One call by somebody: inside a transaction, at a moment of city time."""

    session: Session
    now: datetime
    actor: Actor
    ahead: Soon | None = None
    """What was asked together with who calls."""


class WeakKey(BadInput):
    """An anonymous caller's key must not be guessable, since whoever knows it gets the answer again."""

    code = "weak_idempotency_key"
    sentence = "Idempotency-Key 太容易猜到,请用至少 128 位的随机数"


def here() -> Tongban:
    """The city this request is for."""
    city: Tongban = current_app.extensions["tongban"]
    return city


def language() -> Language:
    """Chinese, unless the caller chose English: by the link, the cookie or the Accept-Language header."""
    for said in (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if said in LANGUAGES:
            return said
    best = request.accept_languages.best_match(["zh", "zh-CN", "en"], default="zh") if _is_api() else "zh"
    return "en" if best == "en" else "zh"


@contextmanager
def reading() -> Iterator[Call]:
    """A call that only reads."""
    with here().database.reading() as session:
        yield _call(session)


@contextmanager
def noting() -> Iterator[Call]:
    """A call that writes down what it answers and changes nothing else, so that nobody gains by forging it."""
    with here().database.work() as session:
        yield _call(session)


@contextmanager
def effect() -> Iterator[Call]:
    """A call that changes something, once, without an idempotency key: for forms of pages."""
    refuse_forged()
    with here().database.work() as session:
        yield _call(session)


def answer(do: Callable[[Call], BaseModel]) -> Response:
    """The answer to a GET: what `do` reads, as JSON."""
    with reading() as call:
        return _json(do(call).model_dump(mode="json"), 200)


def once(
    do: Callable[[Call], BaseModel | None],
    *,
    status: int = 200,
    sealed: str | None = None,
    kept: bool = True,
    ahead: Callable[[Session], Soon] | None = None,
) -> Response:
    """The answer to a POST: its effect in one transaction, and with an Idempotency-Key only ever once.

    None is answered as 204. The holder's secret of the kind `sealed` is added to the answer, never stored. An answer
    that may not be `kept`, since it says what is known of a person, is made anew each time. What is asked of the
    database whoever calls may go `ahead`, together with who it is; somebody without a token is judged first.
    """
    refuse_forged()
    with here().database.work() as session:
        call = _call(session, ahead if bearer_token() else None)
        key = _key(call.actor) if kept else None
        before = idempotency.replay(session, key, now=clock.real_now()) if key else None
        if before is not None:
            return _json(_unsealed(before.answer, sealed), before.status)
        done = do(call)
        told = None if done is None else done.model_dump(mode="json", exclude={"secret"})
        code = 204 if done is None else status
        if key:
            idempotency.keep(session, key, code, told, now=clock.real_now())
    return _json(_unsealed(told, sealed), code)


def who(session: Session) -> Actor:
    """Who calls: by bearer token, by the session's cookie, by the device's; otherwise anybody."""
    if token := bearer_token():
        return _bearer(session, token)
    if "Authorization" in request.headers and holder_secret() is None:
        raise NotSignedIn
    for cookie in (SESSION_COOKIE, DEVICE_COOKIE):
        if token := request.cookies.get(cookie, ""):
            try:
                return _bearer(session, token)
            except NotSignedIn:
                continue  # an expired cookie makes one a stranger, not an intruder
    return ANONYMOUS


def bearer_token() -> str | None:
    """The token of a session or device, if the caller came with one."""
    return _credential("bearer")


def holder_secret() -> str | None:
    """The secret of a ticket or booking, if the caller came with one."""
    return _credential("ticket")


def form_token() -> str:
    """What a form must bring back, bound to this browser."""
    return here().keys.secret_of("form", browser())


def browser() -> str:
    """A random name for this browser, kept in a cookie; it says nothing about the person."""
    if "browser" not in g:
        g.browser = request.cookies.get(BROWSER_COOKIE) or secrets.token_urlsafe(18)
    name: str = g.browser
    return name


def refuse_forged() -> None:
    """NotAllowed for a write that a foreign page made this browser send."""
    rides_on_cookies = "Authorization" not in request.headers and (
        not _is_api() or any(name in request.cookies for name in (SESSION_COOKIE, DEVICE_COOKIE))
    )
    if not rides_on_cookies:
        return
    brought = request.headers.get("X-CSRF-Token") or request.form.get("form_token", "")
    if not here().keys.holds("form", request.cookies.get(BROWSER_COOKIE, ""), brought):
        raise NotAllowed(field="X-CSRF-Token")


def set_cookie(
    response: Response, name: str, value: str, *, days: int = COOKIE_DAYS, http_only: bool = True
) -> None:
    """A cookie as all of ours are: not for scripts, not for other sites."""
    response.set_cookie(
        name,
        value,
        max_age=days * 86400,
        httponly=http_only,
        samesite="Lax",
        secure=here().secure_cookies,
    )


def _credential(wanted: str) -> str | None:
    scheme, _, said = request.headers.get("Authorization", "").partition(" ")
    return said.strip() if scheme.lower() == wanted else None


def _call(session: Session, ahead: Callable[[Session], Soon] | None = None) -> Call:
    asked = ahead(session) if ahead else None
    actor = who(session)
    g.actor_kind = actor.kind
    call = Call(session, clock.this_moment(session), actor, asked)
    _refuse_at_the_door(call.actor)
    return call


def _refuse_at_the_door(actor: Actor) -> None:
    """The one place where a route's permission is asked for; at which hall, its verb requires."""
    permission = g.get("permission")
    if permission is None or (g.get("for_holders") and holder_secret() is not None):
        return
    require(actor, permission)


def _bearer(session: Session, token: str) -> Actor:
    if token.startswith(devices.TOKEN_MARK):
        return devices.actor_of(session, token, real_now=clock.real_now())
    return accounts.actor_of(session, token, real_now=clock.real_now())


def _is_api() -> bool:
    return request.path.startswith("/api/")


def _key(actor: Actor) -> idempotency.Once | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not key.strip() or len(key) > KEY_LENGTH[-1] or not key.isascii() or not key.isprintable():
        raise BadInput(reason=f"1–{KEY_LENGTH[-1]} ASCII", field="Idempotency-Key")
    principal = actor.name
    if actor is ANONYMOUS:
        if len(key) < KEY_LENGTH[0] or len(set(key)) < 8:
            raise WeakKey(field="Idempotency-Key")
        principal = f"{actor.name}:{digest(holder_secret() or '')}"
    body = request.get_json(silent=True) if request.is_json else None
    return idempotency.Once.of(principal, request.method, request.path, key, body)


def _unsealed(told: Any, kind: str | None) -> Any:  # noqa: ANN401 - a JSON value
    if kind is None or told is None:
        return told
    return {**told, "secret": here().keys.secret_of(kind, told["id"])}


def _json(told: Any, status: int) -> Response:  # noqa: ANN401 - a JSON value
    if status == 204:
        return Response(status=204)
    return Response(to_json(told), status, mimetype="application/json")
