"""好差评: given by the ticket's holder or at the window's small screen, read by who answers for the hall."""

from datetime import date
from typing import Annotated

from flask import Response
from pydantic import BaseModel, Field

from dispatch.foundation.access import require
from dispatch.foundation.errors import NotAllowed, NotSignedIn
from dispatch.halls import finding as halls
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Body, HallPath, IdPath, Query
from dispatch.pages.api.words import OneOf
from dispatch.pages.shared.calls import Call, answer, here, holder_secret, once
from dispatch.pages.shared.machines import device_at
from dispatch.tickets import finding, ratings
from dispatch.tickets.beside import GIVEN_BY, LEVELS, REASONS
from dispatch.tickets.models import Ticket

Level = Annotated[str, OneOf(LEVELS)]
Reason = Annotated[str, OneOf(REASONS)]
MOST_REASONS = 5


class NewRating(Body):
    """How it was, and why."""

    level: Level
    reasons: Annotated[list[Reason], Field(max_length=MOST_REASONS)] = []


class DayQuery(Query):
    """A service day; today's, if none is named."""

    day: date | None = None


class RatingShown(BaseModel):
    """One judgement."""

    ticket: str
    window: str
    level: Level
    reasons: list[Reason]
    given_by: Annotated[str, OneOf(GIVEN_BY)]


class WindowRatings(BaseModel):
    """How the services of one window were judged."""

    window: str
    name: str
    name_en: str
    finished: int
    rated: int
    levels: dict[str, int]


class HallRatings(BaseModel):
    """A day's judgements in a hall, by window, and how often each reason was named."""

    hall: str
    day: date
    finished: int
    rated: int
    levels: dict[str, int]
    reasons: dict[str, int]
    windows: list[WindowRatings]


@api.post(
    "/tickets/<string:id>/rating",
    **door(
        "ratings", "holder or staff", RatingShown, 401, 403, 404, 409, status=201, permission="ratings.give"
    ),
)
def rate_ticket(path: IdPath, body: NewRating) -> Response:
    """How was it? Once for each service, by the ticket's holder or at the window's small screen."""

    def do(call: Call) -> RatingShown:
        ticket, given_by = _ticket_and_giver(call, path.id)
        row = ratings.rate(
            call.session,
            ticket,
            body.level,
            body.reasons,
            given_by=given_by,
            now=call.now,
            actor=call.actor,
        )
        return RatingShown(
            ticket=row.ticket, window=row.window, level=row.level, reasons=row.reasons, given_by=row.given_by
        )

    return once(do, status=201)


@api.get(
    "/halls/<string:hall>/ratings",
    **door("ratings", "staff", HallRatings, 401, 403, 404, permission="ratings.see"),
)
def show_ratings(path: HallPath, query: DayQuery) -> Response:
    """A day's judgements, window by window; never one person's."""

    def read(call: Call) -> HallRatings:
        place = halls.hall(call.session, path.hall)
        require(call.actor, "ratings.see", place.path, field="hall")
        day = query.day or halls.service_day(call.session, place, call.now)
        tallies = ratings.tallies(call.session, place.code, day)
        named = {window.id: window for window in halls.windows_of(call.session, place.code)}
        return HallRatings(
            hall=place.code,
            day=day,
            finished=sum(tally.finished for tally in tallies),
            rated=sum(tally.rated for tally in tallies),
            levels={level: sum(tally.levels[level] for tally in tallies) for level in LEVELS},
            reasons=dict(ratings.reasons_of(call.session, place.code, day)),
            windows=[
                WindowRatings(
                    window=tally.window,
                    name=named[tally.window].name if tally.window in named else "",
                    name_en=named[tally.window].name_en if tally.window in named else "",
                    finished=tally.finished,
                    rated=tally.rated,
                    levels=dict(tally.levels),
                )
                for tally in tallies
            ],
        )

    return answer(read)


def _ticket_and_giver(call: Call, ident: str) -> tuple[Ticket, str]:
    """The ticket, for its holder or for a machine that stands at the window where it was served."""
    secret = holder_secret()
    if secret is not None:
        return finding.ticket_of_holder(call.session, here().keys, ident, secret), "holder"
    if call.actor.kind == "citizen":
        raise NotSignedIn
    if call.actor.kind != "device":
        raise NotAllowed(field="ticket")
    ticket = finding.ticket(call.session, ident)
    device_at(call, str(ticket.window))
    return ticket, "pad"
