"""The tickets this browser holds: their ids and secrets, in a cookie no script can read."""

from flask import Response, request

from dispatch.pages.shared.calls import here, set_cookie
from dispatch.tickets.finding import SECRET

COOKIE = "tongban_tickets"
MOST = 8
DAYS = 2


def held() -> dict[str, str]:
    """Id and secret of every ticket in the cookie, the latest first; forged ones are left out."""
    pairs = (entry.partition("~")[::2] for entry in request.cookies.get(COOKIE, "").split("|"))
    return {ident: secret for ident, secret in pairs if ident and here().keys.holds(SECRET, ident, secret)}


def secret_for(ident: str) -> str:
    """The secret this browser brings for a ticket: in the address, or else in the cookie."""
    return request.args.get("s") or held().get(ident, "")


def hold(response: Response, ident: str, secret: str) -> None:
    """Put a ticket in front of those already held."""
    all_held = {ident: secret, **{known: its for known, its in held().items() if known != ident}}
    text = "|".join(f"{known}~{its}" for known, its in list(all_held.items())[:MOST])
    set_cookie(response, COOKIE, text, days=DAYS)
