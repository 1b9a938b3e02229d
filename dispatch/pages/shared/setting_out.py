"""Setting out for a hall as a route advised, the same for pages and for the API."""

from datetime import datetime, timedelta
from typing import Any

from dispatch.catalogue import finding as catalogue
from dispatch.foundation.errors import NotFound
from dispatch.halls import finding as halls
from dispatch.journeys import beginning
from dispatch.journeys.beginning import Stop
from dispatch.journeys.models import Journey
from dispatch.journeys.refusals import NoWayThere
from dispatch.pages.shared.calls import Call
from dispatch.pages.shared.limiting import SETTING_OUT, slow_down
from dispatch.routing import keeping
from dispatch.routing.models import Route


def set_out(call: Call, route: str, rank: int) -> Journey:
    """She goes where this option of a route leads. NotFound, NoWayThere, and whatever journeys refuses."""
    slow_down(call.session, call.actor, "journey", SETTING_OUT)
    found = keeping.kept(call.session, route, now=call.now)
    option = _option(found, rank)
    place = halls.hall(call.session, option["hall"])
    travel = timedelta(seconds=option["travel_s"])
    return beginning.begin(
        call.session,
        place,
        _stops(call, found, option),
        route=route,
        travel_s=travel.total_seconds(),
        mode=found.mode,
        leaves_at=datetime.fromisoformat(option["arrive_at"]) - travel,
        now=call.now,
        actor=call.actor,
    )


def hall_of(call: Call, route: str, rank: int) -> str:
    """The hall to which this option of a route leads. NotFound, NoWayThere."""
    hall: str = _option(keeping.kept(call.session, route, now=call.now), rank)["hall"]
    return hall


def _option(route: Route, rank: int) -> dict[str, Any]:
    """The option of this rank; NotFound, or NoWayThere where it leads to no counter."""
    option = next((each for each in route.options if each["rank"] == rank), None)
    if option is None:
        raise NotFound(what=str(rank), field="rank")
    if option["channel"] != "counter":
        raise NoWayThere(field="rank")
    return option


def _stops(call: Call, route: Route, option: dict[str, Any]) -> list[Stop]:
    """The queues that she joins there, each with what she wants of it."""
    lines: dict[str, list[dict[str, Any]]] = {}
    for wanted in route.items:
        if wanted["item"] in option["items"]:
            taken = catalogue.taken_at(call.session, option["hall"], wanted["item"])
            if taken is None:
                raise NotFound(what=wanted["item"], field="rank")
            lines.setdefault(taken.queue, []).append(wanted)
    arrive, finish = (datetime.fromisoformat(option[name]) for name in ("arrive_at", "finish_at"))
    return Stop.one_after_another(lines, (finish - arrive).total_seconds())
