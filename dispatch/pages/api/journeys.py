"""Journeys: somebody follows an advice, counts as under way, and gives it up again."""

from datetime import datetime
from functools import partial
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from flask import Response
from pydantic import BaseModel, Field

from dispatch.foundation.access import require
from dispatch.foundation.errors import NotSignedIn
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.journeys import ending, finding, staying
from dispatch.journeys.life import STATES
from dispatch.journeys.models import Journey
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Body, Code, IdPath, Query
from dispatch.pages.api.routing_shapes import ReasonShown
from dispatch.pages.api.shapes import Waiting
from dispatch.pages.api.words import OneOf
from dispatch.pages.shared import referring
from dispatch.pages.shared.calls import Call, answer, here, holder_secret, language, once
from dispatch.pages.shared.setting_out import set_out
from dispatch.ports.maps import Mode
from dispatch.routing.referring import Offer
from dispatch.routing.weighing import Refused, Weighed
from dispatch.routing.wording import Reason
from dispatch.waits import finding as waits

SEES = "tickets.see"


class NewJourney(Body):
    """She goes where this option of a route leads."""

    route: Code = Field(description="the id that POST /routes told")
    rank: int = Field(ge=1, le=100, description="of the option, one that leads to a counter")


class ItemWanted(BaseModel):
    """An item, and how often."""

    item: str
    count: int


class Cancelling(BaseModel):
    """What gives the journey up, called with its secret."""

    method: Literal["DELETE"] = "DELETE"
    url: str


class JourneyShown(BaseModel):
    """Somebody under way. `secret` is told to whoever set out, and to nobody else: it matches her ticket, too.

    `queue` is the first that she joins there, `items` are for all of them. A place in line that stays hers until she
    is there is `from_ticket`, in `from_hall`; `ticket` is the one that she took in the end.
    """

    id: str
    state: Annotated[str, OneOf(STATES)]
    hall: str
    queue: str
    items: list[ItemWanted]
    from_hall: str | None
    from_ticket: str | None
    ticket: str | None
    arrives_at: datetime
    until: datetime
    cancel: Cancelling
    secret: str | None = None


class Instead(Waiting):
    """Another hall where she is done sooner, by `saves_s` at least; `travel_s` is how long the way is at most."""

    hall: str
    name: str
    name_en: str
    saves_s: int
    travel_s: int
    finish_at: datetime


class JourneyStanding(JourneyShown, Waiting):
    """How it stands: the wait for when she is there, and when she is done; or `reasons` why she cannot be, today.

    `switch` is a hall that is worth a change of plan, null where none is. All of it is null for a journey that is over.
    """

    finish_at: datetime | None
    reasons: list[ReasonShown]
    switch: Instead | None


class JourneyQuery(Query):
    """How she goes, should another hall be better: by default as when she set out, or by bus."""

    travel_mode: Mode | None = None


class Elsewhere(Body):
    """The hall that she goes to, and how: by default as when she set out, or by bus."""

    hall: Code
    travel_mode: Mode | None = None


class PassedOver(Body):
    """A hall that she was told of and will not go to."""

    hall: Code


@api.post("/journeys", **door("journeys", "anyone", JourneyShown, 404, 409, 429, status=201))
def begin_journey(body: NewJourney) -> Response:
    """She goes there: the hall counts her as under way until she stands in line, gives it up or is overdue.

    Of each route one journey at a time. Who she is, and from where, is not asked.
    """

    def do(call: Call) -> JourneyShown:
        journey = set_out(call, body.route, body.rank)
        return shown(halls.hall(call.session, journey.hall), journey)

    return once(do, status=201, sealed=finding.SECRET)


@api.get(
    "/journeys/<string:id>",
    **door("journeys", "holder or staff", JourneyStanding, 401, 403, 404, permission="tickets.see"),
)
def show_journey(path: IdPath, query: JourneyQuery) -> Response:
    """How a journey stands, for its holder or for staff of its hall, or of that where she keeps a place."""
    found = referring.underway(partial(_seen, path.id), query.travel_mode)
    return answer(lambda call: _standing(call, found))


@api.post(
    "/journeys/<string:id>/switch",
    **door("journeys", "holder", JourneyShown, 401, 403, 404, 409, 429, status=201),
)
def switch_journey(path: IdPath, body: Elsewhere) -> Response:
    """She goes to another hall instead: another journey, with a secret of its own. The first ends within seconds."""
    there = referring.way_instead(partial(_held, path.id), body.hall, body.travel_mode)

    def do(call: Call) -> JourneyShown:
        journey = referring.go_instead(call, _held(path.id, call), there, body.travel_mode)
        return shown(halls.hall(call.session, journey.hall), journey)

    return once(do, status=201, sealed=finding.SECRET)


@api.post(
    "/journeys/<string:id>/stay",
    **door("journeys", "holder", JourneyShown, 401, 403, 404, 409),
)
def stay_on_journey(path: IdPath, body: PassedOver) -> Response:
    """She goes on as she meant to: of this hall she is not told again. Said again, nothing changes."""

    def do(call: Call) -> JourneyShown:
        journey = _held(path.id, call)
        staying.pass_over(call.session, journey, halls.hall(call.session, body.hall))
        return shown(halls.hall(call.session, journey.hall), journey)

    return once(do)


@api.delete("/journeys/<string:id>", **door("journeys", "holder", None, 401, 403, 404, 409))
def cancel_journey(path: IdPath) -> Response:
    """She does not go after all; said again, nothing changes."""

    def do(call: Call) -> None:
        ending.cancel(call.session, _held(path.id, call), now=call.now, actor=call.actor)

    return once(do)


def _held(ident: str, call: Call) -> Journey:
    """The journey of whoever came with its secret."""
    secret = holder_secret()
    if secret is None:
        raise NotSignedIn
    return finding.journey_of_holder(call.session, here().keys, ident, secret)


def _seen(ident: str, call: Call) -> Journey:
    """The same, or that of somebody who goes to, or comes from, a hall of these staff."""
    if holder_secret() is not None:
        return _held(ident, call)
    require(call.actor, SEES, field="journey")
    journey = finding.journey(call.session, ident)
    places = [halls.hall(call.session, code) for code in (journey.hall, journey.from_hall) if code]
    if not any(call.actor.may(SEES, place.path) for place in places):
        require(call.actor, SEES, places[0].path, field="journey")
    return journey


def _standing(call: Call, found: referring.Underway) -> JourneyStanding:
    lang, going = language(), found.going
    place = halls.hall(call.session, found.journey.hall)
    told = shown(place, found.journey).model_dump()
    if isinstance(going, Weighed):
        how = {**waits.plain(going.foretold), "finish_at": going.finish_at.astimezone(ZoneInfo(place.tz))}
        return JourneyStanding(
            **told, **how, reasons=[], switch=instead(found.switch) if found.switch else None
        )
    why = going.reasons if isinstance(going, Refused) else [Reason("closed")]
    over = found.journey.state != "under_way"
    reasons = [] if over else [ReasonShown(code=each.code, text=each.said(lang)) for each in why]
    return JourneyStanding(
        **told, wait=None, unknown_because=None, finish_at=None, reasons=reasons, switch=None
    )


def instead(offer: Offer) -> Instead:
    """Another hall, as it is told of."""
    site, there = offer.there.candidate.site, offer.there
    return Instead(
        hall=site.code,
        name=site.name,
        name_en=site.name_en,
        saves_s=round(offer.saves_s),
        travel_s=round(there.trip.travel_s),
        finish_at=there.finish_at.astimezone(site.zone),
        **waits.plain(there.foretold),
    )


def shown(place: Hall, journey: Journey) -> JourneyShown:
    """A journey, in its hall's own time."""
    zone = ZoneInfo(place.tz)
    return JourneyShown(
        id=journey.id,
        state=journey.state,
        hall=journey.hall,
        queue=journey.queue,
        items=[ItemWanted(**each) for stop in journey.stops for each in stop["items"]],
        from_hall=journey.from_hall,
        from_ticket=journey.from_ticket,
        ticket=journey.ticket,
        arrives_at=journey.arrives_at.astimezone(zone),
        until=journey.until.astimezone(zone),
        cancel=Cancelling(url=f"/api/v1/journeys/{journey.id}"),
    )
