"""Signing staff in and out."""

from flask import Response

from dispatch.foundation import clock
from dispatch.foundation.errors import NotSignedIn
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import NewSession
from dispatch.pages.api.shapes import SessionShown
from dispatch.pages.shared.calls import bearer_token, here
from dispatch.pages.shared.signing_in import sign_in
from dispatch.people import accounts


@api.post("/sessions", **door("sessions", "anyone", SessionShown, 401, 429, status=201))
def new_session(body: NewSession) -> tuple[dict[str, object], int]:
    """Sign in with name and password; 429 after repeated failures."""
    account, token = sign_in(here().database, body.username, body.password)
    shown = SessionShown(
        token=token,
        role=account.role,
        hall=account.hall,
        scope=account.scope,
        expires_at=clock.real_now() + accounts.SESSION_LASTS,
    )
    return shown.model_dump(mode="json"), 201


@api.delete("/sessions/current", **door("sessions", "staff", None, 401))
def end_session() -> Response:
    """Sign out."""
    token = bearer_token()
    if token is None:
        raise NotSignedIn
    with here().database.work() as session:
        accounts.actor_of(session, token, real_now=clock.real_now())
        accounts.sign_out(session, token)
    return Response(status=204)
