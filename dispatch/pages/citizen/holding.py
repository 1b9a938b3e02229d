"""What this browser holds, its tickets and its ways: ids and secrets, in cookies no script can read."""

from dataclasses import dataclass

from flask import Response, request

from dispatch.journeys import finding as journeys
from dispatch.pages.shared.calls import here, set_cookie
from dispatch.tickets import finding as tickets

MOST = 8
DAYS = 2


@dataclass(frozen=True)
class Pocket:
    """The cookie for things of one kind; `kind` is that of their secrets."""

    cookie: str
    kind: str

    def held(self) -> dict[str, str]:
        """Id and secret of each, the latest first; forged ones are left out."""
        pairs = (entry.partition("~")[::2] for entry in request.cookies.get(self.cookie, "").split("|"))
        return {
            ident: secret for ident, secret in pairs if ident and here().keys.holds(self.kind, ident, secret)
        }

    def secret_for(self, ident: str) -> str:
        """The secret this browser brings for one: in the address, or else in the cookie."""
        return request.args.get("s") or self.held().get(ident, "")

    def hold(self, response: Response, ident: str) -> None:
        """Put one in front of those already held."""
        others = {known: its for known, its in self.held().items() if known != ident}
        together = {ident: here().keys.secret_of(self.kind, ident), **others}
        text = "|".join(f"{known}~{its}" for known, its in list(together.items())[:MOST])
        set_cookie(response, self.cookie, text, days=DAYS)


TICKETS = Pocket("tongban_tickets", tickets.SECRET)
JOURNEYS = Pocket("tongban_journeys", journeys.SECRET)
