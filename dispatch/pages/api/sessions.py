"""Signing staff in and out, and what somebody signed in is told of himself."""

from typing import Annotated

from flask import Response, jsonify
from pydantic import BaseModel, Field, StringConstraints

from dispatch.foundation import clock
from dispatch.foundation.errors import NotSignedIn
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Body, NewSession
from dispatch.pages.api.shapes import SessionShown
from dispatch.pages.shared.calls import Call, answer, bearer_token, effect, here
from dispatch.pages.shared.signing_in import prove, sign_in
from dispatch.people import accounts, otp
from dispatch.people.models import Account
from dispatch.people.refusals import OtpInForce, WrongPassword


class Caller(BaseModel):
    """Who one is signed in as, and what that allows at this moment."""

    id: str
    username: str
    role: str
    duty: str | None
    hall: str
    scope: str
    also: list[str] = Field(description="paths of halls where one is posted for now")
    permissions: list[str] = Field(description="held somewhere in one's scope")
    otp: bool = Field(description="whether a second factor is in force")


class OtpSecret(BaseModel):
    """What an authenticator is set up with."""

    otp_secret: str
    otp_uri: str


class RecoveryCodes(BaseModel):
    """One use each, shown this once."""

    recovery_codes: list[str]


class Otp(Body):
    """A code from the authenticator."""

    otp: Annotated[str, StringConstraints(min_length=6, max_length=40)]


class NewPassword(Body):
    """The old password and the one from now on."""

    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    new_password: Annotated[str, StringConstraints(min_length=8, max_length=200)]


@api.post("/sessions", **door("sessions", "anyone", SessionShown, 401, 429, status=201))
def new_session(body: NewSession) -> tuple[Response, int]:
    """Sign in with name, password and, where one is needed, a one-time code; 429 after repeated failures.

    Without the code 401 `otp_needed`. An administrator's first time answers 401 `otp_enrolment_needed` with
    `otp_secret` and `otp_uri`: signing in with a code made from it sets the second factor up.
    """
    entered = sign_in(here().database, here().keys, body.username, body.password, body.otp)
    shown = SessionShown(
        token=entered.token,
        role=entered.account.role,
        duty=entered.account.duty,
        hall=entered.account.hall,
        scope=entered.scope,
        expires_at=clock.real_now() + accounts.SESSION_LASTS,
        recovery_codes=entered.recovery_codes or None,
    )
    return jsonify(shown.model_dump(mode="json")), 201


@api.get("/sessions/current", **door("sessions", "self", Caller, 401))
def show_session() -> Response:
    """Who one is signed in as, and what that allows."""

    def read(call: Call) -> Caller:
        account = _own(call)
        return Caller(
            id=account.id,
            username=account.username,
            role=account.role,
            duty=account.duty,
            hall=account.hall,
            scope=account.scope,
            also=list(call.actor.also),
            permissions=sorted(call.actor.permissions),
            otp=account.enrolled_at is not None,
        )

    return answer(read)


@api.delete("/sessions/current", **door("sessions", "self", None, 401))
def end_session() -> Response:
    """Sign out."""
    token = bearer_token()
    if token is None:
        raise NotSignedIn
    with here().database.work() as session:
        accounts.actor_of(session, token, real_now=clock.real_now())
        accounts.sign_out(session, token, real_now=clock.real_now())
    return Response(status=204)


@api.post("/sessions/current/otp", **door("sessions", "self", OtpSecret, 401, 409))
def begin_otp() -> Response:
    """Begin to set up a second factor of one's own free will; `confirm` puts it in force."""
    with effect() as call:
        account = _own(call)
        if account.enrolled_at is not None:
            raise OtpInForce
        secret = otp.begin(call.session, here().keys, account)
        told = OtpSecret(otp_secret=secret, otp_uri=otp.uri(account, secret))
    return jsonify(told.model_dump())


@api.post("/sessions/current/otp/confirm", **door("sessions", "self", RecoveryCodes, 401, 409))
def confirm_otp(body: Otp) -> Response:
    """Put the second factor in force with a code made from its secret."""
    with effect() as call:
        account = _own(call)
        if account.enrolled_at is not None:
            raise OtpInForce
        otp.use(call.session, here().keys, account, body.otp, real_now=clock.real_now())
        account.enrolled_at = clock.real_now()
        told = RecoveryCodes(recovery_codes=otp.recovery_codes(call.session, account))
    return jsonify(told.model_dump())


@api.post("/sessions/current/password", **door("sessions", "self", None, 401, 429))
def change_password(body: NewPassword) -> Response:
    """Choose another password; every session of the account ends, this one too."""
    with effect() as call:
        username = _own(call).username
    proven = prove(here().database, username, body.password)
    with effect() as call:
        account = _own(call)
        right = account.password == proven
        if right:
            accounts.set_password(
                call.session,
                account,
                body.new_password,
                now=call.now,
                real_now=clock.real_now(),
                actor=call.actor,
            )
        else:
            accounts.note_failure(call.session, username, real_now=clock.real_now())
    if not right:
        raise WrongPassword(field="password")
    return Response(status=204)


def _own(call: Call) -> Account:
    if call.actor.kind != "staff":
        raise NotSignedIn
    return accounts.account(call.session, call.actor.id)
