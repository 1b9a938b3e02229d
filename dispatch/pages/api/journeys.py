"""Journeys: somebody follows an advice, counts as under way, and gives it up again."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from flask import Response
from pydantic import BaseModel, Field

from dispatch.catalogue import finding as catalogue
from dispatch.foundation.errors import NotFound, NotSignedIn
from dispatch.halls import finding as halls
from dispatch.halls.models import Hall
from dispatch.journeys import beginning, ending, finding
from dispatch.journeys.life import STATES
from dispatch.journeys.models import Journey
from dispatch.journeys.refusals import NoWayThere
from dispatch.pages.api.doors import api, door
from dispatch.pages.api.forms import Body, Code, IdPath
from dispatch.pages.api.words import OneOf
from dispatch.pages.shared.calls import Call, here, holder_secret, once
from dispatch.pages.shared.limiting import SETTING_OUT, slow_down
from dispatch.routing import keeping


class NewJourney(Body):
    """She goes where this option of a route leads."""

    route: Code = Field(description="the id that POST /routes told")
    rank: int = Field(ge=1, le=100, description="of the option, one that leads to a counter")


class Cancelling(BaseModel):
    """What gives the journey up, called with its secret."""

    method: Literal["DELETE"] = "DELETE"
    url: str


class JourneyShown(BaseModel):
    """Somebody under way. `secret` is told to whoever set out, and to nobody else: it matches her ticket, too."""

    id: str
    state: Annotated[str, OneOf(STATES)]
    hall: str
    queue: str
    arrives_at: datetime
    until: datetime
    cancel: Cancelling
    secret: str | None = None


@api.post("/journeys", **door("journeys", "anyone", JourneyShown, 404, 409, 429, status=201))
def begin_journey(body: NewJourney) -> Response:
    """She goes there: the hall counts her as under way until she stands in line, gives it up or is overdue.

    Of each route one journey at a time. Who she is, and from where, is not asked.
    """

    def do(call: Call) -> JourneyShown:
        slow_down(call.session, call.actor, "journey", SETTING_OUT)
        option = _option(call, body)
        place = halls.hall(call.session, option["hall"])
        taken = catalogue.taken_at(call.session, place.code, option["items"][0])
        if taken is None:
            raise NotFound(what=option["items"][0], field="rank")
        travel = timedelta(seconds=option["travel_s"])
        journey = beginning.begin(
            call.session,
            place,
            taken.queue,
            route=body.route,
            travel_s=travel.total_seconds(),
            leaves_at=datetime.fromisoformat(option["arrive_at"]) - travel,
            now=call.now,
            actor=call.actor,
        )
        return _shown(place, journey)

    return once(do, status=201, sealed=finding.SECRET)


@api.delete("/journeys/<string:id>", **door("journeys", "holder", None, 401, 403, 404, 409))
def cancel_journey(path: IdPath) -> Response:
    """She does not go after all; said again, nothing changes."""

    def do(call: Call) -> None:
        secret = holder_secret()
        if secret is None:
            raise NotSignedIn
        journey = finding.journey_of_holder(call.session, here().keys, path.id, secret)
        ending.cancel(call.session, journey, now=call.now, actor=call.actor)

    return once(do)


def _option(call: Call, body: NewJourney) -> dict[str, Any]:
    """The option of this rank; NotFound, or NoWayThere where it leads to no counter."""
    route = keeping.kept(call.session, body.route, now=call.now)
    option = next((each for each in route.options if each["rank"] == body.rank), None)
    if option is None:
        raise NotFound(what=str(body.rank), field="rank")
    if option["channel"] != "counter":
        raise NoWayThere(field="rank")
    return option


def _shown(place: Hall, journey: Journey) -> JourneyShown:
    zone = ZoneInfo(place.tz)
    return JourneyShown(
        id=journey.id,
        state=journey.state,
        hall=journey.hall,
        queue=journey.queue,
        arrives_at=journey.arrives_at.astimezone(zone),
        until=journey.until.astimezone(zone),
        cancel=Cancelling(url=f"/api/v1/journeys/{journey.id}"),
    )
