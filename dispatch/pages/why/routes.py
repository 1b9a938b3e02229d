"""The page that says why one number was before another."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, url_for

from dispatch.foundation.access import require
from dispatch.foundation.words import translate
from dispatch.halls import finding as halls
from dispatch.pages.citizen import holding
from dispatch.pages.shared.calls import Call, here, language, reading
from dispatch.pages.shared.why import sentence
from dispatch.tickets import explaining
from dispatch.tickets import finding as tickets
from dispatch.tickets.models import Ticket

LONGEST_NUMBER = 10

blueprint = Blueprint("why", __name__, template_folder="templates")


@dataclass(frozen=True)
class Told:
    """An answer as it is read: which is first, since when that is so and at which window, and the sentences."""

    other: str
    first: str
    at: str
    window: str | None
    sentences: list[str]


@blueprint.get("/ticket/<ident>/why")
def why(ident: str) -> str:
    """Why another number was before this one; without one, the question for it."""
    number = request.args.get("number", "").strip().upper()[:LONGEST_NUMBER]
    secret = holding.TICKETS.secret_for(ident)
    with reading() as call:
        mine = _ticket(call, ident, secret)
        told, trouble = _answer(call, mine, number) if number else (None, "")
    return render_template(
        "why/why.html",
        mine=mine.number,
        number=number,
        told=told,
        trouble=trouble,
        secret=request.args.get("s", ""),
        back=url_for("citizen.ticket", ident=ident, s=request.args.get("s")) if secret else None,
    )


def _answer(call: Call, mine: Ticket, number: str) -> tuple[Told | None, str]:
    """The answer, or the sentence that says why there is none."""
    other = tickets.by_number(call.session, mine.hall, number, mine.service_day)
    if other is None:
        return None, translate(language(), "今天没有 %(number)s 这个号", number=number)
    if other.id == mine.id:
        return None, translate(language(), "问的就是这个号本身,请输入另一个号码")
    tz = halls.hall(call.session, mine.hall).tz
    found = explaining.explain(call.session, mine, other, now=call.now)
    lines = [
        sentence(language(), reason, mine=mine.number, other=other.number, tz=tz) for reason in found.reasons
    ]
    at = found.at.astimezone(ZoneInfo(tz)).strftime("%H:%M")
    return Told(other.number, found.first, at, found.window, lines), ""


def _ticket(call: Call, ident: str, secret: str) -> Ticket:
    """The ticket, for staff of its hall or for its holder."""
    if call.actor.kind == "staff" and not secret:
        ticket = tickets.ticket_for(call.session, call.actor, ident)
        require(call.actor, "tickets.see", halls.hall(call.session, ticket.hall).path, field="ticket")
        return ticket
    return tickets.ticket_of_holder(call.session, here().keys, ident, secret)
